//! What follows once a roster's people are on record: enrolment, class, placement. Each writes what it made into the job
//! and marks the rows and people it touched.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::import::Line;
use crate::classes::ops::{EnrolPerson, Enrolled as InClass, NewClass, enrol_many as enrol_in_classes, ensure_classes};
use crate::cohorts::ops::{Cohort, Enrol, Enrolled, enrol_many};
use crate::core::Result;
use crate::db;
use crate::directory::ops::bases::Index;
use crate::importing::{Before, Job};
use crate::practicum::entity::placement;
use crate::practicum::ops::{PlacePerson, Placed, place_many};

/// Enrols the people in the cohort.
pub(super) async fn enrol(
    job: &mut Job<'_>,
    cohort: &Cohort,
    lines: &[Line],
    ids: &[i64],
    changed: &mut [bool],
    touched: &mut HashSet<i64>,
) -> Result<()> {
    let list: Vec<Enrol> = lines
        .iter()
        .zip(ids)
        .map(|(l, id)| Enrol {
            person_id: *id,
            scheme: l.level.0.clone(),
            level: l.level.1.clone(),
            subjects: l.extra.subjects.clone(),
            first_time: l.extra.first_time.clone(),
            note: l.extra.grade.clone(),
        })
        .collect();
    let done = enrol_many(job.txn, job.cx, job.who, cohort.id, &list, Some(job.import_id)).await?;
    for ((e, line), (id, changed)) in done.into_iter().zip(lines).zip(ids.iter().zip(changed)) {
        let row = Some(line.input.row);
        match e {
            Enrolled::New { id } => job.inserted("enrolment", id, row),
            Enrolled::Changed { id, version, before } => job.updated("enrolment", id, version, before, row),
            Enrolled::Same { .. } => continue,
        }
        *changed = true;
        touched.insert(*id);
    }
    Ok(())
}

/// Makes the classes named and puts the people in; whether any is named. A class is the cohort's code, a hyphen, and the
/// class's name.
pub(super) async fn put_into_classes(
    job: &mut Job<'_>,
    cohort: &Cohort,
    lines: &[Line],
    ids: &[i64],
    changed: &mut [bool],
    touched: &mut HashSet<i64>,
) -> Result<bool> {
    let (txn, cx, who, import_id) = (job.txn, job.cx, job.who, Some(job.import_id));
    let mut names: Vec<&str> = Vec::new();
    for l in lines {
        let name = l.input.class.trim();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Ok(false);
    }
    let wanted: Vec<NewClass> = names
        .iter()
        .map(|n| NewClass {
            code: format!("{}-{n}", cohort.code),
            name: (*n).to_owned(),
            cohort_id: Some(cohort.id),
            region_code: cohort.region_code.clone(),
        })
        .collect();
    let made = ensure_classes(txn, cx, who, import_id, &wanted).await?;
    let mut class_of: HashMap<&str, i64> = HashMap::new();
    for (name, (id, new)) in names.iter().zip(made) {
        class_of.insert(name, id);
        if new {
            job.inserted("class", id, None);
        }
    }
    let mut list = Vec::new();
    let mut of_line = Vec::new();
    for (i, (l, person_id)) in lines.iter().zip(ids).enumerate() {
        if let Some(class_id) = class_of.get(l.input.class.trim()) {
            list.push(EnrolPerson { class_id: *class_id, person_id: *person_id });
            of_line.push(i);
        }
    }
    let done = enrol_in_classes(txn, cx, who, import_id, &list).await?;
    for ((e, i), p) in done.into_iter().zip(of_line).zip(&list) {
        if let InClass::New(id) = e {
            job.inserted("class_enrolment", id, lines.get(i).map(|l| l.input.row));
            if let Some(c) = changed.get_mut(i) {
                *c = true;
            }
            touched.insert(p.person_id);
        }
    }
    Ok(true)
}

/// Places the people at the bases named; whether any is.
pub(super) async fn place(
    job: &mut Job<'_>,
    cohort: &Cohort,
    bases: &Index,
    lines: &[Line],
    ids: &[i64],
    changed: &mut [bool],
    touched: &mut HashSet<i64>,
) -> Result<bool> {
    let (txn, cx, who, import_id) = (job.txn, job.cx, job.who, Some(job.import_id));
    let mut list = Vec::new();
    let mut of_line = Vec::new();
    for (i, (l, person_id)) in lines.iter().zip(ids).enumerate() {
        let Some(base_id) = l.extra.base_id else { continue };
        list.push(PlacePerson {
            person_id: *person_id,
            base_id,
            cohort_id: Some(cohort.id),
            supervisor_id: bases.only_supervisor(base_id).map(|s| s.id),
            starts_on: l.extra.starts_on,
            ends_on: l.extra.ends_on,
            required_minutes: l.extra.required_minutes,
            programme: l.extra.programme.clone(),
            campus_mentor: l.extra.campus_mentor.clone(),
        });
        of_line.push(i);
    }
    if list.is_empty() {
        return Ok(false);
    }
    let before = placements_before(job, &list).await?;
    let done = place_many(txn, cx, who, import_id, &list).await?;
    for ((d, i), p) in done.into_iter().zip(of_line).zip(&list) {
        let row = lines.get(i).map(|l| l.input.row);
        match d {
            Placed::New(id) => job.inserted("placement", id, row),
            Placed::Changed(id) => {
                let (version, was) = before.get(&id).map_or((1, Before::new()), |(v, b)| (*v, b.clone()));
                job.updated("placement", id, version + 1, was, row);
            }
            Placed::Same(_) => continue,
        }
        if let Some(c) = changed.get_mut(i) {
            *c = true;
        }
        touched.insert(p.person_id);
    }
    Ok(true)
}

/// The placements these people had, by id: version, and the columns a roster can change, as they were.
async fn placements_before(job: &Job<'_>, list: &[PlacePerson]) -> Result<HashMap<i64, (i64, Before)>> {
    let mut out = HashMap::new();
    for chunk in list.chunks(db::CHUNK) {
        let rows = placement::Entity::find()
            .filter(placement::Column::PersonId.is_in(chunk.iter().map(|p| p.person_id)))
            .all(job.txn)
            .await?;
        out.extend(rows.into_iter().map(|r| {
            let before = Before::new()
                .date("ends_on", r.ends_on)
                .int("cohort_id", r.cohort_id)
                .int("supervisor_id", r.supervisor_id)
                .int("required_minutes", r.required_minutes)
                .text("programme", r.programme)
                .text("campus_mentor", r.campus_mentor);
            (r.id, (r.version, before))
        }));
    }
    Ok(out)
}
