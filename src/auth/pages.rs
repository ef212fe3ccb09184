//! Sign in, sign out, language, own account.

use askama::Template;
use poem::http::header;
use poem::web::Path;
use poem::{Request, Response, handler};
use serde::Deserialize;

use super::entity::{account, api_token, login_session};
use super::{ops, session, tokens};
use crate::core::{Error, Lang, Msg};
use crate::web::{self, Errors, Form, Pages, Query, Ui, ui::cookie};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/sign-in", sign_in_form)
        .post("/sign-in", sign_in)
        .post("/sign-out", sign_out)
        .post("/language", language)
        .get("/account", account_page)
        .get("/account/password", password_form)
        .post("/account/password", password_change)
        .post("/account/sign-out-everywhere", everywhere)
        .post("/account/tokens", token_create)
        .post("/account/tokens/:id/revoke", token_revoke)
}

#[derive(Template)]
#[template(path = "auth/pages/sign_in.html")]
struct SignInPage {
    ui: Ui,
    to: String,
    login: String,
    errors: Errors,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct To {
    to: Option<String>,
}

/// A path of this site to go on to; anything else leads to the start page, so that no link can lead out.
fn inside(to: Option<&str>) -> String {
    to.filter(|t| t.starts_with('/') && !t.starts_with("//") && !t.contains(['\\', '\r', '\n']))
        .unwrap_or("/")
        .to_owned()
}

#[handler]
async fn sign_in_form(ui: Ui, Query(q): Query<To>) -> web::Result<Response> {
    let to = inside(q.to.as_deref());
    if ui.who().is_some() {
        return Ok(web::redirect(&to));
    }
    web::html(&SignInPage { ui, to, login: String::new(), errors: Errors::default() })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SignInForm {
    login: String,
    password: String,
    to: Option<String>,
}

#[handler]
async fn sign_in(ui: Ui, req: &Request, Form(form): Form<SignInForm>) -> web::Result<Response> {
    let to = inside(form.to.as_deref());
    let agent = req.header(header::USER_AGENT).unwrap_or_default();
    let input = ops::SignIn { login: &form.login, password: &form.password, agent };
    match ops::sign_in(&ui.cx, input).await {
        Ok(done) => {
            let mut response = web::redirect(if done.one_time { "/account/password" } else { &to });
            set_cookie(&mut response, &cookie(session::LOGIN_COOKIE, &done.token, &ui.cx.settings, None));
            Ok(response)
        }
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = SignInPage { ui, to, login: form.login, errors };
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(v) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, v);
    }
}

#[derive(Debug, Deserialize)]
struct Nothing {}

#[handler]
async fn sign_out(ui: Ui, _form: Form<Nothing>) -> web::Result<Response> {
    if let Some(id) = ui.visitor.session_id {
        ops::sign_out(&ui.cx, id).await?;
    }
    let mut response = ui.see("/sign-in", &Msg::new("auth-signed-out"));
    set_cookie(&mut response, &cookie(session::LOGIN_COOKIE, "", &ui.cx.settings, Some(0)));
    Ok(response)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LanguageForm {
    lang: String,
    to: Option<String>,
}

#[handler]
async fn language(ui: Ui, Form(form): Form<LanguageForm>) -> web::Result<Response> {
    let lang = Lang::parse(&form.lang);
    if let Some(who) = ui.who() {
        ops::choose_language(&ui.cx, who, lang).await?;
    }
    let mut response = web::redirect(&inside(form.to.as_deref()));
    let year = 365 * 24 * 3600;
    set_cookie(&mut response, &cookie(session::LANG_COOKIE, lang.tag(), &ui.cx.settings, Some(year)));
    Ok(response)
}

#[derive(Template)]
#[template(path = "auth/pages/account.html")]
struct AccountPage {
    ui: Ui,
    own: account::Model,
    sessions: Vec<login_session::Model>,
    tokens: Vec<api_token::Model>,
    /// A token just made, shown once.
    made: Option<String>,
    name: String,
    days: String,
    errors: Errors,
}

impl AccountPage {
    fn is_this(&self, session_id: &i64) -> bool {
        self.ui.visitor.session_id == Some(*session_id)
    }
}

async fn account_of(ui: Ui, made: Option<String>, form: TokenForm, errors: Errors) -> web::Result<Response> {
    let who = ui.actor()?;
    let (own, sessions) = ops::own_account(&ui.cx, who).await?;
    let tokens = tokens::list(&ui.cx, who).await?;
    let wrong = !errors.is_empty();
    let page = AccountPage { own, sessions, tokens, made, name: form.name, days: form.days, errors, ui };
    if wrong { web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page) } else { web::html(&page) }
}

#[handler]
async fn account_page(ui: Ui) -> web::Result<Response> {
    account_of(ui, None, TokenForm::default(), Errors::default()).await
}

#[derive(Debug, Deserialize)]
#[serde(default)]
struct TokenForm {
    name: String,
    days: String,
}

impl Default for TokenForm {
    fn default() -> Self {
        Self { name: String::new(), days: tokens::DEFAULT_DAYS.to_string() }
    }
}

#[handler]
async fn token_create(ui: Ui, Form(form): Form<TokenForm>) -> web::Result<Response> {
    let days = form.days.trim().parse().unwrap_or(0);
    match tokens::create(&ui.cx, ui.actor()?, &form.name, days).await {
        Ok(token) => account_of(ui, Some(token), TokenForm::default(), Errors::default()).await,
        Err(e) => account_of(ui, None, form, Errors::from(e)?).await,
    }
}

#[handler]
async fn token_revoke(ui: Ui, Path(id): Path<i64>, _form: Form<Nothing>) -> web::Result<Response> {
    tokens::revoke(&ui.cx, ui.actor()?, id).await?;
    Ok(ui.see("/account", &Msg::new("auth-token-revoked")))
}

#[handler]
async fn everywhere(ui: Ui, _form: Form<Nothing>) -> web::Result<Response> {
    ops::sign_out_everywhere(&ui.cx, ui.actor()?, ui.visitor.session_id).await?;
    Ok(ui.see("/account", &Msg::new("auth-signed-out-everywhere")))
}

#[derive(Template)]
#[template(path = "auth/pages/password.html")]
struct PasswordPage {
    ui: Ui,
    one_time: bool,
    errors: Errors,
}

impl PasswordPage {
    fn old_label(&self) -> String {
        self.ui.t(if self.one_time { "auth-password-one-time" } else { "auth-password-old" })
    }
}

#[handler]
async fn password_form(ui: Ui) -> web::Result<Response> {
    let one_time = ui.actor()?.one_time;
    web::html(&PasswordPage { ui, one_time, errors: Errors::default() })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    old: String,
    new: String,
    again: String,
}

#[handler]
async fn password_change(ui: Ui, Form(form): Form<PasswordForm>) -> web::Result<Response> {
    let who = ui.actor()?;
    let one_time = who.one_time;
    let changed = ops::change_password(&ui.cx, who, ui.visitor.session_id, &form.old, &form.new, &form.again).await;
    match changed {
        Ok(()) => Ok(ui.see(if one_time { "/" } else { "/account" }, &Msg::new("auth-password-changed"))),
        Err(e @ Error::Invalid(_)) => {
            let errors = Errors::from(e)?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &PasswordPage { ui, one_time, errors })
        }
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn links_lead_inside_only() {
        for (to, want) in [
            (Some("/people?q=1"), "/people?q=1"),
            (Some("//evil.example"), "/"),
            (Some("/\\evil.example"), "/"),
            (Some("https://evil.example"), "/"),
            (None, "/"),
        ] {
            assert_eq!(inside(to), want);
        }
    }
}
