//! The start page.

use askama::Template;
use poem::{Response, handler};

use super::{open_alarms, percent};
use crate::classes::ops::{self as classes, Coming};
use crate::core::Role;
use crate::reports::charts;
use crate::reports::dashboard::{self, Own, Waiting};
use crate::reports::nightly::{self, Compared};
use crate::reports::tally::{self, Ask, Measure, Tally};
use crate::web::{self, Ui};

/// A figure at the top.
struct Tile {
    label: String,
    value: String,
    note: String,
    href: String,
}

struct StageRow {
    label: String,
    n: i64,
    href: String,
}

#[derive(Template)]
#[template(path = "reports/pages/home.html")]
struct HomePage {
    ui: Ui,
    alarms: usize,
    /// Has work here: everybody but an observer.
    works: bool,
    waits: Vec<Waiting>,
    own: Option<Own>,
    coming: Vec<Coming>,
    tiles: Vec<Tile>,
    stages: Vec<StageRow>,
    funnel_chart: String,
    tally: Option<Tally>,
    tally_chart: String,
    compared: Option<Compared>,
}

impl HomePage {
    /// The way to what waits, when the page is there for this user.
    fn way(&self, w: &Waiting) -> String {
        if self.ui.can("GET", w.href) { w.href.to_owned() } else { String::new() }
    }

    /// A session to come: those who run it get its list, the others their class.
    fn coming_href(&self, c: &Coming) -> String {
        let to = format!("/class-sessions/{}", c.session_id);
        if self.ui.can("GET", &to) { to } else { format!("/classes/{}", c.class_id) }
    }

    /// Today, tomorrow or the day, with the hours.
    fn coming_when(&self, c: &Coming) -> String {
        let today = self.ui.cx.today();
        let day = match (c.held_on - today).num_days() {
            0 => self.ui.t("reports-home-today"),
            1 => self.ui.t("reports-home-tomorrow"),
            _ => c.held_on.format("%m-%d").to_string(),
        };
        let time = crate::practicum::rules::show_time;
        format!("{day} {}–{}", time(c.times.0), time(c.times.1))
    }

    fn coming_what(&self, c: &Coming) -> String {
        let parts = [c.class_name.as_str(), c.course.as_str(), c.room.as_str()];
        parts.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    /// The people behind a figure of a level; empty for readers who see figures only.
    fn level_href(&self, measure: &str, n: &i64, row: &tally::Row) -> String {
        if *n == 0 || !self.ui.can("GET", "/tally/people") {
            return String::new();
        }
        format!("/tally/people?measure={measure}&by=level&group={}", web::percent(&row.group))
    }

    fn stage_text(&self, own: &Own) -> String {
        self.ui.t(&own.stage.text_key())
    }

    fn own_href(&self, own: &Own) -> String {
        let to = format!("/people/{}", own.person_id);
        if self.ui.can("GET", &to) { to } else { String::new() }
    }
}

fn tiles(ui: &Ui, t: &Tally) -> Vec<Tile> {
    let (l, f) = (&t.total, &t.total.figures);
    let open = ui.can("GET", "/tally/people");
    let tile = |m: Measure, n: i64, note: String| Tile {
        label: super::tally::measure_name(ui, m),
        value: n.to_string(),
        note,
        href: if open && n > 0 { format!("/tally/people?measure={}", m.name()) } else { String::new() },
    };
    let registered = match t.year {
        Some(y) => ui.t1("reports-tile-registered", "year", y),
        None => ui.t("reports-no-year"),
    };
    let sat = ui.t1("reports-tile-sat", "rate", percent(tally::rules::rate(f.sat, f.registered)));
    let passed = ui.ta(
        "reports-tile-passed",
        &[("sat", percent(l.pass_rate_sat)), ("registered", percent(l.pass_rate_registered))],
    );
    // Certificates of all years against the passes of one: only where the whole can hold the part.
    let people = ("people", percent(l.certification_rate));
    let certified = match l.certified_to_passed().filter(|r| *r <= 1.0) {
        Some(r) => ui.ta("reports-tile-certified-passed", &[people, ("passed", percent(Some(r)))]),
        None => ui.ta("reports-tile-certified", &[people]),
    };
    vec![
        tile(Measure::People, f.people, ui.t("reports-tile-people")),
        tile(Measure::Registered, f.registered, registered),
        tile(Measure::Sat, f.sat, sat),
        tile(Measure::Passed, f.passed, passed),
        tile(Measure::Certified, f.certified, certified),
    ]
}

#[handler]
pub(super) async fn home(ui: Ui) -> web::Result<Response> {
    let who = ui.actor()?;
    let mut page = HomePage {
        alarms: open_alarms(&ui).await?,
        works: who.role != Role::Observer,
        waits: dashboard::waiting(&ui.cx, who).await?,
        own: dashboard::own(&ui.cx, who).await?,
        coming: classes::coming(&ui.cx, who).await?,
        tiles: Vec::new(),
        stages: Vec::new(),
        funnel_chart: String::new(),
        tally: None,
        tally_chart: String::new(),
        compared: None,
        ui: ui.clone(),
    };
    if who.is(&[Role::Administrator, Role::Trainer, Role::Observer]) {
        let funnel = dashboard::funnel(&ui.cx, who).await?;
        let t = tally::tally(&ui.cx, who, &Ask::default()).await?;
        let labels: Vec<String> = funnel.iter().map(|(s, _)| ui.t(&s.text_key())).collect();
        if !funnel.is_empty() {
            let values = vec![(ui.t("reports-people"), funnel.iter().map(|(_, n)| *n).collect())];
            page.funnel_chart = charts::bars(&ui.t("reports-home-funnel-chart"), &labels, &values)?;
        }
        let open = ui.can("GET", "/people") && who.sees_identities();
        page.stages = funnel
            .iter()
            .zip(labels)
            .map(|((s, n), label)| StageRow {
                label,
                n: *n,
                href: if open { format!("/people?stage={}", s.name()) } else { String::new() },
            })
            .collect();
        page.tiles = tiles(&ui, &t);
        page.tally_chart = super::tally::chart(&ui, &t)?;
        page.compared = nightly::compare(&ui.cx, who, &t).await?;
        page.tally = Some(t);
    }
    web::html(&page)
}
