//! What a page handler and its template know about the request: who asks, in which language, what they may open.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use poem::http::header;
use poem::{FromRequest, Request, RequestBody, Response};
use subtle::ConstantTimeEq;

use super::frame::Site;
use crate::core::{Actor, Error, Lang, Msg, Role, civil, i18n};
use crate::db::Cx;

/// Who sent the request; made by `auth` once per request.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    pub actor: Option<Actor>,
    pub lang: Lang,
    /// What CSRF tokens are bound to: the login session, or the visit cookie before signing in.
    pub csrf_seed: String,
    /// The row of the login session, absent for API tokens.
    pub session_id: Option<i64>,
    /// A visit cookie to be set with the answer.
    pub new_visit: Option<String>,
}

/// One line of the menu. `label` is a text key, `icon` a name of `web/icons.html`; `roles` empty means every role that
/// may open the path, otherwise only these see the line.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub path: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
    pub roles: &'static [Role],
}

/// A menu line ready to be shown.
#[derive(Clone, Debug)]
pub struct NavItem {
    pub path: &'static str,
    pub text: String,
    pub icon: &'static str,
    pub current: bool,
}

/// Extractor for pages; cheap to clone. Templates call its methods.
#[derive(Clone)]
pub struct Ui {
    pub cx: Cx,
    pub visitor: Arc<Visitor>,
    pub site: Arc<Site>,
    /// Path of the request, without query.
    pub path: String,
    /// Path and query, to come back to.
    pub here: String,
    /// The page to go back to after an error: the one that was asked for, or the one whose form was sent.
    pub back: String,
    /// A notice left by the request before ([`Ui::see`]).
    pub flash: Option<Msg>,
}

impl Ui {
    /// The signed-in user.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] on a public page without a login.
    pub fn actor(&self) -> Result<&Actor, Error> {
        self.visitor.actor.as_ref().ok_or(Error::Unauthenticated)
    }

    /// Signed in as one of those who enter and import: administrators and trainers.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.who().is_some_and(|a| a.is(&[crate::core::Role::Administrator, crate::core::Role::Trainer]))
    }

    #[must_use]
    pub fn who(&self) -> Option<&Actor> {
        self.visitor.actor.as_ref()
    }

    #[must_use]
    pub fn lang(&self) -> Lang {
        self.visitor.lang
    }

    /// `zh-CN` or `en`, for `<html lang>`.
    #[must_use]
    pub fn tag(&self) -> &'static str {
        self.visitor.lang.tag()
    }

    /// The text of a key.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        i18n::text(self.lang(), key, &[])
    }

    /// The text of a key with one argument.
    #[must_use]
    pub fn t1(&self, key: &str, name: &str, value: impl ToString) -> String {
        self.ta(key, &[(name, value.to_string())])
    }

    /// The text of a key with arguments.
    #[must_use]
    pub fn ta(&self, key: &str, args: &[(&str, String)]) -> String {
        let args: Vec<(String, String)> = args.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
        i18n::text(self.lang(), key, &args)
    }

    #[must_use]
    pub fn msg(&self, msg: &Msg) -> String {
        msg.text(self.lang())
    }

    /// An instant as "2026-03-01 09:00" in the configured zone.
    #[must_use]
    pub fn show(&self, at: &DateTime<Utc>) -> String {
        civil::show(*at, self.cx.zone())
    }

    /// As [`Ui::show`]; an absent instant is a dash.
    #[must_use]
    pub fn show_opt(&self, at: &Option<DateTime<Utc>>) -> String {
        at.map_or_else(|| "–".to_owned(), |at| civil::show(at, self.cx.zone()))
    }

    /// A civil date, a dash when absent.
    #[must_use]
    pub fn date(&self, date: &Option<NaiveDate>) -> String {
        date.map_or_else(|| "–".to_owned(), |d| d.to_string())
    }

    /// First and last day: "2026-03-02 – 06-26" within a year, both in full otherwise; a dash for one that is open.
    #[must_use]
    pub fn days(&self, first: &Option<NaiveDate>, last: &Option<NaiveDate>) -> String {
        match (first, last) {
            (None, None) => "–".to_owned(),
            (Some(a), Some(b)) if a == b => a.to_string(),
            (Some(a), Some(b)) if a.year() == b.year() => format!("{a} – {}", b.format("%m-%d")),
            _ => format!("{} – {}", self.date(first), self.date(last)),
        }
    }

    /// Minutes as hours, as the log sheets write them: "7.5".
    #[must_use]
    pub fn hours(&self, minutes: &i64) -> String {
        civil::hours(*minutes)
    }

    /// Whether this visitor may open the route, by the permission table: menus and buttons show only what will open.
    #[must_use]
    pub fn can(&self, method: &str, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or(path);
        match self.site.table.find(method, path) {
            super::access::Found::Rule(rule) => rule.2.allows(self.who()),
            _ => false,
        }
    }

    /// The menu for this visitor.
    #[must_use]
    pub fn nav(&self) -> Vec<NavItem> {
        let Some(actor) = self.who().filter(|a| !a.one_time) else { return Vec::new() };
        self.site
            .nav
            .iter()
            .filter(|e| (e.roles.is_empty() || actor.is(e.roles)) && self.can("GET", e.path))
            .map(|e| NavItem {
                path: e.path,
                text: self.t(e.label),
                icon: e.icon,
                current: self.path == e.path || (e.path != "/" && self.path.starts_with(&format!("{}/", e.path))),
            })
            .collect()
    }

    /// The name of the authority in the reader's language.
    #[must_use]
    pub fn authority(&self) -> &str {
        match self.lang() {
            Lang::ZhCn => &self.cx.settings.authority.zh,
            Lang::En => &self.cx.settings.authority.en,
        }
    }

    /// The address of a built-in asset.
    #[must_use]
    pub fn asset(&self, name: &str) -> &'static str {
        super::assets::url(name)
    }

    /// The CSRF token of this visitor; forms carry it in the field `csrf`.
    #[must_use]
    pub fn csrf(&self) -> String {
        self.cx.seal.sign("csrf", &self.visitor.csrf_seed)
    }

    /// Whether a token sent is the right one; compares in constant time.
    #[must_use]
    pub fn csrf_fits(&self, sent: &str) -> bool {
        !self.visitor.csrf_seed.is_empty() && bool::from(self.csrf().as_bytes().ct_eq(sent.as_bytes()))
    }

    /// 303 to a page that shows `notice` at its top.
    #[must_use]
    pub fn see(&self, to: &str, notice: &Msg) -> Response {
        use base64::Engine;
        let json = serde_json::to_vec(notice).unwrap_or_default();
        let value = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json);
        let mut response = super::redirect(to);
        if let Ok(v) = cookie("yz_flash", &value, self.cx.settings.as_ref(), Some(60)).parse() {
            response.headers_mut().append(header::SET_COOKIE, v);
        }
        response
    }
}

/// A `Set-Cookie` value: HttpOnly, SameSite=Lax, Secure when the public address is https; `max_age` in seconds, absent
/// for the browser's session.
#[must_use]
pub fn cookie(name: &str, value: &str, settings: &crate::core::config::Settings, max_age: Option<i64>) -> String {
    let age = max_age.map_or_else(String::new, |s| format!("; Max-Age={s}"));
    let secure = if settings.public_url().starts_with("https:") { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}")
}

/// The value of a cookie of the request.
#[must_use]
pub fn read_cookie(req: &Request, name: &str) -> Option<String> {
    req.headers().get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';')).find_map(
        |pair| {
            let (n, v) = pair.trim().split_once('=')?;
            (n == name && !v.is_empty()).then(|| v.to_owned())
        },
    )
}

impl<'a> FromRequest<'a> for Ui {
    async fn from_request(req: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(req.extensions().get::<Self>().cloned().ok_or_else(|| Error::internal("a page outside the frame"))?)
    }
}

impl<'a> FromRequest<'a> for Cx {
    async fn from_request(req: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(req
            .extensions()
            .get::<Ui>()
            .map(|ui| ui.cx.clone())
            .ok_or_else(|| Error::internal("a handler outside the frame"))?)
    }
}
