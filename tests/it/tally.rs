//! The tally: maintained = recounted whatever happens, every figure opens, dates, scope, snapshot, alarm, pages, API.

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::{DatabaseTransaction, Value};
use yanzhen::certificates::ops::{self as certificates, RecordCertificate, RevokeCertificate};
use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error, Role};
use yanzhen::db;
use yanzhen::exams::facts;
use yanzhen::people::scope::{self, Kind};
use yanzhen::pipeline::{self, Change};
use yanzhen::reports::tally::{Ask, Behind, By, Figures, Measure, Tally, people_behind, tally};
use yanzhen::reports::{alarm, nightly, repair};
use yanzhen::schemes;

use crate::certificates::{admin, import};
use crate::harness::{Bench, samples};
use crate::on_both;

const LEVELS: [(&str, &[&str]); 2] =
    [("junior", &["comprehensive", "practice"]), ("intermediate", &["policy", "comprehensive", "practice"])];

/// One thing that happens; people are meant modulo their number.
#[derive(Clone, Debug)]
enum Happening {
    Person { region: usize, campus: bool },
    Move { person: usize, region: usize },
    Join { person: usize, kind: usize, target: i64 },
    Leave { person: usize, kind: usize, target: i64 },
    Register { person: usize, level: usize, year: i64, active: bool },
    Sit { person: usize, level: usize, year: i64, marks: Vec<i64>, held: bool },
    Certify { person: usize, level: usize, year: i32 },
    Revoke { nth: usize },
}

fn happening() -> impl Strategy<Value = Happening> {
    let person = 0..40_usize;
    let year = 2024..=2026_i64;
    prop_oneof![
        4 => (0..5_usize, any::<bool>()).prop_map(|(region, campus)| Happening::Person { region, campus }),
        1 => (person.clone(), 0..5_usize).prop_map(|(person, region)| Happening::Move { person, region }),
        2 => (person.clone(), 0..3_usize, 1..4_i64).prop_map(|(person, kind, target)| Happening::Join { person, kind, target }),
        1 => (person.clone(), 0..3_usize, 1..4_i64).prop_map(|(person, kind, target)| Happening::Leave { person, kind, target }),
        3 => (person.clone(), 0..2_usize, year.clone(), any::<bool>())
            .prop_map(|(person, level, year, active)| Happening::Register { person, level, year, active }),
        5 => (person.clone(), 0..2_usize, year, prop::collection::vec(-4..100_i64, 3), prop::bool::weighted(0.1))
            .prop_map(|(person, level, year, marks, held)| Happening::Sit { person, level, year, marks, held }),
        3 => (person, 0..2_usize, 2020..=2026_i32).prop_map(|(person, level, year)| Happening::Certify { person, level, year }),
        1 => (0..40_usize).prop_map(|nth| Happening::Revoke { nth }),
    ]
}

/// A small county that things happen to.
struct County<'b> {
    b: &'b Bench,
    people: Vec<i64>,
    certificates: Vec<i64>,
    next: u32,
}

const REGIONS: [&str; 5] = ["", "990121", "990121001", "990121002", "990300"];
const KINDS: [Kind; 3] = [Kind::Cohort, Kind::Class, Kind::Base];

impl<'b> County<'b> {
    async fn new(b: &'b Bench) -> Self {
        let now = b.cx.now();
        let sql =
            "INSERT INTO campus (name, region_code, version, created_at, updated_at) VALUES ('某大学', '', 1, ?, ?)";
        db::run(b.cx.writer(), sql, [now.into(), now.into()]).await.unwrap();
        for year in 2024..=2026_i64 {
            let sql = "INSERT INTO exam_cycle (scheme, year, version, created_at, updated_at) VALUES ('social-work', ?, 1, ?, ?)";
            db::run(b.cx.writer(), sql, [year.into(), now.into(), now.into()]).await.unwrap();
        }
        Self { b, people: Vec::new(), certificates: Vec::new(), next: 0 }
    }

    fn person(&self, n: usize) -> Option<i64> {
        (!self.people.is_empty()).then(|| self.people[n % self.people.len()])
    }

    /// Does something to a person between open and close, as a feature would.
    async fn change(&self, id: i64, sql: &str, values: Vec<Value>) {
        let txn = self.b.cx.begin().await.unwrap();
        let before = pipeline::open(&txn, &[id]).await.unwrap();
        db::run(&txn, sql, values).await.unwrap();
        self.close(&txn, before, id).await;
        txn.commit().await.unwrap();
    }

    async fn close(&self, txn: &DatabaseTransaction, before: pipeline::Open, id: i64) {
        let schemes = schemes::of(&self.b.cx).unwrap();
        let mut changes = vec![(id, Change::Person)];
        changes.extend(facts::of(txn, &schemes, &[id]).await.unwrap());
        before.close(txn, &self.b.cx, changes).await.unwrap();
    }

    async fn make(&mut self, region: &str, campus: bool) -> i64 {
        let now = self.b.cx.now();
        self.next += 1;
        let name = format!("人{}", self.next);
        let txn = self.b.cx.begin().await.unwrap();
        let before = pipeline::open(&txn, &[]).await.unwrap();
        let sql = "INSERT INTO person (name, name_key, id_hash, region_code, campus_id, active, version, created_at, updated_at) \
                   VALUES (?, ?, ?, ?, ?, TRUE, 1, ?, ?) RETURNING id";
        let campus: Option<i64> = campus.then_some(1);
        let values: Vec<Value> = vec![
            name.clone().into(),
            name.clone().into(),
            name.into(),
            region.into(),
            campus.into(),
            now.into(),
            now.into(),
        ];
        let id = db::int(&txn, sql, values).await.unwrap().unwrap();
        before.close(&txn, &self.b.cx, vec![(id, Change::Person)]).await.unwrap();
        txn.commit().await.unwrap();
        self.people.push(id);
        id
    }

    async fn register(&self, id: i64, level: &str, year: i64, active: bool, on: &str) {
        let now = self.b.cx.now();
        let state = if active { "active" } else { "withdrawn" };
        let sql = "INSERT INTO registration (cycle_id, person_id, level, registered_on, payment, state, version, created_at, \
                   updated_at) VALUES ((SELECT id FROM exam_cycle WHERE year = ?), ?, ?, ?, 'paid', ?, 1, ?, ?) \
                   ON CONFLICT (cycle_id, person_id, level) DO UPDATE SET state = excluded.state";
        let on: NaiveDate = on.parse().unwrap();
        let values = vec![year.into(), id.into(), level.into(), on.into(), state.into(), now.into(), now.into()];
        self.change(id, sql, values).await;
    }

    #[expect(clippy::too_many_arguments, reason = "a row of the table, column by column")]
    async fn result(&self, id: i64, level: &str, year: i64, subject: &str, mark: i64, held: bool, on: &str) {
        let now = self.b.cx.now();
        let (code, mark) = match mark {
            -1 => ("absent", None),
            -2 => ("violation", None),
            m if m < 0 => ("void", None),
            m => ("normal", Some(m * 100)),
        };
        let sql = "INSERT INTO result (cycle_id, person_id, level, subject, code, mark, held, published_on, version, created_at, \
                   updated_at) VALUES ((SELECT id FROM exam_cycle WHERE year = ?), ?, ?, ?, ?, ?, ?, ?, 1, ?, ?) \
                   ON CONFLICT (cycle_id, person_id, level, subject) DO UPDATE SET code = excluded.code, \
                   mark = excluded.mark, held = excluded.held";
        let on: NaiveDate = on.parse().unwrap();
        let values = vec![
            year.into(),
            id.into(),
            level.into(),
            subject.into(),
            code.into(),
            mark.into(),
            held.into(),
            on.into(),
            now.into(),
            now.into(),
        ];
        self.change(id, sql, values).await;
    }

    async fn certify(&mut self, id: i64, level: &str, year: i32) -> Option<i64> {
        self.next += 1;
        let input = RecordCertificate {
            person_id: id,
            scheme: "social-work".into(),
            level: level.into(),
            number: format!("NUMBER{:06}", self.next),
            exam_year: i64::from(year),
            approved_on: NaiveDate::from_ymd_opt(year, 6, 1).unwrap(),
            first_registered_on: None,
            registered_until: None,
            unit: String::new(),
            note: String::new(),
        };
        let made = certificates::record(&self.b.cx, &admin(), input).await.ok()?.id;
        self.certificates.push(made);
        Some(made)
    }

    async fn happen(&mut self, h: Happening) {
        match h {
            Happening::Person { region, campus } => {
                self.make(REGIONS[region], campus).await;
            }
            Happening::Move { person, region } => {
                let Some(id) = self.person(person) else { return };
                let values = vec![REGIONS[region].into(), id.into()];
                self.change(id, "UPDATE person SET region_code = ? WHERE id = ?", values).await;
            }
            Happening::Join { person, kind, target } => {
                let Some(id) = self.person(person) else { return };
                let txn = self.b.cx.begin().await.unwrap();
                let before = pipeline::open(&txn, &[id]).await.unwrap();
                scope::join(&txn, KINDS[kind], [(target, id)]).await.unwrap();
                self.close(&txn, before, id).await;
                txn.commit().await.unwrap();
            }
            Happening::Leave { person, kind, target } => {
                let Some(id) = self.person(person) else { return };
                let txn = self.b.cx.begin().await.unwrap();
                let before = pipeline::open(&txn, &[id]).await.unwrap();
                scope::leave(&txn, KINDS[kind], target, &[id]).await.unwrap();
                self.close(&txn, before, id).await;
                txn.commit().await.unwrap();
            }
            Happening::Register { person, level, year, active } => {
                let Some(id) = self.person(person) else { return };
                self.register(id, LEVELS[level].0, year, active, &format!("{year}-03-10")).await;
            }
            Happening::Sit { person, level, year, marks, held } => {
                let Some(id) = self.person(person) else { return };
                let (level, subjects) = LEVELS[level];
                for (subject, mark) in subjects.iter().zip(marks) {
                    // Passes are to be seen often enough.
                    let mark = if mark > 30 { 60 + mark % 40 } else { mark };
                    self.result(id, level, year, subject, mark, held, &format!("{year}-08-01")).await;
                }
            }
            Happening::Certify { person, level, year } => {
                let Some(id) = self.person(person) else { return };
                self.certify(id, LEVELS[level].0, year).await;
            }
            Happening::Revoke { nth } => {
                if self.certificates.is_empty() {
                    return;
                }
                let nth = nth % self.certificates.len();
                let id = self.certificates.swap_remove(nth);
                let view = certificates::get(&self.b.cx, &admin(), id).await.unwrap();
                let input = RevokeCertificate { on: "2026-11-01".parse().unwrap(), why: "x".into() };
                certificates::revoke(&self.b.cx, &admin(), id, view.certificate.version, input).await.unwrap();
            }
        }
    }
}

fn ask(by: By) -> Ask {
    Ask { by, ..Ask::default() }
}

fn yesterday(by: By) -> Ask {
    Ask { as_of: "2026-11-24".parse().ok(), ..ask(by) }
}

fn figures(t: &Tally) -> (Option<i64>, Vec<(String, Figures)>, Figures) {
    (t.year, t.rows.iter().map(|r| (r.key.clone(), r.line.figures)).collect(), t.total.figures)
}

async fn rows_behind(b: &Bench, who: &Actor, behind: &Behind) -> i64 {
    let mut n = 0;
    let mut after = None;
    loop {
        let page = people_behind(&b.cx, who, behind, &PageReq { after, limit: Some(3) }).await.unwrap();
        n += i64::try_from(page.items.len()).unwrap();
        match page.next {
            Some(next) => after = Some(next),
            None => return n,
        }
    }
}

/// Every figure of a tally has as many rows behind it as it says.
async fn opens(b: &Bench, who: &Actor, ask: &Ask) {
    let t = tally(&b.cx, who, ask).await.unwrap();
    let rows = t.rows.iter().map(|r| (Some(r.group.clone()), r.line.figures)).chain([(None, t.total.figures)]);
    for (group, f) in rows {
        let all = [f.people, f.registered, f.sat, f.passed, f.certified];
        for (measure, figure) in Measure::ALL.into_iter().zip(all) {
            let behind = Behind { ask: ask.clone(), measure, group: group.clone() };
            assert_eq!(rows_behind(b, who, &behind).await, figure, "{behind:?}");
        }
    }
}

on_both!(maintained_is_recounted_whatever_happens, |b| async move {
    let mut county = County::new(&b).await;
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for _ in 0..4 {
        let sequence = prop::collection::vec(happening(), 40).new_tree(&mut runner).unwrap().current();
        for h in sequence.clone() {
            county.happen(h).await;
        }
        let found = nightly::run(&b.cx, &Actor::job("tally")).await.unwrap();
        assert!(found.differences.is_empty() && found.people.is_empty(), "{found:?} after {sequence:#?}");
        for by in By::ALL {
            let now = tally(&b.cx, &admin(), &ask(by)).await.unwrap();
            let counted = tally(&b.cx, &admin(), &yesterday(by)).await.unwrap();
            assert_eq!(figures(&now), figures(&counted), "by {}", by.name());
            // The total does not depend on how the rows are cut.
            assert_eq!(now.total.figures, found.snapshot.total);
        }
    }
    for by in [By::Level, By::Region, By::Cohort, By::Campus, By::Year] {
        opens(&b, &admin(), &ask(by)).await;
    }
    opens(&b, &admin(), &yesterday(By::Level)).await;
    opens(&b, &admin(), &yesterday(By::Base)).await;

    // Narrower scopes: counters where they are exact, people one by one where they are not.
    let mut region = admin();
    region.scope.regions = vec!["990121".into()];
    let mut trainer = admin();
    trainer.role = Role::Trainer;
    trainer.scope = yanzhen::core::actor::Scope { cohorts: vec![1, 2], classes: vec![3], ..Default::default() };
    for who in [region, trainer] {
        for by in [By::Level, By::Region, By::Cohort, By::Year] {
            let now = tally(&b.cx, &who, &ask(by)).await.unwrap();
            let counted = tally(&b.cx, &who, &yesterday(by)).await.unwrap();
            assert_eq!(figures(&now), figures(&counted), "{:?} by {}", who.role, by.name());
        }
        opens(&b, &who, &ask(By::Level)).await;
    }
});

on_both!(a_day_in_the_past_counts_what_was_effective_by_then, |b| async move {
    let mut county = County::new(&b).await;
    let id = county.make("990121", false).await;
    county.register(id, "junior", 2025, true, "2025-03-12").await;
    for subject in ["comprehensive", "practice"] {
        county.result(id, "junior", 2025, subject, 61, false, "2025-07-28").await;
    }
    let certificate = county.certify(id, "junior", 2025).await.unwrap();
    let input = RevokeCertificate { on: "2026-02-01".parse().unwrap(), why: "x".into() };
    certificates::revoke(&b.cx, &admin(), certificate, 1, input).await.unwrap();
    county.register(id, "intermediate", 2026, true, "2026-03-20").await;

    let at = |day: &str| Ask { as_of: day.parse().ok(), ..Ask::default() };
    let of =
        |year, registered, sat, passed, certified| (year, Figures { people: 1, registered, sat, passed, certified });
    for (day, want) in [
        ("2025-03-11", of(None, 0, 0, 0, 0)),
        ("2025-03-12", of(Some(2025), 1, 0, 0, 0)),
        ("2025-06-01", of(Some(2025), 1, 0, 0, 1)),
        ("2025-07-28", of(Some(2025), 1, 1, 1, 1)),
        ("2026-01-31", of(Some(2025), 1, 1, 1, 1)),
        ("2026-02-01", of(Some(2025), 1, 1, 1, 0)),
        ("2026-03-20", of(Some(2026), 1, 0, 0, 0)),
        ("2026-11-25", of(Some(2026), 1, 0, 0, 0)),
    ] {
        let t = tally(&b.cx, &admin(), &at(day)).await.unwrap();
        assert_eq!((t.year, t.total.figures), want, "{day}");
    }
    let asked = Ask { year: Some(2025), ..Ask::default() };
    let t = tally(&b.cx, &admin(), &asked).await.unwrap();
    assert_eq!((t.year, t.total.figures.passed), (Some(2025), 1));
    let tomorrow = tally(&b.cx, &admin(), &at("2026-11-26")).await;
    assert!(matches!(tomorrow, Err(Error::Invalid(f)) if f[0].field == "as_of"));
    let mut intern = admin();
    intern.role = Role::Intern;
    assert!(matches!(tally(&b.cx, &intern, &Ask::default()).await, Err(Error::Forbidden)));
});

on_both!(a_broken_counter_raises_an_alarm_until_it_is_mended, |b| async move {
    let mut county = County::new(&b).await;
    let id = county.make("990121001", false).await;
    county.certify(id, "junior", 2025).await.unwrap();
    let job = Actor::job("tally");
    let fine = nightly::run(&b.cx, &job).await.unwrap();
    assert_eq!((fine.snapshot.total.certified, fine.msg().key.as_str()), (1, "reports-job-done"));

    let broken = "UPDATE tally_counter SET certified = certified + 5 WHERE kind = 'region' AND group_key = '990121' \
                  AND level = 'junior' AND year = 0";
    assert_eq!(db::run(b.cx.writer(), broken, []).await.unwrap(), 1);
    let found = nightly::run(&b.cx, &job).await.unwrap();
    assert_eq!(found.msg().key, "reports-job-differs");
    let open = alarm::open_alarms(&b.cx, &admin()).await.unwrap();
    assert_eq!((open.len(), open[0].subject.as_str()), (1, "counters"));
    let d = &open[0].details.differences[0];
    assert_eq!((d.kind.as_str(), d.key.as_str(), d.figure.as_str()), ("region", "990121", "certified"));
    assert_eq!((d.maintained, d.recounted), (6, 1));

    let mut browser = b.sign_in(Role::Administrator, &[], None).await;
    for page in ["/", "/tally"] {
        browser.get(page).await.is(200).shows("有 1 个警报");
    }
    browser.get("/alarms").await.is(200).shows("地区 990121").shows("<td class=\"num\">6</td><td class=\"num\">1</td>");
    let api = b.api(Role::Administrator, &[], None).await;
    let list = api.get("/alarms").await.is(200).json();
    assert_eq!(list["items"][0]["differences"][0]["maintained"], 6);
    // Another county does not see it, this one does.
    for (region, n) in [("9902", 0), ("990121", 1)] {
        let mut who = admin();
        who.scope.regions = vec![region.into()];
        assert_eq!(alarm::open_alarms(&b.cx, &who).await.unwrap().len(), n, "{region}");
    }

    // Cleared with a reason only; raised anew while it still differs; clears itself when mended.
    let clear = format!("/alarms/{}/clear", open[0].id);
    browser.post(&clear, &[("why", " ")]).await.is(422).shows("请写明解除的原因");
    browser.post(&clear, &[("why", "已查明")]).await.is(303);
    assert!(alarm::open_alarms(&b.cx, &admin()).await.unwrap().is_empty());
    browser.post(&clear, &[("why", "again")]).await.is(422);
    nightly::run(&b.cx, &job).await.unwrap();
    assert_eq!(alarm::open_alarms(&b.cx, &admin()).await.unwrap().len(), 1);
    let mended = broken.replace("+ 5", "- 5");
    db::run(b.cx.writer(), &mended, []).await.unwrap();
    nightly::run(&b.cx, &job).await.unwrap();
    assert!(alarm::open_alarms(&b.cx, &admin()).await.unwrap().is_empty());
    assert_eq!(alarm::list(&b.cx, &admin(), &PageReq::default()).await.unwrap().items.len(), 2);

    // Facts that do not follow from the records name the person.
    db::run(b.cx.writer(), "UPDATE person_facts SET highest_level = 'intermediate'", []).await.unwrap();
    let found = nightly::run(&b.cx, &job).await.unwrap();
    assert_eq!(found.people, [id]);
    let open = alarm::open_alarms(&b.cx, &admin()).await.unwrap();
    assert_eq!((open[0].subject.as_str(), open[0].details.people.as_slice()), ("facts", &[id][..]));
});

on_both!(broken_figures_are_put_right_from_the_records, |b| async move {
    let mut county = County::new(&b).await;
    let id = county.make("990121001", false).await;
    let other = county.make("990121001", false).await;
    county.certify(id, "junior", 2025).await.unwrap();
    let mut browser = b.sign_in(Role::Administrator, &[], None).await;
    browser.post("/alarms/repair", &[]).await.is(422).shows("没有未解除的警报");

    // A counter too high, one lost, a stage wrong, a person's facts wrong and another's gone.
    let broken = [
        "UPDATE tally_counter SET certified = certified + 5 WHERE kind = 'region' AND group_key = '990121' AND year = 0",
        "DELETE FROM tally_counter WHERE kind = 'region' AND group_key = '99'",
        "UPDATE stage_counter SET people = people - 1 WHERE kind = 'all'",
    ];
    for sql in broken {
        assert!(db::run(b.cx.writer(), sql, []).await.unwrap() > 0, "{sql}");
    }
    db::run(b.cx.writer(), "UPDATE person_facts SET highest_level = '' WHERE person_id = ?", [id.into()])
        .await
        .unwrap();
    let found = nightly::run(&b.cx, &Actor::job("tally")).await.unwrap();
    assert!(found.differences.len() >= 4 && found.people == [id], "{found:?}");

    browser.get("/alarms").await.is(200).shows("按原始记录更正");
    browser.post("/alarms/repair", &[]).await.is(303);
    browser.post("/alarms/repair", &[]).await.is(303);
    let asked = "SELECT COUNT(*) FROM job_task WHERE kind = 'tally_repair'";
    assert_eq!(db::int(b.cx.read(), asked, []).await.unwrap(), Some(1), "asked for twice, to be done once");
    let jobs = yanzhen::app::jobs(&b.cx).unwrap();
    yanzhen::jobs::worker::run_due(&b.cx, &jobs).await.unwrap();
    assert!(alarm::open_alarms(&b.cx, &admin()).await.unwrap().is_empty());
    let again = nightly::run(&b.cx, &Actor::job("tally")).await.unwrap();
    assert!(again.differences.is_empty() && again.people.is_empty(), "{again:?}");
    assert_eq!((again.snapshot.total.people, again.snapshot.total.certified), (2, 1));
    let asked = "SELECT COUNT(*) FROM audit_entry WHERE action = 'repair' AND entity = 'alarm'";
    assert!(db::int(b.cx.read(), asked, []).await.unwrap().unwrap() >= 2);
    assert_ne!(id, other);

    let mut county = admin();
    county.scope.regions = vec!["990121".into()];
    assert!(matches!(repair::run(&b.cx, &county).await, Err(Error::Forbidden)));
});

on_both!(a_snapshot_keeps_the_night_and_the_page_explains_the_difference, |b| async move {
    let mut county = County::new(&b).await;
    let id = county.make("990121", false).await;
    nightly::run(&b.cx, &Actor::job("tally")).await.unwrap();
    nightly::run(&b.cx, &Actor::job("tally")).await.unwrap();
    let kept = nightly::snapshots(&b.cx, &admin(), None, 10).await.unwrap();
    assert_eq!(kept.len(), 1, "a second run of the day replaces the first");
    county.certify(id, "junior", 2025).await.unwrap();
    let t = tally(&b.cx, &admin(), &Ask::default()).await.unwrap();
    let c = nightly::compare(&b.cx, &admin(), &t).await.unwrap().unwrap();
    assert!(c.differs);
    assert_eq!(c.rows(), [("reports-certified", 0, 1)]);
    assert_eq!((c.since[0].entity.as_str(), c.since[0].n), ("certificate", 1));
    let mut browser = b.sign_in(Role::Observer, &[("region", "990121".to_owned())], None).await;
    browser.get("/tally").await.is(200).shows("证书 1 处").hides("/tally/people");
    browser.get("/").await.is(200).shows("证书 1 处").hides("待办");
    browser.get("/tally/people?measure=people").await.is(403);
    let api = b.api(Role::Observer, &[("region", "990121".to_owned())], None).await;
    let list = api.get("/tally/snapshots").await.is(200).json();
    assert_eq!((&list[0]["total"]["people"], &list[0]["total"]["certified"]), (&1.into(), &0.into()));
});

on_both!(page_api_and_files_say_the_same, |b| async move {
    let mut county = County::new(&b).await;
    for n in 0..3 {
        let id = county.make("990121", n == 0).await;
        county.register(id, "junior", 2026, n < 2, "2026-03-10").await;
        if n == 0 {
            for subject in ["comprehensive", "practice"] {
                county.result(id, "junior", 2026, subject, 60, false, "2026-07-28").await;
            }
            county.certify(id, "junior", 2026).await.unwrap();
        }
    }
    let api = b.api(Role::Administrator, &[], None).await;
    let json = api.get("/tally?by=level").await.is(200).json();
    let t = tally(&b.cx, &admin(), &Ask::default()).await.unwrap();
    assert_eq!(json, serde_json::to_value(&t).unwrap(), "API and command line have one shape");
    let row = &json["rows"][0];
    assert_eq!((&row["key"], &row["registered"], &row["sat"]), (&"junior".into(), &2.into(), &1.into()));
    assert_eq!((&row["pass_rate_sat"], &row["pass_rate_registered"]), (&1.0.into(), &0.5.into()));
    assert_eq!(json["total"]["certification_rate"], 0.3333);
    assert_eq!(json["year"], 2026);
    let empty = api.get("/tally?year=2020").await.is(200).json();
    assert_eq!(empty["total"]["pass_rate_sat"], serde_json::Value::Null);
    api.get("/tally?by=nothing").await.is(400);
    api.get("/tally?as_of=2027-01-01").await.is(422);
    let people = api.get("/tally/people?measure=registered&key=junior").await.is(200).json();
    assert_eq!(people["items"].as_array().unwrap().len(), 2);

    let mut browser = b.sign_in(Role::Administrator, &[], None).await;
    let page = browser.get("/tally").await.is(200).shows("助理社会工作师").shows("<svg role=\"img\"").shows(">2</a>");
    assert!(!page.text.contains("style=\""), "the content policy blocks inline styles");
    browser.get("/tally?as_of=nonsense&year=x").await.is(422);
    browser.get("/tally?by=year").await.is(200).shows("2026");
    browser
        .get("/tally/people?measure=registered&by=level&group=social-work%2Fjunior")
        .await
        .is(200)
        .shows("人1")
        .shows("人3")
        .hides("人4");
    browser
        .get("/")
        .await
        .is(200)
        .shows("占参考 100.0%")
        .shows("没有待办事项")
        .shows("measure=passed&#38;by=level&#38;group=social-work%2Fjunior");
    let csv = browser.get("/tally/export?format=csv").await.is(200);
    assert!(csv.text.contains("junior,助理社会工作师,3,2,1,1,1,1,0.5,0.3333"), "{}", csv.text);
    assert!(browser.get("/tally/export").await.is(200).header("content-type").contains("spreadsheetml"));
    for (page, role) in [("/tally", Role::Intern), ("/tally", Role::Supervisor), ("/alarms", Role::Trainer)] {
        b.sign_in(role, &[], None).await.get(page).await.is(403);
    }
    for role in [Role::Trainer, Role::Supervisor, Role::Intern] {
        b.sign_in(role, &[], None).await.get("/").await.is(200);
    }
});

on_both!(the_figures_of_the_sample_county, |b| async move {
    use yanzhen::importing::{Params, run};
    let Some(dir) = samples() else { return };
    println!("the sample files of set B were used");
    let kinds = yanzhen::app::kinds();
    let files = [
        ("registrations", 2026, "考试报名_2026.csv"),
        ("results", 2024, "考试成绩_2024.xlsx"),
        ("results", 2025, "考试成绩_2025.xlsx"),
        ("results", 2026, "考试成绩_2026.xlsx"),
    ];
    for (kind, year, name) in files {
        let bytes = std::fs::read(dir.join("set_b").join(name)).unwrap();
        let params = Params { scheme: Some("social-work".into()), year: Some(year), ..Params::default() };
        run::now(&b.cx, &admin(), kinds.get(kind).unwrap(), &params, name, &bytes, false).await.unwrap();
    }
    let bytes = std::fs::read(dir.join("set_b/证书名单.xlsx")).unwrap();
    assert_eq!(import(&b, None, "证书名单.xlsx", &bytes).await.refused, 0);
    let t = tally(&b.cx, &admin(), &Ask::default()).await.unwrap();
    let f = t.total.figures;
    assert_eq!((t.year, f.registered, f.sat, f.passed, f.certified), (Some(2026), 119, 102, 39, 193));
    let passed: Vec<i64> = t.rows.iter().map(|r| r.line.figures.passed).collect();
    assert_eq!(passed, [28, 11]);
    let found = nightly::run(&b.cx, &Actor::job("tally")).await.unwrap();
    assert!(found.differences.is_empty() && found.people.is_empty(), "{found:?}");
    assert_eq!(found.snapshot.total, f);
    opens(&b, &admin(), &Ask::default()).await;
    let yearly = tally(&b.cx, &admin(), &ask(By::Year)).await.unwrap();
    let of_2026 = yearly.rows.iter().find(|r| r.key == "2026").unwrap();
    assert_eq!((of_2026.line.figures.passed, of_2026.line.figures.certified), (39, 39));
});
