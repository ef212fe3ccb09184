//! Decisions about registrations and results over plain values.

use crate::schemes::{Level, Outcome, ResultFact, Scheme, fold};

/// Whether the fee was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    Paid,
    Unpaid,
    Unknown,
}

impl Payment {
    /// The value in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Unpaid => "unpaid",
            Self::Unknown => "unknown",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Paid, Self::Unpaid, Self::Unknown].into_iter().find(|p| p.name() == name)
    }

    /// Reads the portal's word; an empty cell is unknown, another word is `None`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Some(match fold(text).as_str() {
            "" => Self::Unknown,
            "已缴费" | "已缴" | "已交费" | "已交" | "已支付" | "缴费成功" | "支付成功" | "是" | "paid" | "yes" => {
                Self::Paid
            }
            "未缴费" | "未缴" | "未交费" | "未交" | "未支付" | "待缴费" | "待支付" | "否" | "unpaid" | "no" => {
                Self::Unpaid
            }
            _ => return None,
        })
    }
}

/// Whether the portal's word for the review says that the registration was turned down.
#[must_use]
pub fn turned_down(review: &str) -> bool {
    ["不通过", "未通过", "驳回", "不合格"].iter().any(|w| review.contains(w))
}

/// The state of a registration: paying completes it, so unpaid is withdrawn; so is one that was turned down.
#[must_use]
pub fn registration_state(payment: Payment, review: &str) -> &'static str {
    if payment == Payment::Unpaid || turned_down(review) { "withdrawn" } else { "active" }
}

/// The subjects in a cell such as `社会工作综合能力、社会工作实务`, as codes in the level's order; all of the year's when it
/// is empty.
///
/// # Errors
/// The first word that names no subject of the level.
pub fn subjects(level: &Level, year: i32, text: &str) -> Result<Vec<String>, String> {
    let mut named = Vec::new();
    for word in text.split(['、', ',', '，', ';', '；', '/', '|', '\n', '+']).map(str::trim).filter(|w| !w.is_empty())
    {
        let subject = level.subject_by_name(word).ok_or_else(|| word.to_owned())?;
        named.push(subject.code.as_str());
    }
    let wanted = |code: &str| named.is_empty() || named.contains(&code);
    Ok(level.subjects_in(year).filter(|s| wanted(&s.code)).map(|s| s.code.clone()).collect())
}

/// What is on record of one person at one level, over all years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Years with a registration that was not withdrawn.
    pub registered: Vec<i32>,
    pub results: Vec<ResultFact>,
}

/// One exam year as the tally counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearFact {
    pub year: i32,
    pub registered: bool,
    pub sat: bool,
    pub passed: bool,
}

/// What is counted of a record, oldest year first: registered = not withdrawn; sat = any subject with a mark, violation or
/// void; passed = the level was completed in that year.
#[must_use]
pub fn year_facts(scheme: &Scheme, level: &Level, record: &Record, area: Option<&str>) -> Vec<YearFact> {
    let mut years: Vec<i32> = record.registered.iter().copied().chain(record.results.iter().map(|r| r.year)).collect();
    years.sort_unstable();
    years.dedup();
    years
        .into_iter()
        .map(|year| YearFact {
            year,
            registered: record.registered.contains(&year),
            sat: record.results.iter().any(|r| r.year == year && r.outcome.sat()),
            passed: scheme.verdict(level, year, &record.results, area).passed,
        })
        .collect()
}

/// A result on record, as far as a new file may change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnRecord {
    pub subject: String,
    pub outcome: Outcome,
    pub held: bool,
    pub corrected: bool,
}

/// What a row of a result file does to what is on record of that sitting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Subjects not on record yet.
    pub add: Vec<(String, Outcome)>,
    /// Subjects on record with another outcome.
    pub change: Vec<(String, Outcome)>,
    /// Subjects whose outcome differs, but was corrected by hand and stays.
    pub kept: Vec<String>,
    /// The sitting is on hold from now on.
    pub held: bool,
}

impl Plan {
    /// Nothing to be written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.change.is_empty()
    }
}

/// Compares a row with the record. A sitting a person has decided upon (corrected) is not put on hold again unless the row
/// brings something new.
#[must_use]
pub fn plan(scheme: &Scheme, year: i32, on_record: &[OnRecord], row: &[(String, Outcome)]) -> Plan {
    let mut plan = Plan::default();
    let mut after: Vec<(String, Outcome)> = on_record.iter().map(|r| (r.subject.clone(), r.outcome)).collect();
    for (subject, outcome) in row {
        match on_record.iter().find(|r| r.subject == *subject) {
            None => {
                plan.add.push((subject.clone(), *outcome));
                after.push((subject.clone(), *outcome));
            }
            Some(r) if r.outcome == *outcome => {}
            Some(r) if r.corrected => plan.kept.push(subject.clone()),
            Some(_) => {
                plan.change.push((subject.clone(), *outcome));
                after.iter_mut().filter(|(s, _)| s == subject).for_each(|a| a.1 = *outcome);
            }
        }
    }
    let outcomes: Vec<Outcome> = after.iter().map(|(_, o)| *o).collect();
    let was_held = on_record.iter().any(|r| r.held);
    let decided = on_record.iter().any(|r| r.corrected) && !was_held;
    plan.held = scheme.must_hold(year, &outcomes) && !(decided && plan.is_empty());
    plan
}

/// A mark in hundredths as people write it: 60, 60.5.
#[must_use]
pub fn show_mark(hundredths: i64) -> String {
    match hundredths % 100 {
        0 => (hundredths / 100).to_string(),
        rest if rest % 10 == 0 => format!("{}.{}", hundredths / 100, rest / 10),
        rest => format!("{}.{rest:02}", hundredths / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::files::RuleFiles;
    use crate::schemes::{Schemes, load};

    fn schemes() -> Schemes {
        load(&RuleFiles::default()).unwrap()
    }

    fn fact(year: i32, subject: &str, outcome: Outcome) -> ResultFact {
        ResultFact { year, subject: subject.to_owned(), outcome, held: false }
    }

    #[test]
    fn paying_completes_a_registration() {
        for (payment, review, state) in [
            ("已缴费", "承诺制通过", "active"),
            ("", "", "active"),
            ("未缴费", "承诺制通过", "withdrawn"),
            ("未 缴 费", "", "withdrawn"),
            ("已缴费", "审核不通过", "withdrawn"),
        ] {
            assert_eq!(registration_state(Payment::read(payment).unwrap(), review), state, "{payment} {review}");
        }
        assert_eq!(Payment::read("也许"), None);
    }

    #[test]
    fn subjects_of_a_cell() {
        let schemes = schemes();
        let level = schemes.scheme("social-work").unwrap().level("intermediate").unwrap();
        for (text, want) in [
            ("社会工作实务、社会工作法规与政策", Ok(vec!["policy", "practice"])),
            ("社会工作实务(中级)", Ok(vec!["practice"])),
            ("", Ok(vec!["policy", "comprehensive", "practice"])),
            ("社会工作实务，会计", Err("会计")),
        ] {
            let want = want.map(|w| w.into_iter().map(str::to_owned).collect::<Vec<_>>()).map_err(str::to_owned);
            assert_eq!(subjects(level, 2026, text), want, "{text}");
        }
    }

    #[test]
    fn years_are_counted_by_what_happened_in_them() {
        let schemes = schemes();
        let scheme = schemes.scheme("social-work").unwrap();
        let level = scheme.level("intermediate").unwrap();
        let mut record = Record {
            registered: vec![2026, 2027],
            results: vec![
                fact(2025, "policy", Outcome::Mark(6000)),
                fact(2025, "practice", Outcome::Absent),
                fact(2026, "comprehensive", Outcome::Mark(6500)),
                fact(2026, "practice", Outcome::Mark(6500)),
                fact(2027, "practice", Outcome::Absent),
            ],
        };
        let show = |r: &Record| -> Vec<(i32, bool, bool, bool)> {
            let of = |f: YearFact| (f.year, f.registered, f.sat, f.passed);
            year_facts(scheme, level, r, None).into_iter().map(of).collect()
        };
        assert_eq!(show(&record), [(2025, false, true, false), (2026, true, true, true), (2027, true, false, false)]);
        // The earlier year's result falls: the later year's pass goes with it.
        record.results[0].outcome = Outcome::Void;
        assert_eq!(show(&record)[1], (2026, true, true, false));
    }

    #[test]
    fn a_row_against_the_record() {
        let schemes = schemes();
        let scheme = schemes.scheme("social-work").unwrap();
        let on = |subject: &str, outcome, held, corrected| OnRecord {
            subject: subject.to_owned(),
            outcome,
            held,
            corrected,
        };
        let row = |all: &[(&str, Outcome)]| all.iter().map(|(s, o)| ((*s).to_owned(), *o)).collect::<Vec<_>>();
        let (mark, other) = (Outcome::Mark(7000), Outcome::Mark(5000));

        let new = plan(scheme, 2026, &[], &row(&[("policy", mark), ("practice", Outcome::Violation)]));
        assert_eq!((new.add.len(), new.held), (2, true));

        let same = [on("policy", mark, true, false), on("practice", Outcome::Violation, true, false)];
        let again = plan(scheme, 2026, &same, &row(&[("policy", mark), ("practice", Outcome::Violation)]));
        assert!(again.is_empty() && again.held);

        let changed = plan(scheme, 2026, &same[..1], &row(&[("policy", other)]));
        assert_eq!((changed.change.as_slice(), changed.held), (row(&[("policy", other)]).as_slice(), false));

        // Decided by a person: the same file again does not undo the decision.
        let decided = [on("policy", mark, false, true), on("practice", Outcome::Violation, false, true)];
        let again = plan(scheme, 2026, &decided, &row(&[("policy", mark), ("practice", Outcome::Violation)]));
        assert!(again.is_empty() && !again.held);
        let lost = [on("policy", Outcome::Violation, false, true)];
        assert_eq!(plan(scheme, 2026, &lost, &row(&[("policy", mark)])).kept, ["policy"]);
    }

    #[test]
    fn marks_as_written() {
        for (m, want) in [(6000, "60"), (6050, "60.5"), (6005, "60.05"), (0, "0")] {
            assert_eq!(show_mark(m), want);
        }
    }
}
