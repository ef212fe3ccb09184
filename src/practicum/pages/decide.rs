//! The supervisor's page: what waits, by intern, to be confirmed or returned in one go.

use askama::Template;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, EntryView, Mark};
use super::super::rules::State;
use crate::core::{Actor, Error, Msg, Role};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/hours", show).post("/hours", decide)
}

/// Entries on one page: a week of a full base.
const SHOWN: i64 = 300;

/// The entries of one intern.
struct Group {
    name: String,
    student_no: String,
    base: String,
    minutes: i64,
    entries: Vec<EntryView>,
}

#[derive(Template)]
#[template(path = "practicum/pages/waiting.html")]
struct WaitingPage {
    ui: Ui,
    /// The list of what waits for the campus's signature, instead of the base's.
    campus: bool,
    groups: Vec<Group>,
    total: usize,
    more: bool,
    marked: Vec<String>,
    reason: String,
    errors: Errors,
    /// Entries that were left alone, with why.
    left: Vec<String>,
}

impl WaitingPage {
    async fn make(ui: Ui, who: &Actor, campus: bool) -> web::Result<Self> {
        let state = if campus { State::Endorsed } else { State::Submitted };
        let mut all = ops::waiting(ui.cx.read(), who, state, SHOWN + 1).await?;
        let total: usize = all.iter().map(|(_, l)| l.len()).sum();
        let more = total > usize::try_from(SHOWN).unwrap_or(usize::MAX);
        if more && let Some((_, last)) = all.last_mut() {
            last.pop();
        }
        let group = |(_, entries): (i64, Vec<EntryView>)| {
            let first = entries.first()?;
            Some(Group {
                name: first.person_name.clone(),
                student_no: first.student_no.clone(),
                base: first.base_name.clone(),
                minutes: entries.iter().map(|e| e.minutes).sum(),
                entries,
            })
        };
        let groups = all.into_iter().filter_map(group).collect();
        let total = if more { total - 1 } else { total };
        let (marked, left) = (Vec::new(), Vec::new());
        Ok(Self { ui, campus, groups, total, more, marked, reason: String::new(), errors: Errors::default(), left })
    }

    fn word(&self, word: &str) -> String {
        super::word(&self.ui, word)
    }

    /// Whether the reader decides here: the base's people on the base's list, the campus's on the other.
    fn may_decide(&self) -> bool {
        let role = self.ui.who().map(|a| a.role);
        match role {
            Some(Role::Administrator) => true,
            Some(Role::Supervisor) => !self.campus,
            Some(Role::Trainer) => self.campus,
            _ => false,
        }
    }

    /// What an empty list says.
    fn nothing(&self) -> String {
        self.ui.t(if self.campus { "practicum-nothing-waits-campus" } else { "practicum-nothing-waits-hint" })
    }

    /// Whether there are two lists to choose from.
    fn both(&self) -> bool {
        self.ui.who().is_some_and(|a| a.role != Role::Supervisor)
    }

    fn is_marked(&self, e: &EntryView) -> bool {
        self.marked.contains(&format!("{}:{}", e.id, e.version))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    list: String,
}

#[handler]
async fn show(ui: Ui, Query(q): Query<ListQuery>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    web::html(&WaitingPage::make(ui, &who, q.list == "campus").await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DecideForm {
    entry: Vec<String>,
    reason: String,
    /// confirm, sign or return.
    action: String,
    /// The list it was sent from: "campus" or nothing.
    list: String,
}

#[handler]
async fn decide(ui: Ui, Form(form): Form<DecideForm>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let marks: Vec<Mark> = form.entry.iter().filter_map(|e| Mark::parse(e)).collect();
    let done = match form.action.as_str() {
        "confirm" => ops::confirm(&ui.cx, &who, &marks).await,
        "sign" => ops::sign_off(&ui.cx, &who, &marks).await,
        "return" => ops::return_entries(&ui.cx, &who, &marks, &form.reason).await,
        _ => Err(Error::field("action", Msg::new("practicum-step-not-now"))),
    };
    let campus = form.list == "campus";
    let page = match done {
        Ok(d) if d.left.is_empty() => {
            let key = match form.action.as_str() {
                "confirm" => "practicum-confirmed-n",
                "sign" => "practicum-signed-n",
                _ => "practicum-returned-n",
            };
            let back = if campus { "/hours?list=campus" } else { "/hours" };
            return Ok(ui.see(back, &Msg::new(key).with("n", d.done.len())));
        }
        Ok(d) => {
            let mut left = Vec::new();
            for (id, why) in &d.left {
                let e = ops::entry(ui.cx.read(), &who, *id).await?;
                left.push(format!("{} {}: {}", e.person_name, e.worked_on, ui.msg(why)));
            }
            let n = d.done.len();
            let mut page = WaitingPage::make(ui, &who, campus).await?;
            page.left = left;
            if n > 0 {
                page.ui.flash = Some(Msg::new("practicum-decided-n").with("n", n));
            }
            return web::html_with(poem::http::StatusCode::CONFLICT, &page);
        }
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = WaitingPage::make(ui, &who, campus).await?;
            WaitingPage { errors, marked: form.entry, reason: form.reason, ..page }
        }
    };
    web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
}
