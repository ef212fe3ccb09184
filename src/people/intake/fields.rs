//! One row's person columns, each read by its rule.

use std::borrow::Cow;

use super::{Options, PersonInput};
use crate::importing::cell::EMPTY;
use crate::importing::date::DateValue;
use crate::importing::text::{looks_like_code, squeeze};
use crate::importing::{Cell, Problem, Row, Table};
use crate::people::rules::id_no::{self, IdNo, Sex};
use crate::people::rules::id_type::IdType;
use crate::people::rules::{birth, name, phone};

/// Where the columns stand, asked once a table.
pub(super) struct Reader<'t> {
    table: &'t Table,
    options: &'t Options<'t>,
    name: Option<usize>,
    sex: Option<usize>,
    birth: Option<usize>,
    id_type: Option<usize>,
    id_no: Option<usize>,
    work_years: Option<usize>,
    graduated: Option<usize>,
    level: Option<usize>,
    phone: Option<usize>,
    email: Option<usize>,
    class: Option<usize>,
    employment: Option<usize>,
    /// Free texts, in the order of [`FREE`].
    free: [Option<usize>; FREE.len()],
}

/// Free texts: an error in their cells loses the cell, not the row.
const FREE: [&str; 9] =
    ["ethnicity", "education", "school", "major", "unit", "job_title", "student_no", "town", "note"];

impl<'t> Reader<'t> {
    pub(super) fn new(table: &'t Table, options: &'t Options<'t>) -> Self {
        let at = |key| table.place(key);
        Self {
            table,
            options,
            name: at("name"),
            sex: at("sex"),
            birth: at("birth"),
            id_type: at("id_type"),
            id_no: at("id_no"),
            work_years: at("work_years"),
            graduated: at("graduated_on"),
            level: at("level"),
            phone: at("phone"),
            email: at("email"),
            class: at("class"),
            employment: at("employment_kind"),
            free: FREE.map(at),
        }
    }

    /// The row as a person; none where a field that must be there is not.
    pub(super) fn read(&self, index: usize, row: &Row, problems: &mut Vec<Problem>) -> Option<PersonInput> {
        if row.hidden || row.cells.len() > self.table.headers.len() {
            problems.extend(self.table.row_problems(row));
        }
        let name = self.name(row, problems);
        let id = self.id(row, problems);
        let (birth, sex) = self.birth_and_sex(row, id.as_ref().map(|(_, id)| id), problems);
        let level = self.level(row, problems);
        let phone = self.phone(row, problems);
        let email = self.email(row, problems);
        let work_years = self.work_years(row, problems);
        let graduated_on = self.graduated(row, problems);
        let mut free = self.free.iter().zip(FREE).map(|(place, key)| self.free(row, *place, key, problems));
        let mut next = || free.next().unwrap_or_default();
        let texts = [next(), next(), next(), next(), next(), next(), next(), next(), next()];
        let [ethnicity, education, school, major, unit, job_title, student_no, town, note] = texts;
        let class = self.class.map(|i| row.cell(i).show().into_owned()).unwrap_or_default();
        let employment_kind = self.employment.map(|i| row.cell(i).show().into_owned()).unwrap_or_default();
        let (id_type, id) = id?;
        let name = name?;
        Some(PersonInput {
            index,
            row: row.number,
            id_type,
            id_no: id.number,
            name_key: name::key(&name),
            name,
            sex,
            birth,
            ethnicity,
            education,
            school,
            major,
            graduated_on,
            unit,
            job_title,
            student_no,
            employment_kind,
            work_years,
            level,
            phone,
            email,
            town,
            note,
            class,
        })
    }

    fn say(&self, problems: &mut Vec<Problem>, row: &Row, key: &str, problem: Problem) {
        problems.push(self.table.problem(problem, row, key));
    }

    /// The text of a cell whose errors refuse the row.
    fn strict<'r>(
        &self,
        row: &'r Row,
        place: Option<usize>,
        key: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<Cow<'r, str>> {
        let cell = row.cell(place?);
        if let Err(code) = cell.check() {
            self.say(problems, row, key, Problem::error(code).with("value", cell.show()));
            return None;
        }
        Some(cell.show())
    }

    fn name(&self, row: &Row, problems: &mut Vec<Problem>) -> Option<String> {
        let text = if self.name.is_some() { self.strict(row, self.name, "name", problems)? } else { Cow::Borrowed("") };
        match name::read(&text) {
            Ok(n) => {
                if n.lookalike {
                    self.say(
                        problems,
                        row,
                        "name",
                        Problem::warning("name_lookalike_character").with("value", &n.name),
                    );
                }
                Some(n.name)
            }
            Err(code) => {
                self.say(problems, row, "name", Problem::error(code).with("value", text));
                None
            }
        }
    }

    fn id(&self, row: &Row, problems: &mut Vec<Problem>) -> Option<(IdType, IdNo)> {
        let mut assumed = false;
        let id_type = match self.id_type {
            None => IdType::Resident,
            Some(_) => {
                let text = self.strict(row, self.id_type, "id_type", problems)?;
                if text.is_empty() {
                    assumed = true;
                    IdType::Resident
                } else if let Some(t) = IdType::from_name(&text) {
                    t
                } else {
                    self.say(problems, row, "id_type", Problem::error("id_type_unknown").with("value", text));
                    return None;
                }
            }
        };
        let cell = self.id_no.map_or(&EMPTY, |i| row.cell(i));
        match id_no::read(cell, id_type) {
            Ok(id) => {
                if assumed {
                    self.say(
                        problems,
                        row,
                        "id_type",
                        Problem::warning("id_type_assumed").with("value", id_type.label()),
                    );
                }
                if id.ends_000 {
                    self.say(problems, row, "id_no", Problem::warning("id_ends_000_but_valid"));
                }
                Some((id_type, id))
            }
            Err(p) => {
                let mut problem = Problem::error(p.code).with("type", id_type.label());
                match cell {
                    Cell::Text(s) => {
                        problem = problem.with("length", id_no::tidy(s).chars().count());
                    }
                    Cell::Error(e) => problem = problem.with("value", e),
                    _ => {}
                }
                if let Some(suggest) = p.suggest {
                    problem = problem.with("suggest", id_no::mask(&suggest));
                }
                self.say(problems, row, if p.of_type { "id_type" } else { "id_no" }, problem);
                None
            }
        }
    }

    fn birth_and_sex(
        &self,
        row: &Row,
        id: Option<&IdNo>,
        problems: &mut Vec<Problem>,
    ) -> (Option<DateValue>, Option<Sex>) {
        let of_id = id.and_then(|id| id.birth);
        let today = self.options.today;
        if let Some(d) = of_id.filter(|d| *d > today) {
            self.say(problems, row, "id_no", Problem::error("id_birth_impossible").with("value", d));
        }
        let mut birth = of_id.map(|d| DateValue::Day(d, None));
        if let Some(place) = self.birth {
            match row.cell(place).to_date() {
                Ok(None) => {}
                Ok(Some(written)) => {
                    if let Some(d) = of_id.filter(|d| !birth::agrees(written, *d)) {
                        let p = Problem::error("birth_disagrees_with_id").with("value", written).with("of_id", d);
                        self.say(problems, row, "birth", p);
                    } else if !birth::is_possible(written, today) {
                        self.say(problems, row, "birth", Problem::error("date_impossible").with("value", written));
                    }
                    // The date as written is kept, a month only too; the paper says the rest.
                    birth = Some(match written {
                        DateValue::Day(d, _) => DateValue::Day(d, None),
                        month @ DateValue::Month(..) => month,
                    });
                }
                Err(code) => {
                    let p = Problem::error(code).with("value", row.cell(place).show());
                    self.say(problems, row, "birth", p);
                }
            }
        }
        let of_id = id.and_then(|id| id.sex);
        let mut sex = of_id;
        if let Some(text) = self.strict(row, self.sex, "sex", problems) {
            match Sex::read(&text) {
                Ok(None) => {}
                Ok(Some(written)) => {
                    if let Some(s) = of_id.filter(|s| *s != written) {
                        let p = Problem::error("sex_disagrees_with_id")
                            .with("value", written.label())
                            .with("of_id", s.label());
                        self.say(problems, row, "sex", p);
                    }
                    sex = Some(written);
                }
                Err(code) => self.say(problems, row, "sex", Problem::error(code).with("value", text)),
            }
        }
        (birth, sex)
    }

    fn level(&self, row: &Row, problems: &mut Vec<Problem>) -> String {
        let Some(text) = self.strict(row, self.level, "level", problems).filter(|t| !t.is_empty()) else {
            return String::new();
        };
        let level = (self.options.level)(&text);
        if level.is_none() {
            self.say(problems, row, "level", Problem::error("level_unknown_value").with("value", &text));
        }
        level.unwrap_or_default()
    }

    fn phone(&self, row: &Row, problems: &mut Vec<Problem>) -> String {
        let Some(text) = self.strict(row, self.phone, "phone", problems) else { return String::new() };
        match phone::read(&text) {
            Ok(p) => p.unwrap_or_default(),
            // The person is known all the same; only the way to call them is not.
            Err("phone_masked") => {
                self.say(problems, row, "phone", Problem::warning("phone_masked"));
                String::new()
            }
            Err(code) => {
                self.say(problems, row, "phone", Problem::error(code).with("value", text));
                String::new()
            }
        }
    }

    fn email(&self, row: &Row, problems: &mut Vec<Problem>) -> String {
        let text = self.free(row, self.email, "email", problems);
        if text.is_empty() {
            return text;
        }
        let address = squeeze(&text).into_owned();
        if crate::people::rules::mail::is_address(&address) {
            return address;
        }
        self.say(problems, row, "email", Problem::warning("email_format").with("value", &text));
        String::new()
    }

    fn work_years(&self, row: &Row, problems: &mut Vec<Problem>) -> Option<i64> {
        let cell = row.cell(self.work_years?);
        let shown = cell.show();
        let text = squeeze(&shown);
        let text = text.trim_end_matches(['年', '余', '多', '+']);
        if text.is_empty() && cell.check().is_ok() {
            return None;
        }
        let years = Cell::text(text).to_hundredths().ok().flatten().map(|h| h / 100).filter(|y| (0..=60).contains(y));
        if years.is_none() {
            self.say(problems, row, "work_years", Problem::warning("years_not_number").with("value", &shown));
        }
        years
    }

    fn graduated(&self, row: &Row, problems: &mut Vec<Problem>) -> String {
        let Some(place) = self.graduated else { return String::new() };
        let cell = row.cell(place);
        let shown = cell.show();
        let text = squeeze(&shown);
        let year = text.trim_end_matches(['年', '届']);
        if year.len() == 4 && year.parse::<u16>().is_ok_and(|y| (1900..=2100).contains(&y)) {
            return year.to_owned();
        }
        match cell.to_date() {
            Ok(d) => d.map(|d| d.to_string()).unwrap_or_default(),
            Err(code) => {
                self.say(problems, row, "graduated_on", Problem::warning(code).with("value", &shown));
                String::new()
            }
        }
    }

    fn free(&self, row: &Row, place: Option<usize>, key: &str, problems: &mut Vec<Problem>) -> String {
        let Some(place) = place else { return String::new() };
        let cell = row.cell(place);
        match cell {
            Cell::Empty => String::new(),
            Cell::Text(s) => {
                if looks_like_code(s) {
                    let shown: String = s.chars().take(40).collect();
                    self.say(problems, row, key, Problem::warning("looks_like_code").with("value", shown));
                }
                cell.show().into_owned()
            }
            Cell::Error(_) | Cell::FormulaWithoutResult => {
                if let Err(code) = cell.check() {
                    self.say(problems, row, key, Problem::warning(code).with("value", cell.show()));
                }
                String::new()
            }
            other => other.show().into_owned(),
        }
    }
}
