//! Placements, the log of hours, confirmation, and the import of a base's log sheet.

mod around;
mod chains;
mod entries;
mod evaluation;
mod import;
mod links;
mod pages;
mod photo;
mod room;
mod signing;
mod versions;

use chrono::NaiveDate;
use sea_orm::{DatabaseTransaction, EntityTrait, NotSet, Set};
use yanzhen::core::actor::Via;
use yanzhen::core::{Actor, Error, Role};
use yanzhen::directory::entity::{agreement, base, supervisor};
use yanzhen::people::entity::person;
use yanzhen::pipeline;
use yanzhen::pipeline::entity::person_facts;
use yanzhen::practicum::ops::{self, LogHours, PlacePerson, Placed};

use crate::harness::{Bench, samples};

pub(crate) fn date(s: &str) -> NaiveDate {
    s.parse().unwrap()
}

/// Somebody signed in, with that scope.
pub fn actor(role: Role, person_id: Option<i64>, bases: &[i64]) -> Actor {
    let mut a = Actor::command_line();
    a.role = role;
    a.person_id = person_id;
    a.scope.bases = bases.to_vec();
    a.name = format!("{role:?}");
    a.via = Via::Page;
    a
}

pub async fn add_person(b: &Bench, txn: &DatabaseTransaction, name: &str, student_no: &str, phone: &str) -> i64 {
    let text = |s: &str| Set(s.to_owned());
    let all = person::ActiveModel {
        id: NotSet,
        name: text(name),
        name_key: text(name),
        sex: text(""),
        birth: text(""),
        ethnicity: text(""),
        id_type: text("id_card"),
        id_sealed: text(""),
        id_hash: Set(format!("{name}/{student_no}/{phone}")),
        id_tail: text(""),
        phone: text(phone),
        email: text(""),
        education: text(""),
        school: text(""),
        major: text(""),
        graduated_on: text(""),
        unit: text(""),
        job_title: text(""),
        student_no: text(student_no),
        region_code: text("990121"),
        town: text(""),
        employment_kind: text(""),
        note: text(""),
        work_years: Set(None),
        campus_id: Set(None),
        active: Set(true),
        version: Set(1),
        created_at: Set(b.cx.now()),
        updated_at: Set(b.cx.now()),
        created_by: Set(None),
        updated_by: Set(None),
    };
    person::Entity::insert(all).exec(txn).await.unwrap().last_insert_id
}

pub(crate) async fn add_base(b: &Bench, txn: &DatabaseTransaction, code: &str, name: &str, by: &[&str]) -> i64 {
    let text = |s: &str| Set(s.to_owned());
    let all = base::ActiveModel {
        id: NotSet,
        code: text(code),
        name: text(name),
        kind: text("agency"),
        region_code: text(""),
        town: text(""),
        evaluation: text(""),
        note: text(""),
        capacity: Set(None),
        active: Set(true),
        version: Set(1),
        created_at: Set(b.cx.now()),
        updated_at: Set(b.cx.now()),
        created_by: Set(None),
        updated_by: Set(None),
    };
    let id = base::Entity::insert(all).exec(txn).await.unwrap().last_insert_id;
    for name in by {
        let one = supervisor::ActiveModel {
            id: NotSet,
            base_id: Set(id),
            name: text(name),
            phone: text(""),
            user_id: Set(None),
            active: Set(true),
            version: Set(1),
            created_at: Set(b.cx.now()),
            updated_at: Set(b.cx.now()),
            created_by: Set(None),
            updated_by: Set(None),
        };
        supervisor::Entity::insert(one).exec(txn).await.unwrap();
    }
    id
}

pub(crate) async fn add_campus(b: &Bench, txn: &DatabaseTransaction, name: &str) -> i64 {
    let (row, _) =
        yanzhen::directory::ops::campuses::ensure(txn, &b.cx, &Actor::command_line(), name, None).await.unwrap();
    row.id
}

pub(crate) async fn add_agreement(
    b: &Bench,
    txn: &DatabaseTransaction,
    campus_id: i64,
    base_id: i64,
    span: (&str, &str),
    capacity: Option<i64>,
) -> i64 {
    let one = agreement::ActiveModel {
        id: NotSet,
        campus_id: Set(campus_id),
        base_id: Set(base_id),
        number: Set(format!("XY-{}", span.0)),
        campus_mentor: Set(String::new()),
        supervisor_id: Set(None),
        fields: Set(String::new()),
        note: Set(String::new()),
        capacity: Set(capacity),
        valid_from: Set(Some(date(span.0))),
        valid_to: Set(Some(date(span.1))),
        version: Set(1),
        created_at: Set(b.cx.now()),
        updated_at: Set(b.cx.now()),
        created_by: Set(None),
        updated_by: Set(None),
    };
    agreement::Entity::insert(one).exec(txn).await.unwrap().last_insert_id
}

pub(crate) fn place_of(person_id: i64, base_id: i64, from: &str, to: &str, hours: i64) -> PlacePerson {
    PlacePerson {
        person_id,
        base_id,
        cohort_id: None,
        supervisor_id: None,
        starts_on: Some(date(from)),
        ends_on: Some(date(to)),
        required_minutes: hours * 60,
        programme: "本科".into(),
        campus_mentor: "潘文晓".into(),
    }
}

pub(crate) struct Town {
    pub base: i64,
    pub other_base: i64,
    pub intern: Actor,
    pub supervisor: Actor,
    pub placement: i64,
}

pub(crate) async fn town(b: &Bench) -> Town {
    let txn = b.cx.begin().await.unwrap();
    let base = add_base(b, &txn, "JD01", "渠口镇社会工作服务站", &["吴飞洋"]).await;
    let other_base = add_base(b, &txn, "JD02", "望川镇社会工作服务站", &["方玲天"]).await;
    let campus = add_campus(b, &txn, "朔川大学").await;
    for base in [base, other_base] {
        add_agreement(b, &txn, campus, base, ("2025-09-01", "2028-08-31"), None).await;
    }
    let who = Actor::command_line();
    let person = add_person(b, &txn, "余春", "2022990001", "19900001000").await;
    let open = pipeline::open(&txn, &[person]).await.unwrap();
    let placed =
        ops::place_many(&txn, &b.cx, &who, None, &[place_of(person, base, "2026-09-01", "2026-12-31", 10)]).await;
    let Placed::New(placement) = placed.unwrap()[0] else { panic!("not new") };
    open.close(&txn, &b.cx, ops::facts(&txn, &[person]).await.unwrap()).await.unwrap();
    txn.commit().await.unwrap();
    let (intern, supervisor) = (actor(Role::Intern, Some(person), &[]), actor(Role::Supervisor, None, &[base]));
    Town { base, other_base, intern, supervisor, placement }
}

/// A cohort with these people in it.
pub(crate) async fn cohort_of(b: &Bench, code: &str, people: &[i64]) -> i64 {
    use yanzhen::cohorts::ops as cohorts;
    let who = Actor::command_line();
    let input = cohorts::CohortInput { code: code.into(), name: format!("批次{code}"), ..Default::default() };
    let cohort = cohorts::create(&b.cx, &who, input).await.unwrap().id;
    let list: Vec<_> = people.iter().map(|p| cohorts::Enrol { person_id: *p, ..Default::default() }).collect();
    let txn = b.cx.begin().await.unwrap();
    let open = pipeline::open(&txn, people).await.unwrap();
    cohorts::enrol_many(&txn, &b.cx, &who, cohort, &list, None).await.unwrap();
    open.close(&txn, &b.cx, cohorts::facts(&txn, people).await.unwrap()).await.unwrap();
    txn.commit().await.unwrap();
    cohort
}

pub(crate) fn hours(on: &str, from: i64, to: i64) -> LogHours {
    LogHours {
        worked_on: date(on),
        starts: Some(from),
        ends: Some(to),
        kind: "个案".into(),
        beneficiary: "老年人".into(),
        beneficiary_count: 2,
        submit: true,
        ..LogHours::default()
    }
}

pub(crate) fn codes(e: &Error) -> Vec<String> {
    match e {
        Error::Invalid(f) => f.iter().map(|f| format!("{}:{}", f.field, f.msg.key)).collect(),
        Error::Conflict(m) => vec![m.key.clone()],
        other => vec![format!("{other:?}")],
    }
}

pub(crate) async fn facts_of(b: &Bench, person: i64) -> (String, i64, i64) {
    let f = person_facts::Entity::find_by_id(person).one(b.cx.read()).await.unwrap().unwrap();
    (f.stage, f.required_minutes, f.confirmed_minutes)
}

pub fn expected(file: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(samples().unwrap().join("expected.json")).unwrap();
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    all["files"].as_array().unwrap().iter().find(|f| f["file"] == file).unwrap().clone()
}
