//! Classes: the pages of a class of 300 with twelve sessions against the SQL they need, and taking a code. By hand:
//!
//! ```text
//! cargo bench --bench classes
//! ```
//!
//! Measured 2026-11-28 on a 2-core x86-64 machine in use by others: attendance list of 300 2.90 ms against 1.05 ms (2.8), the
//! class page with its grid of 3,600 marks 16.4 ms against 10.2 ms (1.6), signing in by code 3.1 ms at p50.

mod tools;

use chrono::{Days, NaiveDate};
use yanzhen::classes::ops::{self, ClassInput, NewSession};
use yanzhen::classes::rules::code::Way;
use yanzhen::classes::rules::{Slot, State};
use yanzhen::core::actor::Via;
use yanzhen::core::{Actor, Role};
use yanzhen::db;

use tools::{SESSION, Visit, measure, ms, open, raw, tell};

const PEOPLE: i64 = 300;
const SESSIONS: u64 = 12;

#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let cx = open(dir.path()).await;
    let who = Actor::command_line();
    let sql = format!(
        "INSERT INTO person (name, name_key, sex, birth, ethnicity, id_type, id_sealed, id_hash, id_tail, phone, email, \
         education, school, major, graduated_on, unit, job_title, student_no, region_code, town, employment_kind, note, \
         active, version, created_at, updated_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
         WHERE i < {PEOPLE}) SELECT '学员' || i, '学员' || i, '', '', '', 'id_card', '', 'h' || i, '0000', \
         '139' || (10000000 + i), '', '', '', '', '', '某街道社区居民委员会', '', '', '', '', '', '', TRUE, 1, \
         '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z' FROM n"
    );
    db::run(cx.writer(), &sql, []).await.unwrap();
    let input =
        ClassInput { code: "C".into(), name: "第一期".into(), required_percent: 80, ..ClassInput::default() };
    let class = ops::add_class(&cx, &who, input).await.unwrap();
    let people: Vec<i64> = (1..=PEOPLE).collect();
    ops::enrol(&cx, &who, class, &people).await.unwrap();
    let mut sessions = Vec::new();
    for n in 0..SESSIONS {
        // The last one is today, for the codes.
        let day: NaiveDate = cx.today().checked_sub_days(Days::new(SESSIONS - 1 - n)).unwrap();
        let new = NewSession { starts: Some(0), ends: Some(24 * 60), ..NewSession::new(class, day, Slot::Day, 240) };
        sessions.push(ops::add_session(&cx, &who, new).await.unwrap());
    }
    let today = sessions.pop().unwrap();
    for s in &sessions {
        let line = |p: &i64| ops::Line {
            person_id: *p,
            state: if p % 7 == 0 { State::Absent } else { State::Present },
            sign_in: Some(510),
            sign_out: Some(690),
            note: String::new(),
            version: None,
        };
        let lines: Vec<ops::Line> = people.iter().map(line).collect();
        ops::record_attendance(&cx, &who, *s, &lines, "").await.unwrap();
    }
    let visit = Visit::new(&cx).await;
    let session = async || raw(&cx, SESSION, vec![visit.hash.clone().into(), cx.now().into()]).await;
    let members = "SELECT ce.id, ce.version, ce.person_id, p.name, p.unit, p.phone, ce.state FROM class_enrolment ce \
                   JOIN person p ON p.id = ce.person_id WHERE ce.class_id = ? ORDER BY p.name_key, p.id";
    let class_row = "SELECT * FROM class WHERE id = ?";

    let ours = measure(200, |i| visit.get(format!("/class-sessions/{}", sessions[i % sessions.len()]))).await;
    let reference = measure(200, async |i| {
        session().await;
        raw(&cx, class_row, vec![class.into()]).await;
        raw(&cx, members, vec![class.into()]).await;
        let s = sessions[i % sessions.len()];
        raw(&cx, "SELECT * FROM attendance WHERE session_id = ?", vec![s.into()]).await;
    })
    .await;
    tell("attendance list of 300", ours, reference);

    let ours = measure(100, |_| visit.get(format!("/classes/{class}"))).await;
    let reference = measure(100, async |_| {
        session().await;
        raw(&cx, class_row, vec![class.into()]).await;
        raw(&cx, members, vec![class.into()]).await;
        raw(&cx, "SELECT * FROM class_session WHERE class_id = ?", vec![class.into()]).await;
        let marks = "SELECT a.* FROM attendance a JOIN class_session s ON s.id = a.session_id WHERE s.class_id = ?";
        raw(&cx, marks, vec![class.into()]).await;
    })
    .await;
    tell("class page of 300 people and 12 sessions", ours, reference);

    // A phone each: the code read and taken.
    let mut all = Vec::new();
    for p in &people {
        let own = Actor { role: Role::Intern, person_id: Some(*p), via: Via::Page, ..who.clone() };
        let token = ops::code(&cx, &who, today, Way::In).await.unwrap().token;
        let begun = std::time::Instant::now();
        let pass = ops::pass(&cx, &token).unwrap();
        ops::attend(&cx, &own, &pass).await.unwrap();
        all.push(begun.elapsed());
    }
    all.sort();
    println!("signing in by code, one after the other: p50 {:.2} ms, p99 {:.2} ms", ms(all[150]), ms(all[297]));
}
