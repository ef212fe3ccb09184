//! The frame around every route: who is it, does the route exist, may they, then the handler; errors become pages or
//! problem documents, and every answer gets its headers.

use std::future::Future;
use std::sync::Arc;

use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Error as PoemError, IntoResponse, Request, Response};

use super::access::{Access, Found, Table};
use super::error::Bad;
use super::metrics::Metrics;
use super::ui::{Entry, Ui, Visitor, cookie, read_cookie};
use crate::core::{Error, Lang, Msg};
use crate::db::Cx;

tokio::task_local! { static LANG: Lang; }

/// The language of the request being answered; Chinese outside of one.
#[must_use]
pub fn current_lang() -> Lang {
    LANG.try_with(|l| *l).unwrap_or_default()
}

/// Finds out who sent a request; `auth` implements it.
pub trait Authenticate: Send + Sync + 'static {
    /// An unknown or expired login is a visitor without an actor, not an error.
    ///
    /// # Errors
    /// What the database reports.
    fn visitor(&self, cx: &Cx, req: &Request) -> impl Future<Output = crate::core::Result<Visitor>> + Send;
}

/// What is the same for every request: the permission table, the menu, the counters.
#[derive(Debug)]
pub struct Site {
    pub table: Table,
    pub nav: &'static [Entry],
    pub metrics: Metrics,
}

/// How errors look.
#[derive(Clone, Copy)]
pub enum Skin {
    /// Pages; a visitor who must sign in first is led there and back.
    Page,
    /// The API: the function makes a problem document.
    Api(fn(&Ui, PoemError) -> Response),
}

/// The endpoint around pages or API.
pub struct Frame<E, A> {
    pub cx: Cx,
    pub site: Arc<Site>,
    pub auth: A,
    pub skin: Skin,
    pub inner: E,
}

/// With a one-time password only these open: change it, sign out, choose the language.
const WITH_ONE_TIME_PASSWORD: &[&str] = &["/account/password", "/sign-out", "/language"];

/// Neither scripts nor styles nor anything else from elsewhere, none inline.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                   connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

impl<E: Endpoint, A: Authenticate> Endpoint for Frame<E, A> {
    type Output = Response;

    async fn call(&self, req: Request) -> poem::Result<Response> {
        let begun = std::time::Instant::now();
        let path = req.uri().path().to_owned();
        let found = self.site.table.find(req.method().as_str(), &path);
        let route = if let Found::Rule(rule) = &found { rule.1 } else { "unknown" };
        let method = req.method().clone();
        let (visitor, failed) = match self.auth.visitor(&self.cx, &req).await {
            Ok(visitor) => (visitor, None),
            Err(e) => (Visitor::default(), Some(e)),
        };
        let lang = visitor.lang;
        let flash = read_cookie(&req, "yz_flash");
        let ui = self.ui(&req, path, visitor, flash.as_deref());
        let mut response = LANG
            .scope(lang, async {
                let result = match failed {
                    Some(e) => Err(e.into()),
                    None => self.answer(req, &ui, found).await,
                };
                result.unwrap_or_else(|e| self.error(&ui, &method, e))
            })
            .await;
        self.finish(&ui, &method, flash.is_some(), &mut response);
        self.site.metrics.count(method.as_str(), route, response.status().as_u16(), begun.elapsed());
        Ok(response)
    }
}

impl<E: Endpoint, A: Authenticate> Frame<E, A> {
    fn ui(&self, req: &Request, path: String, visitor: Visitor, flash: Option<&str>) -> Ui {
        use base64::Engine;
        let flash: Option<Msg> = flash
            .and_then(|f| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(f).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .filter(|m: &Msg| crate::core::i18n::has(Lang::ZhCn, &m.key));
        let here = req.uri().path_and_query().map_or_else(|| path.clone(), ToString::to_string);
        let back =
            if req.method() == Method::GET { here.clone() } else { came_from(req).unwrap_or_else(|| "/".to_owned()) };
        Ui { cx: self.cx.clone(), visitor: Arc::new(visitor), site: self.site.clone(), path, here, back, flash }
    }

    async fn answer(&self, mut req: Request, ui: &Ui, found: Found) -> poem::Result<Response> {
        let rule = match found {
            Found::Rule(rule) => rule,
            Found::Nothing => return Err(Error::not_found("error-not-found").into()),
            Found::OtherMethods(_) => return Err(Bad::Method.into()),
        };
        if !rule.2.allows(ui.who()) {
            return Err(if ui.who().is_none() { Error::Unauthenticated } else { Error::Forbidden }.into());
        }
        if ui.who().is_some_and(|a| a.one_time) && rule.2 != Access::Public && !WITH_ONE_TIME_PASSWORD.contains(&rule.1)
        {
            return match self.skin {
                Skin::Page => Ok(super::redirect("/account/password")),
                Skin::Api(_) => Err(Error::Forbidden.into()),
            };
        }
        req.extensions_mut().insert(ui.clone());
        Ok(self.inner.call(req).await?.into_response())
    }

    fn error(&self, ui: &Ui, method: &Method, error: PoemError) -> Response {
        let sign_in = error.status() == StatusCode::UNAUTHORIZED && method == Method::GET;
        match self.skin {
            Skin::Api(problem) => problem(ui, error),
            Skin::Page if sign_in => super::redirect(&format!("/sign-in?to={}", super::percent(&ui.here))),
            Skin::Page => super::error::page(ui, &error),
        }
    }

    fn finish(&self, ui: &Ui, method: &Method, had_flash: bool, response: &mut Response) {
        let is_page =
            response.content_type().is_some_and(|t| t.starts_with("text/html")) && matches!(self.skin, Skin::Page);
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_SECURITY_POLICY, CSP),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "same-origin"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
            // Pages hold personal data: no proxy and no back button after signing out may show them.
            (header::CACHE_CONTROL, "no-store"),
        ] {
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        let settings = &self.cx.settings;
        if let Some(visit) = ui.visitor.new_visit.as_ref().filter(|_| is_page && method == Method::GET)
            && let Ok(v) = cookie("yz_visit", visit, settings, None).parse()
        {
            headers.append(header::SET_COOKIE, v);
        }
        if had_flash
            && is_page
            && let Ok(v) = cookie("yz_flash", "", settings, Some(0)).parse()
        {
            headers.append(header::SET_COOKIE, v);
        }
    }
}

/// The page of this site that a request was sent from, by its path and query. A browser that tells less (or another site)
/// gives none.
fn came_from(req: &Request) -> Option<String> {
    let from: poem::http::Uri = req.header(header::REFERER)?.parse().ok()?;
    let here = req.header(header::HOST)?;
    let path = from.path_and_query()?.as_str();
    (from.authority()?.as_str() == here && path.starts_with('/') && !path.starts_with("//")).then(|| path.to_owned())
}
