//! One person in a round: wishes in order and what they ask for, by themselves on the phone or by the office; for the
//! office also their line.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, FindLines, Keep, LineView, PutWishes, RoundView, SlotView, StudentView, bar_msg};
use super::super::rules::{Bar, Near};
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Msg, Role};
use crate::db::list::Slice;
use crate::web::{self, Errors, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/my-placing", mine)
        .get("/my-placing/:id", my_show)
        .post("/my-placing/:id", my_save)
        .get("/placing/:id/people/:person", show)
        .post("/placing/:id/people/:person", save)
}

#[derive(Template)]
#[template(path = "placing/pages/my.html")]
struct MyPage {
    ui: Ui,
    rounds: Vec<RoundView>,
}

impl MyPage {
    fn takes(&self, r: &RoundView) -> bool {
        r.takes_wishes(self.ui.cx.today())
    }

    fn state(&self, r: &RoundView) -> String {
        self.ui.t(&format!("placing-state-{}", r.state))
    }
}

#[handler]
async fn mine(ui: Ui) -> web::Result<Response> {
    let rounds = ops::my_rounds(ui.cx.read(), ui.actor()?).await?;
    web::html(&MyPage { ui, rounds })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ChoiceQuery {
    q: Option<String>,
    after: Option<String>,
}

/// What is sent from the page; `step` says what for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    /// add, up, drop, ask; for the office keep, out, free, swap.
    step: String,
    slot: i64,
    fields: String,
    farthest: String,
    priority: String,
    version: i64,
    /// Student number or name of whom to change places with.
    other: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "placing/pages/person.html")]
struct PersonPage {
    ui: Ui,
    v: StudentView,
    /// Where its forms go.
    at: String,
    staff: bool,
    text: String,
    choices: Page<(SlotView, Option<Bar>)>,
    next: Option<String>,
    first: String,
    at_start: bool,
    farthest: Vec<(String, String)>,
    sent: Sent,
    errors: Errors,
}

impl PersonPage {
    async fn make(
        ui: Ui,
        id: i64,
        person: i64,
        q: ChoiceQuery,
        sent: Option<Sent>,
        errors: Errors,
    ) -> web::Result<Self> {
        let who = ui.actor()?.clone();
        let v = ops::student(&ui.cx, &who, id, person).await?;
        let text = q.q.clone().unwrap_or_default();
        let slice = Slice::from(&PageReq { after: q.after.clone(), limit: Some(30) });
        let choices = match v.round.open() {
            true => ops::choices(&ui.cx, &who, id, person, &text, &slice).await?,
            false => Page { items: Vec::new(), next: None },
        };
        let staff = who.role != Role::Intern;
        let at = if staff { format!("/placing/{id}/people/{person}") } else { format!("/my-placing/{id}") };
        let first = format!("{at}?q={}&", web::percent(&text));
        let next = choices.next.as_ref().map(|n| format!("{first}after={}", web::percent(n)));
        let mut farthest = vec![(String::new(), ui.t("placing-near-any"))];
        let kinds = [Near::Town, Near::County, Near::City, Near::Province];
        farthest.extend(kinds.map(|n| (n.name().to_owned(), ui.t(&format!("placing-near-{}", n.name())))));
        let ask = v.ask.as_ref();
        let sent = sent.filter(|s| s.step == "ask").unwrap_or_else(|| Sent {
            fields: ask.map(|a| a.fields.clone()).unwrap_or_default(),
            farthest: ask.map(|a| a.farthest.clone()).unwrap_or_default(),
            priority: ask.map_or_else(|| "0".to_owned(), |a| a.priority.to_string()),
            ..Sent::default()
        });
        let at_start = q.after.is_none();
        Ok(Self { ui, v, at, staff, text, choices, next, first, at_start, farthest, sent, errors })
    }

    /// Whether the wishes may be changed here and now.
    fn may(&self) -> bool {
        if self.staff { self.v.round.open() } else { self.v.round.takes_wishes(self.ui.cx.today()) }
    }

    fn more(&self) -> bool {
        i64::try_from(self.v.wishes.len()).unwrap_or(i64::MAX) < self.v.round.most_wishes
    }

    fn wished(&self, s: &SlotView) -> bool {
        self.v.wishes.iter().any(|(w, _)| w.id == s.id)
    }

    fn bar(&self, bar: &Option<Bar>) -> String {
        bar.map(|b| self.ui.msg(&bar_msg(b))).unwrap_or_default()
    }

    /// What cannot be whatever the student wants has no button.
    fn possible(&self, bar: &Option<Bar>) -> bool {
        matches!(bar, None | Some(Bar::Field | Bar::TooFar))
    }

    fn places(&self, s: &SlotView) -> String {
        self.ui.t1("placing-n-places", "n", s.places)
    }

    fn next_wish(&self) -> String {
        self.ui.t1("placing-add-wish", "n", self.v.wishes.len() + 1)
    }

    fn wishes_note(&self) -> String {
        let n = ("n", self.v.round.most_wishes.to_string());
        match self.v.round.wishes_until {
            Some(day) => self.ui.ta("placing-wishes-note-until", &[n, ("day", day.to_string())]),
            None => self.ui.ta("placing-wishes-note", &[n]),
        }
    }

    fn outcome(&self) -> (&'static str, String) {
        super::outcome(&self.ui, &self.v.line)
    }

    fn reasons(&self) -> Vec<String> {
        super::reasons(&self.ui, &self.v.line)
    }

    fn line(&self) -> &LineView {
        &self.v.line
    }

    fn error(&self, field: &str) -> String {
        self.errors.of(&self.ui, field)
    }
}

#[handler]
async fn show(ui: Ui, Path((id, person)): Path<(i64, i64)>, Query(q): Query<ChoiceQuery>) -> web::Result<Response> {
    web::html(&PersonPage::make(ui, id, person, q, None, Errors::default()).await?)
}

#[handler]
async fn my_show(ui: Ui, Path(id): Path<i64>, Query(q): Query<ChoiceQuery>) -> web::Result<Response> {
    let me = ui.actor()?.person_id.ok_or(Error::Forbidden)?;
    web::html(&PersonPage::make(ui, id, me, q, None, Errors::default()).await?)
}

/// The wishes after a step, with what else is asked for.
async fn wishes(ui: &Ui, who: &Actor, id: i64, person: i64, s: &Sent) -> Result<PutWishes, Error> {
    let v = ops::student(&ui.cx, who, id, person).await?;
    let mut slots: Vec<i64> = v.wishes.iter().map(|(w, _)| w.id).collect();
    let ask = v.ask.as_ref();
    let mut put = PutWishes {
        fields: ask.map(|a| a.fields.clone()).unwrap_or_default(),
        farthest: ask.and_then(|a| Near::parse(&a.farthest)),
        priority: None,
        version: s.version,
        slots: Vec::new(),
    };
    let place = slots.iter().position(|w| *w == s.slot);
    match (s.step.as_str(), place) {
        ("add", None) => slots.push(s.slot),
        ("up", Some(i)) if i > 0 => slots.swap(i - 1, i),
        ("drop", Some(i)) => drop(slots.remove(i)),
        ("ask", _) => {
            put.fields.clone_from(&s.fields);
            put.farthest = Near::parse(&s.farthest);
            if who.role != Role::Intern {
                let wrong = || Error::field("priority", Msg::new("placing-priority-range"));
                put.priority = Some(s.priority.trim().parse().map_err(|_| wrong())?);
            }
        }
        _ => {}
    }
    put.slots = slots;
    Ok(put)
}

/// The member of a student number or name.
async fn member(ui: &Ui, who: &Actor, id: i64, word: &str) -> Result<i64, Error> {
    let slice = Slice { after: None, limit: 50 };
    let find = FindLines { text: word.trim().to_owned(), ..FindLines::default() };
    let found = ops::lines(ui.cx.read(), who, id, &find, "", &slice).await?.items;
    let is = |l: &&LineView| l.student_no == word.trim() || l.person_name == word.trim();
    let mut same = found.iter().filter(is);
    match (same.next(), same.next()) {
        (Some(one), None) if !word.trim().is_empty() => Ok(one.person_id),
        (Some(_), Some(_)) => Err(Error::field("other", Msg::new("placing-other-several"))),
        _ => Err(Error::field("other", Msg::new("placing-other-unknown"))),
    }
}

async fn step(ui: &Ui, id: i64, person: i64, s: &Sent) -> Result<&'static str, Error> {
    let who = ui.actor()?;
    let keep = match s.step.as_str() {
        "keep" => Keep::At(s.slot),
        "out" => Keep::Out,
        "free" => Keep::Free,
        "swap" => {
            let other = member(ui, who, id, &s.other).await?;
            return ops::swap(&ui.cx, who, id, person, other, &s.reason).await.map(|()| "placing-swapped");
        }
        _ => {
            let put = wishes(ui, who, id, person, s).await?;
            return ops::put_wishes(&ui.cx, who, id, person, put).await.map(|()| "placing-wishes-saved");
        }
    };
    ops::put_line(&ui.cx, who, id, person, s.version, keep).await.map(|()| "placing-line-saved")
}

async fn saved(ui: Ui, id: i64, person: i64, s: Sent, back: String) -> web::Result<Response> {
    match step(&ui, id, person, &s).await {
        Ok(said) => Ok(ui.see(&back, &Msg::new(said))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = PersonPage::make(ui, id, person, ChoiceQuery::default(), Some(s), errors).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[handler]
async fn save(ui: Ui, Path((id, person)): Path<(i64, i64)>, Form(s): Form<Sent>) -> web::Result<Response> {
    saved(ui, id, person, s, format!("/placing/{id}/people/{person}")).await
}

#[handler]
async fn my_save(ui: Ui, Path(id): Path<i64>, Form(s): Form<Sent>) -> web::Result<Response> {
    let me = ui.actor()?.person_id.ok_or(Error::Forbidden)?;
    let back = format!("/my-placing/{id}");
    if matches!(s.step.as_str(), "add" | "up" | "drop" | "ask") {
        return saved(ui, id, me, s, back).await;
    }
    // The office's steps are not the intern's.
    let errors = Errors::from(Error::field("step", Msg::new("practicum-step-not-now")))?;
    let page = PersonPage::make(ui, id, me, ChoiceQuery::default(), None, errors).await?;
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
