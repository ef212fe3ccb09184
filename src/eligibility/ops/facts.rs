//! From the records to the facts the rules are asked with, many people at once: one question a table.
//!
//! Where nothing is recorded of somebody's educations or work, what a roster said of them is taken as declared: the
//! highest education with its major, and the number of years up to the day on which that number was last said. What a
//! person or a roster says of all their years goes before the one employment that a register happens to know.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Value};

use super::super::entity::{eligibility_override, exam_bar, schooling, work_experience};
use super::records::Recorded;
use crate::core::{Result, civil};
use crate::db::{self, Cx};
use crate::schemes::Scheme;
use crate::schemes::eligibility::{
    Bar, Declared, Facts, Graduation, Held, Override, Practice, Schooling, Standing, Study, Work, WorkKind,
};

#[derive(FromQueryResult)]
struct Person {
    id: i64,
    education: String,
    major: String,
    graduated_on: String,
    region_code: String,
    work_years: Option<i64>,
    created_at: chrono::DateTime<chrono::Utc>,
    /// What the registers know of their work.
    #[sea_orm(skip)]
    employed: Vec<Work>,
}

#[derive(FromQueryResult)]
struct Certificate {
    person_id: i64,
    level: String,
    approved_on: NaiveDate,
}

#[derive(FromQueryResult)]
struct Practised {
    person_id: i64,
    programme: String,
    minutes: i64,
}

#[derive(FromQueryResult)]
struct Employed {
    person_id: i64,
    kind: String,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
}

/// Everything kept of one person, for the page.
///
/// # Errors
/// What the database reports.
pub async fn recorded(db: &impl ConnectionTrait, person_id: i64) -> Result<Recorded> {
    let schooling = schooling::Entity::find().filter(schooling::Column::PersonId.eq(person_id));
    let work = work_experience::Entity::find().filter(work_experience::Column::PersonId.eq(person_id));
    let bars = exam_bar::Entity::find().filter(exam_bar::Column::PersonId.eq(person_id));
    let overrides = eligibility_override::Entity::find().filter(eligibility_override::Column::PersonId.eq(person_id));
    Ok(Recorded {
        schooling: schooling.order_by_asc(schooling::Column::Id).all(db).await?,
        work: work.order_by_asc(work_experience::Column::StartsOn).all(db).await?,
        bars: bars.order_by_asc(exam_bar::Column::FromOn).all(db).await?,
        overrides: overrides.order_by_asc(eligibility_override::Column::GivenOn).all(db).await?,
    })
}

/// The facts of many people for one scheme; everybody asked for who is on record gets a line.
///
/// # Errors
/// What the database reports.
pub async fn facts(cx: &Cx, db: &impl ConnectionTrait, scheme: &Scheme, people: &[i64]) -> Result<HashMap<i64, Facts>> {
    let mut all = HashMap::with_capacity(people.len());
    for chunk in people.chunks(db::CHUNK) {
        let of = || chunk.iter().map(|i| Value::from(*i)).collect::<Vec<_>>();
        let places = db::places(chunk.len());
        let sql = format!(
            "SELECT id, education, major, graduated_on, region_code, work_years, created_at FROM person WHERE id IN ({places})"
        );
        let mut known: HashMap<i64, (Facts, Person)> = HashMap::new();
        for p in db::rows::<Person>(db, &sql, of()).await? {
            known.insert(p.id, (Facts { region: p.region_code.clone(), ..Facts::default() }, p));
        }
        for r in
            schooling::Entity::find().filter(schooling::Column::PersonId.is_in(chunk.iter().copied())).all(db).await?
        {
            if let Some((f, _)) = known.get_mut(&r.person_id) {
                f.schooling.push(school(scheme, &r));
            }
        }
        let work = work_experience::Column::PersonId.is_in(chunk.iter().copied());
        for r in work_experience::Entity::find().filter(work).all(db).await? {
            if let Some((f, _)) = known.get_mut(&r.person_id) {
                let kind = match r.kind.as_str() {
                    "field" => WorkKind::Field,
                    "other" => WorkKind::Other,
                    _ => WorkKind::Unknown,
                };
                f.work.push(Work { kind, from: r.starts_on, until: r.ends_on, standing: standing(&r.standing) });
            }
        }
        // The registers know who works in the field, with days.
        let sql = format!(
            "SELECT person_id, kind, starts_on, ends_on FROM employment WHERE starts_on IS NOT NULL AND person_id IN ({places})"
        );
        for r in db::rows::<Employed>(db, &sql, of()).await? {
            if let Some((_, p)) = known.get_mut(&r.person_id) {
                let kind = if r.kind == "other" { WorkKind::Unknown } else { WorkKind::Field };
                p.employed.push(Work { kind, from: r.starts_on, until: r.ends_on, standing: Standing::Declared });
            }
        }
        let sql = format!(
            "SELECT person_id, level, approved_on FROM certificate WHERE scheme = ? AND revoked_on IS NULL AND person_id IN ({places})"
        );
        let values = std::iter::once(Value::from(scheme.code.clone())).chain(of());
        for r in db::rows::<Certificate>(db, &sql, values).await? {
            let level = scheme.level(&r.level).and_then(|l| scheme.place_of(l));
            if let (Some((f, _)), Some(level)) = (known.get_mut(&r.person_id), level) {
                f.certificates.push(Held { level, on: Some(r.approved_on), standing: Standing::Proven });
            }
        }
        let sql = format!(
            "SELECT h.person_id, pl.programme, CAST(SUM(h.minutes) AS BIGINT) AS minutes FROM hour_entry h \
             JOIN placement pl ON pl.id = h.placement_id WHERE h.state = 'confirmed' AND h.person_id IN ({places}) \
             GROUP BY h.person_id, pl.programme"
        );
        for r in db::rows::<Practised>(db, &sql, of()).await? {
            if let Some((f, _)) = known.get_mut(&r.person_id) {
                f.practicum.push(Practice { programme: r.programme, minutes: r.minutes });
            }
        }
        decisions(db, scheme, chunk, &mut known).await?;
        // Of those with work on record nobody needs to know.
        let declared = known.values().filter(|(f, p)| f.work.is_empty() && p.work_years.is_some());
        let declared: Vec<(i64, NaiveDate)> =
            declared.map(|(_, p)| (p.id, civil::date_in(p.created_at, cx.zone()))).collect();
        let said = years_said(cx, db, declared).await?;
        for (id, (f, p)) in known {
            let on = said.get(&id).copied();
            all.insert(id, with_declared(scheme, f, &p, on));
        }
    }
    Ok(all)
}

async fn decisions(
    db: &impl ConnectionTrait,
    scheme: &Scheme,
    people: &[i64],
    known: &mut HashMap<i64, (Facts, Person)>,
) -> Result<()> {
    let bars = exam_bar::Entity::find()
        .filter(exam_bar::Column::PersonId.is_in(people.iter().copied()))
        .filter(exam_bar::Column::Scheme.eq(&scheme.code))
        .filter(exam_bar::Column::LiftedOn.is_null());
    for r in bars.all(db).await? {
        if let Some((f, _)) = known.get_mut(&r.person_id) {
            f.bars.push(Bar { from: r.from_on, until: r.until_on });
        }
    }
    let overrides = eligibility_override::Entity::find()
        .filter(eligibility_override::Column::PersonId.is_in(people.iter().copied()))
        .filter(eligibility_override::Column::Scheme.eq(&scheme.code))
        .filter(eligibility_override::Column::RevokedOn.is_null());
    for r in overrides.all(db).await? {
        let level = scheme.level(&r.level).and_then(|l| scheme.place_of(l));
        if let (Some((f, _)), Some(level)) = (known.get_mut(&r.person_id), level) {
            f.overrides.push(Override {
                level,
                given_on: r.given_on,
                until: r.until_on,
                approver: r.approver,
                reason: r.reason,
                document: r.document,
            });
        }
    }
    Ok(())
}

fn standing(name: &str) -> Standing {
    match name {
        "proven" => Standing::Proven,
        "doubted" => Standing::Doubted,
        _ => Standing::Declared,
    }
}

fn school(scheme: &Scheme, r: &schooling::Model) -> Schooling {
    Schooling {
        study: match r.study.as_str() {
            "full_time" => Study::FullTime,
            "part_time" => Study::PartTime,
            _ => Study::Unknown,
        },
        began: r.began_on,
        graduated: match (r.graduation.as_str(), r.graduated_on) {
            (_, Some(day)) => Graduation::On(day),
            ("student", None) => Graduation::Student,
            _ => Graduation::DayUnknown,
        },
        foreign: r.gained_abroad,
        standing: standing(&r.standing),
        ..scheme.schooling(&r.education, &r.major)
    }
}

/// The day on which the years of work of these people were last said, by the log of changes: a correction of a phone number
/// is no new statement. `made` are the people with the day on which they were put on record.
async fn years_said(
    cx: &Cx,
    db: &impl ConnectionTrait,
    made: Vec<(i64, NaiveDate)>,
) -> Result<HashMap<i64, NaiveDate>> {
    #[derive(FromQueryResult)]
    struct Entry {
        entity_id: i64,
        at: chrono::DateTime<chrono::Utc>,
        before: Option<String>,
        after: Option<String>,
    }
    let mut said: HashMap<i64, NaiveDate> = made.into_iter().collect();
    let ids: Vec<Value> = said.keys().map(|i| Value::from(*i)).collect();
    if ids.is_empty() {
        return Ok(said);
    }
    let sql = format!(
        "SELECT entity_id, at, before, after FROM audit_entry WHERE entity = 'person' AND entity_id IN ({}) ORDER BY id",
        db::places(ids.len())
    );
    let years = |json: &Option<String>| {
        let row: serde_json::Value = json.as_deref().and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default();
        row.get("work_years").and_then(serde_json::Value::as_i64)
    };
    for e in db::rows::<Entry>(db, &sql, ids).await? {
        if years(&e.before) != years(&e.after) && years(&e.after).is_some() {
            said.insert(e.entity_id, civil::date_in(e.at, cx.zone()));
        }
    }
    Ok(said)
}

/// What a roster said, where nothing better is on record.
fn with_declared(scheme: &Scheme, mut f: Facts, p: &Person, said: Option<NaiveDate>) -> Facts {
    if f.schooling.is_empty() && !p.education.is_empty() {
        let graduated = last_day(&p.graduated_on).map_or(Graduation::DayUnknown, Graduation::On);
        f.schooling.push(Schooling { graduated, ..scheme.schooling(&p.education, &p.major) });
    }
    let years = p.work_years.and_then(|y| u32::try_from(y).ok());
    match years.zip(said).filter(|_| f.work.is_empty()) {
        Some((years, up_to)) => f.declared = Some(Declared { years, up_to }),
        None => f.work.extend(p.employed.iter().copied()),
    }
    f
}

/// The last day that "2024-06-30" or "2024-06" can mean; a year alone tells no day.
fn last_day(text: &str) -> Option<NaiveDate> {
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let first: NaiveDate = format!("{text}-01").parse().ok()?;
    first.checked_add_months(chrono::Months::new(1))?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_its_last_day_and_a_year_is_none() {
        for (text, want) in [
            ("2024-06-30", Some("2024-06-30")),
            ("2024-06", Some("2024-06-30")),
            ("2024-02", Some("2024-02-29")),
            ("2025-12", Some("2025-12-31")),
            ("2024", None),
            ("", None),
        ] {
            assert_eq!(last_day(text), want.map(|d| d.parse().unwrap()), "{text}");
        }
    }
}
