//! What a roster's row says besides the person: the placement and particulars of the enrolment.

use chrono::NaiveDate;

use crate::directory::ops::bases::Index;
use crate::importing::date::DateValue;
use crate::importing::text::trim;
use crate::importing::{Problem, Row, Table};
use crate::schemes::Schemes;

/// The other half of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extra {
    pub base_id: Option<i64>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub required_minutes: i64,
    pub programme: String,
    pub campus_mentor: String,
    pub subjects: String,
    /// `yes`, `no` or empty.
    pub first_time: String,
    pub college: String,
    pub grade: String,
}

/// Reads and judges it.
pub(super) fn read(table: &Table, row: &Row, bases: &Index, schemes: &Schemes, problems: &mut Vec<Problem>) -> Extra {
    let mut bad = |p: Problem, key: &str| problems.push(table.problem(p, row, key));
    let mut text = |key: &'static str| match table.cell(row, key).to_text() {
        Ok(t) => trim(&t.unwrap_or_default()).to_owned(),
        Err(code) => {
            bad(Problem::warning(code), key);
            String::new()
        }
    };
    let mut out = Extra {
        programme: text("education"),
        campus_mentor: text("campus_mentor"),
        subjects: text("subjects"),
        college: text("college"),
        grade: text("grade"),
        ..Extra::default()
    };
    let base = text("base");
    match table.cell(row, "first_time").to_yes_no() {
        Ok(Some(yes)) => out.first_time = if yes { "yes" } else { "no" }.to_owned(),
        Ok(None) => {}
        Err(code) => bad(Problem::warning(code).with("value", table.cell(row, "first_time").show()), "first_time"),
    }
    if base.is_empty() {
        return out;
    }
    match bases.base(&base) {
        Some(b) => out.base_id = Some(b.id),
        None if bases.is_empty() => bad(Problem::warning("unknown_base").with("value", &base), "base"),
        None => bad(Problem::error("unknown_base").with("value", &base), "base"),
    }
    let mut date = |key: &'static str| match table.cell(row, key).to_date() {
        Ok(d) => d.and_then(DateValue::first_day),
        Err(code) => {
            bad(Problem::error(code).with("value", table.cell(row, key).show()), key);
            None
        }
    };
    out.starts_on = date("starts_on");
    out.ends_on = date("ends_on");
    if out.starts_on.zip(out.ends_on).is_some_and(|(a, b)| b < a) {
        bad(Problem::error("end_before_start"), "ends_on");
    }
    match table.cell(row, "required_hours").to_hundredths() {
        Ok(Some(h)) if !(0..=1_000_000).contains(&h) => {
            bad(
                Problem::error("negative_count").with("value", table.cell(row, "required_hours").show()),
                "required_hours",
            );
        }
        Ok(Some(h)) => out.required_minutes = h * 60 / 100,
        // A roster that does not say how many hours follows the programme.
        Ok(None) => out.required_minutes = schemes.programme(&out.programme).map_or(0, |p| p.required_minutes),
        Err(_) => {
            bad(
                Problem::error("hours_not_number").with("value", table.cell(row, "required_hours").show()),
                "required_hours",
            );
        }
    }
    out
}
