//! Speed of the practicum as ratios to the raw SQL of the same work through the same driver, on embedded SQLite. Run by hand:
//!
//! ```text
//! cargo bench --bench practicum [BASES ENTRIES]      5,000 bases and 2,000,000 hour entries
//! ```
//!
//! Goals: logging an entry, confirming 200 entries and a page of the ledger at most twice the raw SQL at p50. On a busy machine
//! with two cores: 1.7, 1.8 and 1.6 times (0.33 ms, 20 ms, 11 ms).

use std::path::Path;
use std::time::{Duration, Instant};

use sea_orm::Value;
use yanzhen::core::clock::Clock;
use yanzhen::core::config::Settings;
use yanzhen::core::{Actor, Role};
use yanzhen::db::list::Slice;
use yanzhen::db::{self, Cx};
use yanzhen::practicum::ops::{self, FindBases, LogHours, Mark};

fn main() {
    let args: Vec<i64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let (bases, entries) = (args.first().copied().unwrap_or(5_000), args.get(1).copied().unwrap_or(2_000_000));
    tokio::runtime::Runtime::new().unwrap().block_on(run(bases, entries));
}

async fn open(dir: &Path) -> Cx {
    let url = format!("sqlite://{}?mode=rwc", dir.join("bench.db").display());
    let dir = dir.display().to_string();
    let set = [("database.url", url.as_str()), ("data.dir", &dir)];
    let at = "2026-11-25T02:00:00Z".parse().unwrap();
    let cx = Cx::open(Settings::load_with(None, &set).unwrap(), Clock::fixed(at)).await.unwrap();
    db::migrate_up(&cx).await.unwrap();
    cx
}

/// Bases with an agreement and a supervisor, four interns each, and their entries of the last half year.
async fn seed(cx: &Cx, bases: i64, entries: i64) {
    let txn = cx.begin().await.unwrap();
    let now = cx.now();
    let stamp = || [1_i64.into(), now.into(), now.into()];
    let day = |back: i64| (cx.today() - chrono::TimeDelta::days(back)).into();
    let put = async |table: &str, columns: &[&str], rows: Vec<Vec<Value>>| {
        let mut all: Vec<&str> = columns.to_vec();
        all.extend(["version", "created_at", "updated_at"]);
        let rows = rows.into_iter().map(|mut r| {
            r.extend(stamp());
            r
        });
        db::insert_rows(&txn, table, &all, rows.collect::<Vec<_>>(), "").await.unwrap();
    };
    put("campus", &["id", "name"], vec![vec![1.into(), "C".into()]]).await;
    let each = |f: &dyn Fn(i64) -> Vec<Value>, n: i64| (1..=n).map(f).collect::<Vec<_>>();
    let base =
        |i: i64| vec![i.into(), format!("J{i}").into(), format!("Base {i}").into(), "agency".into(), true.into()];
    put("base", &["id", "code", "name", "kind", "active"], each(&base, bases)).await;
    let one = |i: i64| vec![i.into(), i.into(), format!("S {i}").into(), true.into()];
    put("supervisor", &["id", "base_id", "name", "active"], each(&one, bases)).await;
    let one = |i: i64| vec![1.into(), i.into(), format!("N{i}").into(), i.into(), day(900), day(-900)];
    let columns = ["campus_id", "base_id", "number", "supervisor_id", "valid_from", "valid_to"];
    put("agreement", &columns, each(&one, bases)).await;
    let people = bases * 4;
    let one =
        |i: i64| vec![i.into(), format!("P {i}").into(), format!("P {i}").into(), format!("h{i}").into(), true.into()];
    put("person", &["id", "name", "name_key", "id_hash", "active"], each(&one, people)).await;
    let one = |i: i64| {
        vec![i.into(), i.into(), ((i - 1) / 4 + 1).into(), day(300), day(-300), 48_000_i64.into(), "active".into()]
    };
    let columns = ["id", "person_id", "base_id", "starts_on", "ends_on", "required_minutes", "state"];
    put("placement", &columns, each(&one, people)).await;
    let columns =
        ["person_id", "placement_id", "worked_on", "starts", "ends", "minutes", "kind", "beneficiary_count", "state"];
    for from in (0..entries).step_by(100_000) {
        let to = (from + 100_000).min(entries);
        let rows = (from..to).map(|i| {
            let p = i % people + 1;
            let start = 480 + (i / people % 4) * 120;
            let back = i / people / 4 + 60;
            let state = if i % 20 == 0 { "submitted" } else { "confirmed" };
            vec![
                p.into(),
                p.into(),
                day(back),
                start.into(),
                (start + 110).into(),
                110_i64.into(),
                "个案".into(),
                2_i64.into(),
                state.into(),
            ]
        });
        put("hour_entry", &columns, rows.collect()).await;
    }
    txn.commit().await.unwrap();
    db::run(cx.writer(), "ANALYZE", []).await.unwrap();
}

fn p50(mut all: Vec<Duration>) -> f64 {
    all.sort();
    all[all.len() / 2].as_secs_f64() * 1000.0
}

fn say(what: &str, ours: f64, raw: f64) {
    println!("  {what:<28} {ours:9.3} ms, raw SQL {raw:9.3} ms, ratio {:.2} (goal ≤ 2)", ours / raw);
}

async fn run(bases: i64, entries: i64) {
    let dir = tempfile::tempdir().unwrap();
    let cx = open(dir.path()).await;
    let start = Instant::now();
    seed(&cx, bases, entries).await;
    println!("{bases} bases, {entries} entries, seeded in {:?}", start.elapsed());
    logging(&cx).await;
    confirming(&cx, bases).await;
    ledger(&cx).await;
}

/// Logging an entry: against the reads that judge it, the row and its audit entry in one transaction.
async fn logging(cx: &Cx) {
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for i in 0..200_i64 {
        let person = i + 1;
        let who = Actor { role: Role::Intern, person_id: Some(person), ..Actor::command_line() };
        let input = LogHours {
            worked_on: cx.today() - chrono::TimeDelta::days(i % 50),
            starts: Some(480),
            ends: Some(600),
            kind: "个案".into(),
            client_key: Some(format!("k{i}")),
            submit: true,
            ..LogHours::default()
        };
        let day = input.worked_on;
        let start = Instant::now();
        ops::log_hours(cx, &who, input).await.unwrap();
        ours.push(start.elapsed());
        let start = Instant::now();
        let txn = cx.begin().await.unwrap();
        let by = |sql: &'static str, values: Vec<Value>| db::int(&txn, sql, values);
        let key = format!("r{i}");
        let person = person + 1000;
        by("SELECT id FROM hour_entry WHERE person_id = ? AND client_key = ?", vec![person.into(), key.clone().into()])
            .await
            .unwrap();
        by("SELECT id FROM placement WHERE person_id = ?", vec![person.into()]).await.unwrap();
        by("SELECT id FROM hour_entry WHERE person_id = ? AND worked_on = ?", vec![person.into(), day.into()])
            .await
            .unwrap();
        let sql = "INSERT INTO hour_entry (person_id, placement_id, worked_on, starts, ends, minutes, kind, client_key, state, \
                   version, created_at, updated_at) VALUES (?, ?, ?, 480, 600, 120, '个案', ?, 'submitted', 1, ?, ?)";
        let now = cx.now();
        let values: [Value; 6] = [person.into(), person.into(), day.into(), key.into(), now.into(), now.into()];
        db::run(&txn, sql, values).await.unwrap();
        let sql = "INSERT INTO audit_entry (at, actor_name, action, entity, entity_id, version, \"after\") \
                   VALUES (?, '', 'create', 'hour_entry', ?, 1, '{}')";
        db::run(&txn, sql, [now.into(), person.into()]).await.unwrap();
        txn.commit().await.unwrap();
        raw.push(start.elapsed());
    }
    say("logging an entry", p50(ours), p50(raw));
}

/// Confirming 200 entries of one base: against reading them, one UPDATE, their audit entries and the sums of their people.
async fn confirming(cx: &Cx, bases: i64) {
    #[derive(sea_orm::FromQueryResult)]
    struct Waits {
        id: i64,
        version: i64,
    }
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    let sql = "SELECT h.id, h.version FROM hour_entry h WHERE h.state = 'submitted' AND h.placement_id > ? \
               ORDER BY h.placement_id LIMIT 200";
    for i in 0..10_i64 {
        let who = Actor::command_line();
        let at = |k: i64| Value::from((i * 2 + k) * bases * 4 / 20);
        let some: Vec<Waits> = db::rows(cx.read(), sql, [at(0)]).await.unwrap();
        let marks: Vec<Mark> = some.iter().map(|w| Mark { id: w.id, version: w.version }).collect();
        let start = Instant::now();
        let done = ops::confirm(cx, &who, &marks).await.unwrap();
        ours.push(start.elapsed());
        assert_eq!(done.done.len(), marks.len());
        let some: Vec<Waits> = db::rows(cx.read(), sql, [at(1)]).await.unwrap();
        let ids: Vec<Value> = some.iter().map(|w| w.id.into()).collect();
        let start = Instant::now();
        let txn = cx.begin().await.unwrap();
        let places = db::places(ids.len());
        let all = format!("SELECT * FROM hour_entry WHERE id IN ({places})");
        let rows: Vec<yanzhen::practicum::entity::hour_entry::Model> = db::rows(&txn, &all, ids.clone()).await.unwrap();
        let change = format!("UPDATE hour_entry SET state = 'confirmed', version = version + 1 WHERE id IN ({places})");
        db::run(&txn, &change, ids).await.unwrap();
        let now = cx.now();
        let log = rows.iter().map(|r| {
            let text = serde_json::to_string(r).unwrap();
            vec![
                now.into(),
                "".into(),
                "confirm".into(),
                "hour_entry".into(),
                r.id.into(),
                2.into(),
                text.clone().into(),
                text.into(),
            ]
        });
        let columns = ["at", "actor_name", "action", "entity", "entity_id", "version", "before", "after"];
        db::insert_rows(&txn, "audit_entry", &columns, log.collect::<Vec<_>>(), "").await.unwrap();
        let mut people: Vec<i64> = rows.iter().map(|r| r.person_id).collect();
        people.sort_unstable();
        people.dedup();
        let sum = format!(
            "SELECT CAST(SUM(minutes) AS BIGINT) FROM hour_entry WHERE state = 'confirmed' AND person_id IN ({}) GROUP BY person_id",
            db::places(people.len())
        );
        db::int(&txn, &sum, people.iter().map(|p| Value::from(*p))).await.unwrap();
        txn.commit().await.unwrap();
        raw.push(start.elapsed());
    }
    say("confirming 200 entries", p50(ours), p50(raw));
}

/// A page of the ledger: against its agreements, who is there and the sums of its 50 bases, asked for by their ids.
async fn ledger(cx: &Cx) {
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    let slice = Slice { after: None, limit: 50 };
    for _ in 0..30 {
        let start = Instant::now();
        let page = ops::ledger(cx.read(), &Actor::command_line(), &FindBases::default(), cx.today(), "", &slice)
            .await
            .unwrap();
        ours.push(start.elapsed());
        let start = Instant::now();
        let bases: Vec<Value> = page.items.iter().map(|b| b.id.into()).collect();
        let some = db::places(bases.len());
        db::int(cx.read(), "SELECT COUNT(*) FROM (SELECT id FROM base ORDER BY code LIMIT 51) b", []).await.unwrap();
        for sql in [
            format!("SELECT COUNT(*) FROM agreement a JOIN campus c ON c.id = a.campus_id WHERE a.base_id IN ({some})"),
            format!("SELECT COUNT(*) FROM placement WHERE base_id IN ({some}) AND state = 'active'"),
            format!(
                "SELECT CAST(SUM(h.minutes) AS BIGINT) FROM placement pl JOIN hour_entry h ON h.placement_id = pl.id \
                 AND h.state = 'confirmed' WHERE pl.base_id IN ({some})"
            ),
        ] {
            db::int(cx.read(), &sql, bases.clone()).await.unwrap();
        }
        raw.push(start.elapsed());
    }
    say("a page of the ledger", p50(ours), p50(raw));
}
