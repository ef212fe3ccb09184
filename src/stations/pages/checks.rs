//! A check of a station: the form with the items of the standard, and one as it was recorded.

use std::collections::HashMap;

use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::crumbs;
use crate::core::{Error, Msg};
use crate::stations::ops::{self, CheckInput, Station};
use crate::stations::rules::Answer;
use crate::stations::standard::{self, Standard};
use crate::web::list::{Cell, Head};
use crate::web::record::{Field, FormView, RecordView, Section, read_date};
use crate::web::{self, Errors, Form, Query, Ui};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewQuery {
    standard: Option<String>,
}

/// What was typed: the answers by the codes of the items.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Typed(HashMap<String, String>);

impl Typed {
    fn of(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

fn answer_text(ui: &Ui, answer: &str) -> String {
    ui.t(&format!("station-answer-{}", answer.replace('_', "-")))
}

fn station_crumbs(ui: &Ui, s: &Station) -> Vec<(String, String)> {
    let mut c = crumbs(ui);
    c.push((format!("/stations/{}", s.id), s.name.clone()));
    c
}

fn form(ui: Ui, station: &Station, s: &Standard, t: &Typed, errors: Errors) -> FormView {
    let lang = ui.lang();
    let none = (String::new(), ui.t("station-answer-choose"));
    let options: Vec<_> =
        std::iter::once(none).chain(Answer::ALL.map(|a| (a.name().to_owned(), answer_text(&ui, a.name())))).collect();
    let first = vec![
        Field::input("checked_on", "date", ui.t("station-check-on"), t.of("checked_on")),
        Field::input("checker", "text", ui.t("station-checker"), t.of("checker")),
    ];
    let mut groups = vec![(String::new(), first)];
    for section in &s.sections {
        let field = |i: &standard::Item| {
            let key = if i.must { "station-item-must" } else { "station-item-points" };
            Field::choice(&i.code, i.name.text(lang).to_owned(), t.of(&i.code), options.clone())
                .hint(ui.t1(key, "points", i.points))
        };
        groups.push((section.name.text(lang).to_owned(), section.items.iter().map(field).collect()));
    }
    groups.push((String::new(), vec![Field::input("note", "area", ui.t("station-note"), t.of("note"))]));
    FormView {
        title: ui.t("station-check-new"),
        lead: ui.ta(
            "station-check-lead",
            &[
                ("name", s.name.text(lang).to_owned()),
                ("edition", s.edition.clone()),
                ("percent", s.pass_percent.to_string()),
            ],
        ),
        crumbs: station_crumbs(&ui, station),
        action: format!("/stations/{}/checks?standard={}", station.id, web::percent(&s.code)),
        version: 0,
        groups,
        errors,
        ui,
    }
}

/// The standard asked for, or the first for this level.
fn chosen<'s>(all: &'s [Standard], level: &str, code: Option<&str>) -> crate::core::Result<&'s Standard> {
    let mut fit = all.iter().filter(|s| s.is_for(level) && code.is_none_or(|c| s.code == c));
    fit.next()
        .ok_or_else(|| Error::NotFound(Msg::new("station-standard-unknown").with("standard", code.unwrap_or(level))))
}

#[handler]
pub(super) async fn new(ui: Ui, Path(id): Path<i64>, Query(q): Query<NewQuery>) -> web::Result<Response> {
    let station = ops::visible(ui.cx.read(), ui.actor()?, id).await?;
    let all = standard::of(&ui.cx)?;
    let s = chosen(&all, &station.level, q.standard.as_deref())?;
    let typed = Typed(HashMap::from([
        ("checked_on".to_owned(), ui.cx.today().to_string()),
        ("checker".to_owned(), ui.actor()?.name.clone()),
    ]));
    web::html(&form(ui, &station, s, &typed, Errors::default()))
}

#[handler]
pub(super) async fn add(
    ui: Ui,
    Path(id): Path<i64>,
    Query(q): Query<NewQuery>,
    Form(t): Form<Typed>,
) -> web::Result<Response> {
    let station = ops::visible(ui.cx.read(), ui.actor()?, id).await?;
    let all = standard::of(&ui.cx)?;
    let s = chosen(&all, &station.level, q.standard.as_deref())?;
    let mut errors = Errors::default();
    let checked_on = read_date(&mut errors, "checked_on", t.of("checked_on"));
    if errors.is_empty() {
        let answers = s.items().map(|i| (i.code.clone(), t.of(&i.code).to_owned())).filter(|(_, a)| !a.is_empty());
        let input = CheckInput {
            standard: s.code.clone(),
            checked_on,
            checker: t.of("checker").to_owned(),
            note: t.of("note").to_owned(),
            answers: answers.collect(),
        };
        match ops::check(&ui.cx, ui.actor()?, id, input).await {
            Ok(c) => {
                let notice = Msg::new("station-check-saved").with("points", c.points).with("of", c.of_points);
                return Ok(ui.see(&format!("/stations/{id}"), &notice));
            }
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, &station, s, &t, errors))
}

#[handler]
pub(super) async fn one(ui: Ui, Path((id, check)): Path<(i64, i64)>) -> web::Result<Response> {
    let station = ops::visible(ui.cx.read(), ui.actor()?, id).await?;
    let d = ops::check_of(ui.cx.read(), ui.actor()?, id, check).await?;
    let all = standard::of(&ui.cx)?;
    let s = all.iter().find(|s| s.code == d.check.standard);
    let lang = ui.lang();
    let cell = |answer: Option<&String>| match answer.map(String::as_str) {
        Some("yes") => Cell::badge("good", answer_text(&ui, "yes")),
        Some("no") => Cell::badge("bad", answer_text(&ui, "no")),
        Some(other) => Cell::badge("quiet", answer_text(&ui, other)),
        None => Cell::default(),
    };
    let head = |(key, number): (&str, bool)| Head { label: ui.t(key), sort: "", number };
    let sections = s.into_iter().flat_map(|s| &s.sections).map(|section| Section {
        title: section.name.text(lang).to_owned(),
        heads: [("station-item", false), ("station-check-points", true), ("station-answer", false)].map(head).into(),
        rows: section
            .items
            .iter()
            .map(|i| vec![Cell::text(i.name.text(lang)), Cell::number(i.points), cell(d.answers.get(&i.code))])
            .collect(),
        none: String::new(),
        action: (String::new(), String::new()),
    });
    let sections = sections.collect();
    let c = d.check;
    let verdict = if c.meets { ("good", "station-check-met") } else { ("bad", "station-check-missed") };
    let facts = vec![
        (ui.t("station-check-standard"), Cell::text(s.map_or(c.standard.as_str(), |s| s.name.text(lang)))),
        (ui.t("station-check-edition"), Cell::text(&c.edition)),
        (ui.t("station-check-points"), Cell::text(format!("{}/{}", c.points, c.of_points))),
        (ui.t("station-checker"), Cell::text(&c.checker)),
    ];
    web::html(&RecordView {
        title: ui.t1("station-check-of", "on", c.checked_on),
        badge: (verdict.0, ui.t(verdict.1)),
        crumbs: station_crumbs(&ui, &station),
        actions: Vec::new(),
        tiles: Vec::new(),
        facts,
        note: c.note,
        sections,
        ui,
    })
}
