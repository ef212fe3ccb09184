//! The pages of accounts: list, new, one account.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::scopes::{self, Choice};
use super::users::{self, UserFilter, UserInput, UserView};
use crate::auth::users::MadeUser;
use crate::core::page::{Page, PageReq};
use crate::core::{Msg, Role};
use crate::web::{self, Errors, Form, Pages, Query, Ui, percent};

/// The pages of accounts.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/users", list)
        .post("/users", create)
        .get("/users/new", new_form)
        .get("/users/:id", show)
        .post("/users/:id", change)
        .post("/users/:id/reset", reset)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: Option<String>,
    role: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/pages/users.html")]
struct ListPage {
    ui: Ui,
    q: String,
    role: String,
    roles: Vec<(String, String)>,
    page: Page<UserView>,
    first: String,
    next: Option<String>,
    at_start: bool,
}

fn role_names(ui: &Ui, roles: &[Role]) -> Vec<(String, String)> {
    roles.iter().map(|r| (r.name().to_owned(), ui.t(&format!("role-{}", r.name())))).collect()
}

#[handler]
async fn list(ui: Ui, Query(asked): Query<Asked>) -> web::Result<Response> {
    let (q, role) = (asked.q.unwrap_or_default(), asked.role.unwrap_or_default());
    let filter = UserFilter { q: q.clone(), role: Role::parse(&role) };
    let at_start = asked.after.is_none();
    let page = users::list(&ui.cx, ui.actor()?, &filter, &PageReq { after: asked.after, limit: None }).await?;
    let first = format!("/users?q={}&role={}", percent(&q), percent(&role));
    let next = page.next.as_ref().map(|n| format!("{first}&after={}", percent(n)));
    let mut roles = vec![(String::new(), ui.t("web-all"))];
    roles.extend(role_names(&ui, &Role::ALL));
    web::html(&ListPage { q, role, roles, page, first, next, at_start, ui })
}

/// What the forms of an account send, kept as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct UserForm {
    login: String,
    name: String,
    email: String,
    role: String,
    region: String,
    scope: Vec<String>,
    active: Option<String>,
    version: i64,
}

impl UserForm {
    fn input(&self, role: Role) -> UserInput {
        UserInput {
            login: self.login.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            role,
            regions: self.region.clone(),
            scopes: self.scope.clone(),
            active: self.active.is_some(),
        }
    }
}

#[derive(Template)]
#[template(path = "admin/pages/user.html")]
struct UserPage {
    ui: Ui,
    /// Absent for a new account.
    view: Option<UserView>,
    form: UserForm,
    roles: Vec<(String, String)>,
    /// Cohorts, classes, bases, each with the key of its heading.
    choices: Vec<(&'static str, Vec<Choice>)>,
    errors: Errors,
}

impl UserPage {
    fn chosen(&self, token: &str) -> bool {
        self.form.scope.iter().any(|s| s == token)
    }

    fn is_me(&self) -> bool {
        let me = self.ui.who().and_then(|a| a.user_id);
        self.view.as_ref().is_some_and(|v| Some(v.user.id) == me)
    }
}

async fn user_page(ui: Ui, view: Option<UserView>, form: UserForm, errors: Errors) -> web::Result<Response> {
    let who = ui.actor()?;
    let mut allowed = users::roles_for(who).to_vec();
    if let Some(own) = view.as_ref().and_then(|v| Role::parse(&v.user.role)).filter(|r| !allowed.contains(r)) {
        allowed.push(own);
    }
    if view.as_ref().is_some_and(|v| v.user.person_id.is_some()) {
        allowed.retain(|r| *r == Role::Intern);
    }
    let [cohorts, classes, bases] = scopes::choices(&ui.cx, who).await?;
    let mut choices =
        vec![("admin-scope-cohorts", cohorts), ("admin-scope-classes", classes), ("admin-scope-bases", bases)];
    if allowed == [Role::Supervisor] {
        choices.retain(|(key, _)| *key == "admin-scope-bases");
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let roles = role_names(&ui, &allowed);
    web::html_with(status, &UserPage { view, form, roles, choices, errors, ui })
}

#[handler]
async fn new_form(ui: Ui) -> web::Result<Response> {
    user_page(ui, None, UserForm::default(), Errors::default()).await
}

#[derive(Template)]
#[template(path = "admin/pages/made.html")]
struct MadePage {
    ui: Ui,
    made: MadeUser,
    again: bool,
}

#[handler]
async fn create(ui: Ui, Form(form): Form<UserForm>) -> web::Result<Response> {
    let Some(role) = Role::parse(&form.role) else {
        let mut errors = Errors::default();
        errors.add("role", Msg::new("admin-role-missing"));
        return user_page(ui, None, form, errors).await;
    };
    match users::create(&ui.cx, ui.actor()?, form.input(role)).await {
        Ok(made) => web::html(&MadePage { ui, made, again: false }),
        Err(e) => user_page(ui, None, form, Errors::from(e)?).await,
    }
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let view = users::get(&ui.cx, ui.actor()?, id).await?;
    let regions: Vec<&str> = view.scopes.iter().filter(|s| s.kind == "region").map(|s| s.scope_key.as_str()).collect();
    let form = UserForm {
        login: view.user.login.clone(),
        name: view.user.name.clone(),
        email: view.user.email.clone(),
        role: view.user.role.clone(),
        region: regions.join(", "),
        scope: view.scopes.iter().filter(|s| s.kind != "region").map(scopes::ScopeLine::token).collect(),
        active: view.user.active.then(|| "1".to_owned()),
        version: view.user.version,
    };
    user_page(ui, Some(view), form, Errors::default()).await
}

#[handler]
async fn change(ui: Ui, Path(id): Path<i64>, Form(form): Form<UserForm>) -> web::Result<Response> {
    let who = ui.actor()?;
    let view = users::get(&ui.cx, who, id).await?;
    let role = Role::parse(&form.role).or_else(|| Role::parse(&view.user.role)).unwrap_or(Role::Intern);
    match users::change(&ui.cx, who, id, form.version, form.input(role)).await {
        Ok(()) => Ok(ui.see(&format!("/users/{id}"), &Msg::new("admin-user-saved"))),
        Err(e) => user_page(ui, Some(view), form, Errors::from(e)?).await,
    }
}

#[derive(Debug, Deserialize)]
struct Nothing {}

#[handler]
async fn reset(ui: Ui, Path(id): Path<i64>, _form: Form<Nothing>) -> web::Result<Response> {
    let made = users::reset(&ui.cx, ui.actor()?, id).await?;
    web::html(&MadePage { ui, made, again: true })
}
