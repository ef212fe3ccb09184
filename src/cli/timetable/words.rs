//! The scheduler's typed reasons in the reader's language: faults of files, broken rules, proofs and obstacles.

use crate::core::{Lang, Msg};
use crate::timetable::error::{Bad, Fault, Source, Thing};
use crate::timetable::explain::{Blocked, Obstacle, Proof, blocked, proofs};
use crate::timetable::model::{Plan, Problem, Relation};
use crate::timetable::recount::{Score, Violation};

/// How many badly placed exams an explanation tells of.
const WORST: usize = 10;
/// How many names of a list are shown.
const NAMES: usize = 40;

/// A fault of a file with its place.
pub(super) fn bad(e: &Bad, lang: Lang) -> String {
    let what = fault(&e.fault, lang).text(lang);
    let other = e.source_file == Source::Plan && matches!(e.fault, Fault::Outside(..) | Fault::Length(..));
    let hint = if other { Msg::new("timetable-bad-other-plan").text(lang) } else { String::new() };
    let key = if e.line == 0 { "timetable-bad-file" } else { "timetable-bad-line" };
    Msg::new(key).with("line", e.line).with("what", format!("{what}{hint}")).text(lang)
}

fn fault(fault: &Fault, lang: Lang) -> Msg {
    let of = |key: &str, thing: Thing| Msg::new(key).with("thing", name_of(thing, lang));
    let named = |key: &str, thing: Thing, name: &str, place: &Option<(Thing, String)>| {
        let place = place
            .as_ref()
            .map(|(t, n)| Msg::new("timetable-bad-inside").with("thing", name_of(*t, lang)).with("name", n).text(lang));
        of(key, thing).with("name", name).with("place", place.unwrap_or_default())
    };
    match fault {
        Fault::Encoding => Msg::new("timetable-bad-encoding"),
        Fault::Json(what) => Msg::new("timetable-bad-json").with("what", what),
        Fault::Missing(t) => of("timetable-bad-missing", *t),
        Fault::Number(t, got) => of("timetable-bad-number", *t).with("got", got).with("most", u32::MAX),
        Fault::Form(form, got) => Msg::new("timetable-bad-form").with("form", form).with("got", got),
        Fault::Empty(t) => of("timetable-bad-empty", *t),
        Fault::Unknown(t, name, place) => named("timetable-bad-unknown", *t, name, place),
        Fault::Twice(t, name, place) => named("timetable-bad-twice", *t, name, place),
        Fault::TooMany(t, n, most) => of("timetable-bad-many", *t).with("n", n).with("most", most),
        Fault::Count(t, n, most) => of("timetable-bad-count", *t).with("n", n).with("most", most),
        Fault::Outside(t, n, all) => of("timetable-bad-outside", *t).with("n", n).with("all", all),
        Fault::Itself(name) => Msg::new("timetable-bad-itself").with("name", name),
        Fault::Announced(t, n, found) => of("timetable-bad-announced", *t).with("n", n).with("found", found),
        Fault::Length(n, all) => Msg::new("timetable-bad-length").with("n", n).with("all", all),
        Fault::NoPlace(name) => Msg::new("timetable-bad-no-place").with("name", name),
        Fault::Small(name, size, n) => {
            Msg::new("timetable-bad-small").with("name", name).with("size", size).with("n", n)
        }
        Fault::Idle(name) => Msg::new("timetable-bad-idle").with("name", name),
        Fault::Late(name) => Msg::new("timetable-bad-late").with("name", name),
        Fault::Weights(t) => of("timetable-bad-weights", *t),
    }
}

fn name_of(thing: Thing, lang: Lang) -> String {
    let key = match thing {
        Thing::Exam => "timetable-thing-exam",
        Thing::Period => "timetable-thing-period",
        Thing::Room => "timetable-thing-room",
        Thing::Site => "timetable-thing-site",
        Thing::Candidate => "timetable-thing-candidate",
        Thing::Section => "timetable-thing-section",
        Thing::Constraint => "timetable-thing-constraint",
        Thing::Criterion => "timetable-thing-criterion",
        Thing::Duration => "timetable-thing-duration",
        Thing::Weight => "timetable-thing-weight",
        Thing::Capacity => "timetable-thing-capacity",
        Thing::Lines => "timetable-thing-lines",
        Thing::Size => "timetable-thing-size",
        Thing::Relation => "timetable-thing-relation",
        Thing::Way => "timetable-thing-way",
        Thing::Earlier => "timetable-thing-earlier",
        Thing::ExamsPeriods => "timetable-thing-exams-periods",
        Thing::ExamsRooms => "timetable-thing-exams-rooms",
        Thing::Durations => "timetable-thing-durations",
        Thing::Pairs => "timetable-thing-pairs",
        Thing::Days => "timetable-thing-days",
        Thing::CandidatesDays => "timetable-thing-candidates-days",
    };
    Msg::new(key).text(lang)
}

/// Names of the problem in sentences.
pub(super) struct Words<'a> {
    /// Whose names.
    pub problem: &'a Problem,
    /// The reader's language.
    pub lang: Lang,
}

impl Words<'_> {
    fn exam(&self, e: u32) -> &str {
        self.problem.exams.get(e as usize).map_or("?", |x| x.name.as_str())
    }

    fn period(&self, p: u32) -> &str {
        self.problem.periods.get(p as usize).map_or("?", |x| x.name.as_str())
    }

    fn room(&self, r: u32) -> &str {
        self.problem.rooms.get(r as usize).map_or("?", |x| x.name.as_str())
    }

    fn exams(&self, list: &[u32]) -> String {
        let comma = Msg::new("timetable-comma").text(self.lang);
        let shown = list.iter().take(NAMES).map(|e| self.exam(*e)).collect::<Vec<_>>().join(&comma);
        match list.len().saturating_sub(NAMES) {
            0 => shown,
            more => Msg::new("timetable-more").with("shown", shown).with("more", more).text(self.lang),
        }
    }

    /// A broken rule.
    pub(super) fn violation(&self, v: &Violation) -> String {
        let of = |key: &str, e: u32| Msg::new(key).with("exam", self.exam(e));
        let msg = match *v {
            Violation::Unplaced(a) => of("timetable-broken-unplaced", a),
            Violation::Clash(a, b, n) => of("timetable-broken-clash", a).with("other", self.exam(b)).with("n", n),
            Violation::Overfull(x, y, used, have) => Msg::new("timetable-broken-overfull")
                .with("period", self.period(x))
                .with("room", self.room(y))
                .with("used", used)
                .with("have", have),
            Violation::TooLong(a, x, need, have) => {
                of("timetable-broken-long", a).with("period", self.period(x)).with("need", need).with("have", have)
            }
            Violation::Broken(relation) => {
                let (a, b) = relation.exams();
                let key = match relation {
                    Relation::SamePeriod(..) => "timetable-broken-same-period",
                    Relation::DifferentPeriod(..) => "timetable-broken-different-period",
                    Relation::After(..) => "timetable-broken-after",
                    Relation::SameRoom(..) => "timetable-broken-same-room",
                };
                of(key, a).with("other", self.exam(b))
            }
            Violation::Shared(a, b) => of("timetable-broken-shared", a).with("other", self.exam(b)),
            Violation::Period(a, x) => of("timetable-broken-period", a).with("period", self.period(x)),
            Violation::Room(a, y) => of("timetable-broken-room", a).with("room", self.room(y)),
            Violation::Fixed(a) => of("timetable-broken-fixed", a),
            Violation::Closed(a, y, x) => {
                of("timetable-broken-closed", a).with("room", self.room(y)).with("period", self.period(x))
            }
            Violation::Rooms(a) => of("timetable-broken-rooms", a),
            Violation::Daily(n) => Msg::new("timetable-broken-daily").with("n", n),
        };
        msg.text(self.lang)
    }

    /// A score: a line for the sum, one for each criterion and one for each broken rule.
    pub(super) fn score(&self, score: &Score) -> Vec<String> {
        let mut out = vec![format!("hard\t{}", score.hard()), format!("soft\t{}", score.soft())];
        if self.problem.shown_per.is_some() {
            out.push(format!("cost\t{:.4}", self.problem.shown(score.soft())));
        }
        out.extend(score.criteria.iter().map(|(k, n)| format!("{k}\t{n}")));
        out.extend(score.violations.iter().map(|v| format!("!\t{}", self.violation(v))));
        out
    }

    /// Proofs that no plan can exist and, with a plan, what is in the way of the exams without place and of the costliest.
    pub(super) fn explain(&self, plan: Option<&Plan>) -> Vec<String> {
        let mut out: Vec<String> = proofs(self.problem).iter().map(|p| self.proof(p)).collect();
        if let Some(plan) = plan {
            out.extend(blocked(self.problem, plan, WORST).iter().flat_map(|b| self.blocked(b)));
        }
        out
    }

    fn proof(&self, proof: &Proof) -> String {
        let all = |key: &str, list: &[u32]| Msg::new(key).with("n", list.len()).with("exams", self.exams(list));
        let msg = match proof {
            Proof::NoPeriod(l) => all("timetable-proof-no-period", l),
            Proof::NoRoom(e) => {
                let size = self.problem.exams.get(*e as usize).map_or(0, |x| x.size);
                Msg::new("timetable-proof-no-room").with("exam", self.exam(*e)).with("size", size)
            }
            Proof::Clique(l, n) => all("timetable-proof-clique", l).with("periods", n),
            Proof::Seats(l, n, need, have) => {
                all("timetable-proof-seats", l).with("periods", n).with("need", need).with("have", have)
            }
            Proof::Cycle(l) => all("timetable-proof-cycle", l),
            Proof::Chain(l, n) => all("timetable-proof-chain", l).with("periods", n),
            Proof::Contradiction(l) => all("timetable-proof-contradiction", l),
            Proof::Daily(c, have, most) => {
                let who = self.problem.candidate_names.get(*c as usize).map_or("?", String::as_str);
                Msg::new("timetable-proof-daily").with("candidate", who).with("have", have).with("most", most)
            }
        };
        msg.text(self.lang)
    }

    fn blocked(&self, b: &Blocked) -> Vec<String> {
        let lang = self.lang;
        let join = |list: &[Obstacle], remedy: bool| {
            let comma = Msg::new("timetable-semicolon").text(lang);
            list.iter().map(|o| self.obstacle(o, remedy)).collect::<Vec<_>>().join(&comma)
        };
        let head = if b.unplaced { "timetable-block-unplaced" } else { "timetable-block-placed" };
        let mut out = vec![Msg::new(head).with("exam", self.exam(b.exam)).with("cost", b.cost).text(lang)];
        let mut say = |key: &str, p: u32, what: String| {
            let line = Msg::new(key).with("period", self.period(p)).with("what", what).text(lang);
            out.push(format!("  {line}"));
        };
        for (p, obstacles) in &b.periods {
            let key = if obstacles.is_empty() { "timetable-block-free" } else { "timetable-block-period" };
            say(key, *p, join(obstacles, false));
        }
        match b.cheapest() {
            None => say("timetable-block-nowhere", 0, String::new()),
            Some((p, o)) if o.is_empty() => say("timetable-block-simply", *p, String::new()),
            Some((p, o)) => say("timetable-block-cheapest", *p, join(o, true)),
        }
        out
    }

    /// What is in the way, or what would take it out of the way.
    fn obstacle(&self, o: &Obstacle, remedy: bool) -> String {
        let msg = match (o, remedy) {
            (Obstacle::Clash(..), false) => Msg::new("timetable-block-clash"),
            (Obstacle::Clash(..), true) => Msg::new("timetable-remedy-clash"),
            (Obstacle::Order(_), false) => Msg::new("timetable-block-order"),
            (Obstacle::Order(_), true) => Msg::new("timetable-remedy-order"),
            (Obstacle::Seats(..), false) => Msg::new("timetable-block-seats"),
            (Obstacle::Seats(..), true) => Msg::new("timetable-remedy-seats"),
        };
        let msg = match o {
            Obstacle::Clash(l, n) => msg.with("exams", self.exams(l)).with("n", n),
            Obstacle::Order(l) => msg.with("exams", self.exams(l)),
            Obstacle::Seats(need, have) => {
                msg.with("need", need).with("have", have).with("short", need.saturating_sub(*have))
            }
        };
        msg.text(self.lang)
    }
}
