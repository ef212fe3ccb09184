//! What a row makes of a record: filled, replaced or left as it was (see [`super::batch`] for which).

use super::super::rules::id_no;
use super::{Incoming, Person};
use crate::core::{Actor, Result};
use crate::db::Cx;
use crate::importing::undo::Before;

/// Fills what one row of a person leaves empty from another row of the same person.
pub(super) fn fill_incoming(to: &mut Incoming, from: &Incoming) {
    let texts = [
        (&mut to.sex, &from.sex),
        (&mut to.birth, &from.birth),
        (&mut to.ethnicity, &from.ethnicity),
        (&mut to.phone, &from.phone),
        (&mut to.email, &from.email),
        (&mut to.education, &from.education),
        (&mut to.school, &from.school),
        (&mut to.major, &from.major),
        (&mut to.graduated_on, &from.graduated_on),
        (&mut to.unit, &from.unit),
        (&mut to.job_title, &from.job_title),
        (&mut to.student_no, &from.student_no),
        (&mut to.town, &from.town),
        (&mut to.region_code, &from.region_code),
        (&mut to.employment_kind, &from.employment_kind),
        (&mut to.note, &from.note),
    ];
    for (to, from) in texts {
        if to.is_empty() {
            to.clone_from(from);
        }
    }
    to.work_years = to.work_years.or(from.work_years);
    to.campus_id = to.campus_id.or(from.campus_id);
}

/// The record as it should be after this row.
pub(super) fn merge(old: &Person, row: &Incoming) -> Person {
    let mut p = old.clone();
    for (to, from) in [(&mut p.sex, &row.sex), (&mut p.ethnicity, &row.ethnicity)] {
        if to.is_empty() {
            to.clone_from(from);
        }
    }
    if row.birth.starts_with(&p.birth) {
        p.birth.clone_from(&row.birth);
    }
    let texts = [
        (&mut p.phone, &row.phone),
        (&mut p.email, &row.email),
        (&mut p.education, &row.education),
        (&mut p.school, &row.school),
        (&mut p.major, &row.major),
        (&mut p.graduated_on, &row.graduated_on),
        (&mut p.unit, &row.unit),
        (&mut p.job_title, &row.job_title),
        (&mut p.student_no, &row.student_no),
        (&mut p.employment_kind, &row.employment_kind),
        (&mut p.note, &row.note),
    ];
    for (to, from) in texts {
        if !from.is_empty() && (row.owner || to.is_empty()) {
            to.clone_from(from);
        }
    }
    if row.work_years.is_some() && (row.owner || p.work_years.is_none()) {
        p.work_years = row.work_years;
    }
    if row.campus_id.is_some() && (row.owner || p.campus_id.is_none()) {
        p.campus_id = row.campus_id;
    }
    // Town and region go together; a region that is merely known better (county → its town) is always taken.
    let better = !row.region_code.is_empty() && row.region_code.starts_with(&p.region_code);
    let moves = row.owner && !row.town.is_empty() && row.town != p.town;
    if moves || p.town.is_empty() || p.town == row.town {
        if !row.town.is_empty() {
            p.town.clone_from(&row.town);
        }
        if better || (moves && !row.region_code.is_empty()) {
            p.region_code.clone_from(&row.region_code);
        }
    }
    p
}

/// The columns in which two states of a person differ, as they were.
#[must_use]
pub fn changed(old: &Person, new: &Person) -> Before {
    let mut b = Before::new();
    let texts = [
        ("name", &old.name, &new.name),
        ("name_key", &old.name_key, &new.name_key),
        ("sex", &old.sex, &new.sex),
        ("birth", &old.birth, &new.birth),
        ("ethnicity", &old.ethnicity, &new.ethnicity),
        ("phone", &old.phone, &new.phone),
        ("email", &old.email, &new.email),
        ("education", &old.education, &new.education),
        ("school", &old.school, &new.school),
        ("major", &old.major, &new.major),
        ("graduated_on", &old.graduated_on, &new.graduated_on),
        ("unit", &old.unit, &new.unit),
        ("job_title", &old.job_title, &new.job_title),
        ("student_no", &old.student_no, &new.student_no),
        ("region_code", &old.region_code, &new.region_code),
        ("town", &old.town, &new.town),
        ("employment_kind", &old.employment_kind, &new.employment_kind),
        ("note", &old.note, &new.note),
    ];
    for (column, was, is) in texts {
        if was != is {
            b = b.text(column, was.clone());
        }
    }
    if old.work_years != new.work_years {
        b = b.int("work_years", old.work_years);
    }
    if old.campus_id != new.campus_id {
        b = b.int("campus_id", old.campus_id);
    }
    if old.active != new.active {
        b = b.flag("active", old.active);
    }
    b
}

/// A person not on record yet, as the row tells.
///
/// # Errors
/// When the number cannot be sealed.
pub(super) fn fresh_person(cx: &Cx, who: &Actor, r: &Incoming, hash: &str) -> Result<Person> {
    let now = cx.now();
    Ok(Person {
        id: 0,
        name: r.name.clone(),
        name_key: r.name_key.clone(),
        sex: r.sex.clone(),
        birth: r.birth.clone(),
        ethnicity: r.ethnicity.clone(),
        id_type: r.id_type.clone(),
        id_sealed: cx.seal.seal(&r.id_no)?,
        id_hash: hash.to_owned(),
        id_tail: id_no::tail(&r.id_no).to_owned(),
        phone: r.phone.clone(),
        email: r.email.clone(),
        education: r.education.clone(),
        school: r.school.clone(),
        major: r.major.clone(),
        graduated_on: r.graduated_on.clone(),
        unit: r.unit.clone(),
        job_title: r.job_title.clone(),
        student_no: r.student_no.clone(),
        region_code: r.region_code.clone(),
        town: r.town.clone(),
        employment_kind: r.employment_kind.clone(),
        note: r.note.clone(),
        work_years: r.work_years,
        campus_id: r.campus_id,
        active: true,
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: who.user_id,
        updated_by: who.user_id,
    })
}
