//! Pages of completion: who completed a class and what is in others' way, its rule, certificates with their print.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::ops::{self, CertificateView, Find, Outcome, RuleView};
use super::rules::Verdict;
use crate::classes::ops::{ClassView, class_view};
use crate::core::page::PageReq;
use crate::core::{Error, Msg};
use crate::db::list::{EXPORT, Slice};
use crate::practicum::rules::marks::{mark_of, show_mark};
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this part.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/classes/:id/completion", show)
        .post("/classes/:id/completion/rule", set_rule)
        .post("/classes/:id/completion/issue", issue)
        .get("/classes/:id/completion/print", print_class)
        .get("/completions", list)
        .get("/completions/export", export)
        .get("/completions/:id", one)
        .get("/completions/:id/print", print_one)
        .post("/completions/:id/revoke", revoke)
        .post("/completions/:id/replace", replace)
}

pub(super) fn badge(state: &str) -> &'static str {
    match state {
        "valid" => "good",
        "revoked" => "bad",
        _ => "quiet",
    }
}

/// For templates, which hand values over by reference.
fn points(mark: &i64) -> String {
    show_mark(*mark)
}

fn total(t: Option<i64>) -> String {
    t.map(show_mark).unwrap_or_default()
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct RuleForm {
    class_version: i64,
    version: i64,
    percent: String,
    assessed: String,
    minimum: String,
}

#[derive(Template)]
#[template(path = "classes/completion/pages/show.html")]
struct ShowPage {
    ui: Ui,
    class: ClassView,
    held: i64,
    people: Vec<Outcome>,
    form: RuleForm,
    /// A value of the program that is our own reading.
    own_rule: bool,
    errors: Errors,
}

impl ShowPage {
    fn may_change(&self) -> bool {
        self.ui.can("POST", "/classes/1/completion/issue")
    }

    fn verdict(&self, o: &Outcome) -> (&'static str, String) {
        if o.state == "withdrawn" {
            return ("quiet", self.ui.t("completion-withdrawn"));
        }
        let kind = match o.verdict {
            Verdict::Completed if self.class.state == "closed" => "good",
            Verdict::Completed => "info",
            _ => "bad",
        };
        let key = format!("completion-verdict-{}", o.verdict.name().replace('_', "-"));
        (kind, self.ui.t(&key))
    }

    fn share(&self, o: &Outcome) -> String {
        let percent = if self.held > 0 { o.minutes * 100 / self.held } else { 0 };
        format!("{} ({percent}%)", self.ui.hours(&o.minutes))
    }

    fn valid(&self) -> usize {
        self.people.iter().filter(|o| o.certificate.as_ref().is_some_and(|c| c.state == "valid")).count()
    }

    fn waiting(&self) -> usize {
        let without =
            |o: &&Outcome| o.state == "completed" && o.certificate.as_ref().is_none_or(|c| c.state != "valid");
        self.people.iter().filter(without).count()
    }

    fn yes_no(&self) -> Vec<(String, String)> {
        vec![
            ("1".to_owned(), self.ui.t("completion-assessed-yes")),
            (String::new(), self.ui.t("completion-assessed-no")),
        ]
    }

    fn state_text(&self, state: &str) -> String {
        self.ui.t(&format!("completion-state-{state}"))
    }
}

async fn page(ui: Ui, id: i64, form: Option<RuleForm>, errors: Errors) -> web::Result<ShowPage> {
    let who = ui.actor()?;
    let class = class_view(ui.cx.read(), who, id).await?;
    let (held, people) = ops::outcomes(ui.cx.read(), who, id).await?;
    let rule = ops::rule_of(&ui.cx, who, id).await?;
    let form = form.unwrap_or_else(|| RuleForm {
        class_version: class.version,
        version: rule.version,
        percent: rule.required_percent.to_string(),
        assessed: if rule.assessed { "1".to_owned() } else { String::new() },
        minimum: show_mark(rule.minimum_total),
    });
    let rules = super::config::of(&ui.cx)?;
    let own_rule = rules.completion.attendance_percent.own || rules.completion.minimum_total.own;
    Ok(ShowPage { ui, class, held, people, form, own_rule, errors })
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&page(ui, id, None, Errors::default()).await?)
}

fn read(f: &RuleForm) -> Result<RuleView, Error> {
    let mut errors = Errors::default();
    let percent = f.percent.trim().parse::<i64>().ok();
    if percent.is_none() {
        errors.add("required_percent", Msg::new("classes-percent-range"));
    }
    let minimum = mark_of(&f.minimum);
    if minimum.is_none() {
        errors.add("minimum_total", Msg::new("completion-total-range"));
    }
    match (percent, minimum) {
        (Some(required_percent), Some(minimum_total)) => {
            Ok(RuleView { required_percent, assessed: f.assessed == "1", minimum_total, version: f.version })
        }
        _ => Err(Error::Invalid(errors.0)),
    }
}

#[handler]
async fn set_rule(ui: Ui, Path(id): Path<i64>, Form(f): Form<RuleForm>) -> web::Result<Response> {
    let done = match read(&f) {
        Ok(rule) => ops::set_rule(&ui.cx, ui.actor()?, id, f.class_version, rule).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(()) => Ok(ui.see(&format!("/classes/{id}/completion"), &Msg::new("completion-rule-saved"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(ui, id, Some(f), errors).await?)
        }
    }
}

#[handler]
async fn issue(ui: Ui, Path(id): Path<i64>, Form(_): Form<Nothing>) -> web::Result<Response> {
    let done = ops::issue(&ui.cx, ui.actor()?, id).await?;
    let said = Msg::new("completion-issued").with("n", done.issued).with("had", done.had);
    Ok(ui.see(&format!("/classes/{id}/completion"), &said))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Nothing {}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    state: Option<String>,
    year: Option<String>,
    class: Option<i64>,
    sort: Option<String>,
    after: Option<String>,
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let find = Find {
        text: q.q.unwrap_or_default(),
        state: q.state.unwrap_or_default(),
        year: q.year.as_deref().and_then(|y| y.trim().parse().ok()),
        class_id: q.class,
        person_id: None,
    };
    let sort = q.sort.unwrap_or_default();
    let page = ops::certificates(&ui.cx, &who, &find, &sort, &slice).await?;
    let (n, minutes) = ops::count(ui.cx.read(), &who, &find).await?;
    let states = ["valid", "replaced", "revoked"];
    let states = states.map(|s| (s.to_owned(), ui.t(&format!("completion-state-{s}"))));
    let year = find.year.map(|y| y.to_string()).unwrap_or_default();
    let mut filters = vec![
        Filter::input("q", "search", ui.t("completion-find"), &find.text),
        Filter::choice(&ui, "state", ui.t("completion-state"), &find.state, states),
        Filter::input("year", "number", ui.t("completion-year"), &year),
    ];
    if let Some(id) = q.class {
        filters.push(Filter::input("class", "number", ui.t("completion-class-no"), &id.to_string()));
    }
    let heads = [
        ("completion-number", "number", false),
        ("completion-name", "name", false),
        ("completion-class", "", false),
        ("completion-hours", "minutes", true),
        ("completion-total", "", true),
        ("completion-issued-on", "issued_on", false),
        ("completion-state", "", false),
        ("completion-reason", "", false),
    ];
    let row = |c: &CertificateView| {
        vec![
            Cell::link(&c.number, format!("/completions/{}", c.id)),
            Cell::link(format!("{} …{}", c.name, c.id_tail), format!("/people/{}", c.person_id)),
            Cell::link(&c.class_name, format!("/classes/{}/completion", c.class_id)),
            Cell::text(ui.hours(&c.minutes)),
            Cell::text(total(c.total)),
            Cell::text(c.issued_on.to_string()),
            Cell::badge(badge(&c.state), ui.t(&format!("completion-state-{}", c.state))),
            Cell::text(reason(&ui, c)),
        ]
    };
    Ok(ListView {
        title: ui.t("completion-title"),
        lead: ui.t("completion-lead"),
        path: "/completions",
        crumbs: vec![("/classes".to_owned(), ui.t("classes-title"))],
        tiles: vec![
            (ui.t("completion-count"), n.to_string(), String::new(), String::new()),
            (ui.t("completion-hours"), ui.hours(&minutes), String::new(), String::new()),
        ],
        filters,
        heads: heads.into_iter().map(|(key, sort, number)| Head { label: ui.t(key), sort, number }).collect(),
        rows: page.items.iter().map(row).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions: Vec::new(),
        export: "/completions/export",
        empty: (ui.t("completion-none"), ui.t("completion-none-hint")),
        ui,
    })
}

/// Why a certificate is no longer valid, in words.
fn reason(ui: &Ui, c: &CertificateView) -> String {
    match c.reason_code.as_str() {
        "" => String::new(),
        "by_hand" | "replaced" => c.reason.clone(),
        code => ui.t(&format!("completion-taken-{}", code.replace('_', "-"))),
    }
}

#[handler]
async fn list(ui: Ui, Query(q): Query<ListQuery>) -> web::Result<Response> {
    let slice = Slice::from(&PageReq { after: q.after.clone(), limit: None });
    web::html(&view(ui, q, slice).await?)
}

#[handler]
async fn export(ui: Ui, Query(q): Query<ListQuery>) -> web::Result<Response> {
    let name = ui.t("completion-title");
    view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct EndForm {
    version: i64,
    reason: String,
}

#[derive(Template)]
#[template(path = "classes/completion/pages/one.html")]
struct OnePage {
    ui: Ui,
    c: CertificateView,
    reason: String,
    form: EndForm,
    errors: Errors,
}

impl OnePage {
    fn may_change(&self) -> bool {
        self.c.state == "valid" && self.ui.can("POST", "/completions/1/revoke")
    }

    fn state(&self) -> String {
        self.ui.t(&format!("completion-state-{}", self.c.state))
    }

    fn total(&self) -> String {
        total(self.c.total)
    }
}

async fn one_page(ui: Ui, id: i64, form: EndForm, errors: Errors) -> web::Result<OnePage> {
    let c = ops::certificate(ui.cx.read(), ui.actor()?, id).await?;
    let reason = reason(&ui, &c);
    Ok(OnePage { ui, c, reason, form, errors })
}

#[handler]
async fn one(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&one_page(ui, id, EndForm::default(), Errors::default()).await?)
}

#[handler]
async fn revoke(ui: Ui, Path(id): Path<i64>, Form(f): Form<EndForm>) -> web::Result<Response> {
    match ops::revoke(&ui.cx, ui.actor()?, id, f.version, &f.reason).await {
        Ok(()) => Ok(ui.see(&format!("/completions/{id}"), &Msg::new("completion-revoked"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &one_page(ui, id, f, errors).await?)
        }
    }
}

#[handler]
async fn replace(ui: Ui, Path(id): Path<i64>, Form(f): Form<EndForm>) -> web::Result<Response> {
    match ops::replace(&ui.cx, ui.actor()?, id, f.version, &f.reason).await {
        Ok(new) => Ok(ui.see(&format!("/completions/{new}"), &Msg::new("completion-replaced"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &one_page(ui, id, f, errors).await?)
        }
    }
}

#[derive(Template)]
#[template(path = "classes/completion/pages/print.html")]
struct PrintPage {
    ui: Ui,
    all: Vec<CertificateView>,
    back: String,
}

impl PrintPage {
    fn text(&self, c: &CertificateView) -> String {
        let day = |d: Option<chrono::NaiveDate>| d.map(|d| self.day(d)).unwrap_or_default();
        let args = [
            ("class", c.class_name.clone()),
            ("first", day(c.starts_on)),
            ("last", day(c.ends_on)),
            ("hours", self.ui.hours(&c.minutes)),
        ];
        let key = match (c.starts_on.is_some() && c.ends_on.is_some(), c.total.is_some()) {
            (true, true) => "completion-text-assessed",
            (true, false) => "completion-text",
            (false, true) => "completion-text-undated-assessed",
            (false, false) => "completion-text-undated",
        };
        self.ui.ta(key, &args)
    }

    fn issued(&self, c: &CertificateView) -> String {
        self.day(c.issued_on)
    }

    /// A day as a certificate words it.
    fn day(&self, d: chrono::NaiveDate) -> String {
        self.ui.ta("completion-day", &day_args(d, self.ui.lang() == crate::core::Lang::En))
    }

    /// The code in groups of five, as it is easiest copied from paper.
    fn code(&self, c: &CertificateView) -> String {
        let signs: Vec<char> = c.code.chars().collect();
        signs.chunks(5).map(|g| g.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }
}

/// The parts of a day; `padded` for a date of figures alone.
fn day_args(d: chrono::NaiveDate, padded: bool) -> [(&'static str, String); 3] {
    use chrono::Datelike;
    let two = |n: u32| if padded { format!("{n:02}") } else { n.to_string() };
    [("year", d.year().to_string()), ("month", two(d.month())), ("day", two(d.day()))]
}

#[handler]
async fn print_one(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let c = ops::certificate(ui.cx.read(), ui.actor()?, id).await?;
    web::html(&PrintPage { ui, all: vec![c], back: format!("/completions/{id}") })
}

#[handler]
async fn print_class(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let who = ui.actor()?;
    class_view(ui.cx.read(), who, id).await?;
    let find = Find { class_id: Some(id), state: "valid".to_owned(), ..Find::default() };
    let all = ops::certificates(&ui.cx, who, &find, "number", &Slice { after: None, limit: 2000 }).await?.items;
    web::html(&PrintPage { ui, all, back: format!("/classes/{id}/completion") })
}
