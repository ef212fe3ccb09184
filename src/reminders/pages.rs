//! Reminder rules, who is planned, the call list; the outbox and one mail.

use askama::Template;
use poem::web::{Data, Path};
use poem::{Response, handler};
use serde::Deserialize;

use super::lists::{self, Line, RuleView};
use super::outbox;
use crate::core::page::{Page, PageReq};
use crate::core::{Error, Lang, Msg};
use crate::mail::entity::Model;
use crate::mail::outbox::{Filter, MailView};
use crate::mail::{Post, Prepared, State, read_note};
use crate::web::{self, Form, Pages, Query, Ui, percent};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/reminders", rules)
        .get("/reminders/calls", calls)
        .get("/outbox", list)
        .get("/outbox/:id", show)
        .post("/outbox/:id/cancel", cancel)
        .post("/outbox/:id/resend", resend)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    rule: Option<String>,
    state: Option<String>,
    after: Option<String>,
}

impl Asked {
    fn state(&self) -> Option<State> {
        self.state.as_deref().and_then(State::parse)
    }

    fn page(&self) -> PageReq {
        PageReq { after: self.after.clone(), limit: None }
    }

    /// The address of the first page with the same filter.
    fn first(&self, path: &str) -> String {
        let part = |v: &Option<String>| percent(v.as_deref().unwrap_or_default());
        format!("{path}?rule={}&state={}", part(&self.rule), part(&self.state))
    }
}

fn next(first: &str, after: &Option<String>) -> Option<String> {
    after.as_ref().map(|n| format!("{first}&after={}", percent(n)))
}

/// The colour of a state.
fn kind(state: &str) -> &'static str {
    match state {
        "sent" => "good",
        "failed" | "missed" => "bad",
        "retry" | "no_address" => "warn",
        "cancelled" => "quiet",
        _ => "info",
    }
}

/// The text of a state.
fn state_text(ui: &Ui, state: &str) -> String {
    ui.t(&format!("mail-state-{}", state.replace('_', "-")))
}

fn states(ui: &Ui) -> Vec<(String, String)> {
    let mut all = vec![(String::new(), ui.t("web-all"))];
    all.extend(State::ALL.iter().map(|s| (s.name().to_owned(), state_text(ui, s.name()))));
    all
}

/// What a rule is called by its own name: "registration closes" for a reader, the file's word where no rule has it now.
fn rule_title(ui: &Ui, name: &str) -> String {
    let known = super::of(&ui.cx).ok().and_then(|all| all.iter().find(|r| r.name == name).map(|r| r.milestone.key()));
    known.map_or_else(|| name.to_owned(), |key| ui.t1("reminders-rule-title", "day", ui.t(key)))
}

fn rule_names(ui: &Ui) -> web::Result<Vec<(String, String)>> {
    let mut all = vec![(String::new(), ui.t("web-all"))];
    all.extend(super::of(&ui.cx)?.iter().map(|r| (r.name.clone(), rule_title(ui, &r.name))));
    Ok(all)
}

#[derive(Template)]
#[template(path = "reminders/pages/rules.html")]
struct RulesPage {
    ui: Ui,
    rules: Vec<RuleView>,
    asked: Asked,
    names: Vec<(String, String)>,
    states: Vec<(String, String)>,
    page: Page<Line>,
    first: String,
    next: Option<String>,
}

impl RulesPage {
    fn when(&self, r: &RuleView) -> String {
        let key = match r.rule.days {
            0 => "reminders-when-same",
            d if d < 0 => "reminders-when-before",
            _ => "reminders-when-after",
        };
        let at = r.rule.at.format("%H:%M").to_string();
        let args = [("n", r.rule.days.abs().to_string()), ("day", self.ui.t(r.rule.milestone.key())), ("at", at)];
        self.ui.ta(key, &args)
    }

    fn whom(&self, r: &RuleView) -> String {
        self.ui.t(match r.rule.audience {
            super::rules::Audience::Unregistered => "reminders-audience-unregistered",
            super::rules::Audience::Paid => "reminders-audience-paid",
        })
    }
}

#[handler]
async fn rules(ui: Ui, Query(asked): Query<Asked>) -> web::Result<Response> {
    let who = ui.actor()?;
    let rules = lists::rules(&ui.cx, who)?;
    let filter = lists::Filter { rule: asked.rule.clone(), state: asked.state() };
    let page = lists::planned(&ui.cx, who, &filter, &asked.page()).await?;
    let first = asked.first("/reminders");
    let next = next(&first, &page.next);
    let (names, states) = (rule_names(&ui)?, states(&ui));
    web::html(&RulesPage { rules, asked, names, states, page, first, next, ui })
}

#[derive(Template)]
#[template(path = "reminders/pages/calls.html")]
struct CallsPage {
    ui: Ui,
    asked: Asked,
    page: Page<Line>,
    next: Option<String>,
}

#[handler]
async fn calls(ui: Ui, Query(asked): Query<Asked>) -> web::Result<Response> {
    let page = lists::call_list(&ui.cx, ui.actor()?, &asked.page()).await?;
    let next = page.next.as_ref().map(|n| format!("/reminders/calls?after={}", percent(n)));
    web::html(&CallsPage { ui, asked, page, next })
}

#[derive(Template)]
#[template(path = "reminders/pages/outbox.html")]
struct OutboxPage {
    ui: Ui,
    asked: Asked,
    names: Vec<(String, String)>,
    states: Vec<(String, String)>,
    page: Page<Model>,
    first: String,
    next: Option<String>,
}

#[handler]
async fn list(ui: Ui, Query(asked): Query<Asked>) -> web::Result<Response> {
    let filter = Filter { state: asked.state(), rule: asked.rule.clone(), also: None };
    let page = outbox::list(&ui.cx, ui.actor()?, filter, &asked.page()).await?;
    let first = asked.first("/outbox");
    let next = next(&first, &page.next);
    let (names, states) = (rule_names(&ui)?, states(&ui));
    web::html(&OutboxPage { asked, names, states, page, first, next, ui })
}

#[derive(Template)]
#[template(path = "reminders/pages/mail.html")]
struct MailPage {
    ui: Ui,
    view: MailView,
    /// What it says, or would say now.
    subject: String,
    text: String,
    /// Why it would not be sent now.
    why_not: String,
    can_cancel: bool,
    can_resend: bool,
}

impl MailPage {
    fn note(&self, note: &str) -> String {
        read_note(note, self.ui.lang())
    }
}

#[handler]
async fn show(ui: Ui, Data(post): Data<&Post>, Path(id): Path<i64>) -> web::Result<Response> {
    let view = outbox::view(&ui.cx, ui.actor()?, id).await?;
    let state = State::parse(&view.mail.state);
    let now = crate::mail::outbox::preview(&ui.cx, post, &view.mail).await?;
    let (subject, mut text, why_not) = match now {
        Prepared::Send { letter, .. } => (letter.subject, letter.text, String::new()),
        other => (String::new(), String::new(), why_not(&ui, other)),
    };
    if let Some(written) = crate::mail::outbox::written(post, id).await {
        text = written;
    }
    let can_cancel = state.is_some_and(State::can_cancel);
    let can_resend = state.is_some_and(State::can_resend);
    web::html(&MailPage { ui, view, subject, text, why_not, can_cancel, can_resend })
}

fn why_not(ui: &Ui, p: Prepared) -> String {
    let lang: Lang = ui.lang();
    match p {
        Prepared::Cancel(msg) => msg.text(lang),
        Prepared::Later { due_at, .. } => ui.t1("mail-not-before", "at", ui.show(&due_at)),
        Prepared::Fail(why) => why,
        Prepared::NoAddress | Prepared::Send { .. } => ui.t("mail-state-no-address"),
    }
}

#[derive(Debug, Deserialize)]
struct Seen {
    version: i64,
}

#[handler]
async fn cancel(ui: Ui, Path(id): Path<i64>, Form(seen): Form<Seen>) -> web::Result<Response> {
    let done = outbox::cancel(&ui.cx, ui.actor()?, id, seen.version).await;
    back(&ui, id, done, "mail-cancelled")
}

#[handler]
async fn resend(ui: Ui, Path(id): Path<i64>, Form(seen): Form<Seen>) -> web::Result<Response> {
    let done = outbox::resend(&ui.cx, ui.actor()?, id, seen.version).await;
    back(&ui, id, done, "mail-resent")
}

/// Back to the mail's page, with what was done or why not.
fn back(ui: &Ui, id: i64, done: Result<Model, Error>, said: &str) -> web::Result<Response> {
    let msg = match done {
        Ok(_) => Msg::new(said),
        Err(Error::Conflict(why)) => why,
        Err(e) => return Err(e.into()),
    };
    Ok(ui.see(&format!("/outbox/{id}"), &msg))
}
