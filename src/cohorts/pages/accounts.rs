//! The page of a cohort's accounts: how many have one, one-time passwords as slips to print.

use askama::Template;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, AccountState, Cohort, Slip, Whom};
use crate::web::{self, Form, Pages, Ui};

/// The pages of a cohort's accounts.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/cohorts/:id/accounts", show).post("/cohorts/:id/accounts", make)
}

#[derive(Template)]
#[template(path = "cohorts/pages/accounts.html")]
struct AccountsPage {
    ui: Ui,
    cohort: Cohort,
    state: AccountState,
    slips: Vec<Slip>,
    /// Passwords were asked for, though there may be none to make.
    asked: bool,
}

impl AccountsPage {
    fn missing(&self) -> i64 {
        self.state.members - self.state.with_account
    }

    fn text(&self) -> String {
        let most = ops::ACCOUNTS_AT_ONCE.to_string();
        self.ui.ta("cohorts-accounts-make-text", &[("n", self.missing().to_string()), ("most", most)])
    }

    fn address(&self) -> String {
        format!("{}/sign-in", self.ui.cx.settings.public_url())
    }
}

async fn page(ui: Ui, id: i64, slips: Vec<Slip>, asked: bool) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let state = ops::account_state(&ui.cx, &who, id).await?;
    let cohort = ops::visible(ui.cx.read(), &who, id).await?;
    web::html(&AccountsPage { ui, cohort, state, slips, asked })
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    page(ui, id, Vec::new(), false).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MakeForm {
    again: Option<String>,
}

#[handler]
async fn make(ui: Ui, Path(id): Path<i64>, Form(form): Form<MakeForm>) -> web::Result<Response> {
    let whom = if form.again.is_some() { Whom::Waiting } else { Whom::New };
    let slips = ops::make_accounts(&ui.cx, ui.actor()?, id, whom).await?;
    page(ui, id, slips, true).await
}
