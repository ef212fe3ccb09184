//! The practicum's rules by programme of study: `config/practicum.toml`. Pure apart from reading the file.
//!
//! How many hours a programme asks for in all stands with the programme in `config/schemes`; here stands how they may be
//! logged and what of them is asked for by kind of work.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::grading::EvaluationRule;
use super::rules::{DAY, Fault};
use crate::core::files::{ReadOnce, RuleFiles};
use crate::core::{Error, Result};
use crate::db::Cx;
use crate::schemes::{self, Schemes};

/// Minutes asked for in one kind of work.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindRule {
    /// As the log sheet words it.
    pub kind: String,
    pub required_minutes: i64,
}

/// The rules of one programme in a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// A programme's code of `config/schemes`; empty for every programme without rules of its own.
    pub code: String,
    pub source: String,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    /// Minutes of one day over all entries of a person.
    pub daily_cap_minutes: i64,
    /// Days after the day worked (or after a return) within which the intern may log and change it; staff may later.
    pub edit_window_days: u64,
    /// Whether there is practicum on a public holiday.
    pub holidays: bool,
    /// Whether the campus mentor signs too before an entry counts.
    pub second_sign_off: bool,
    /// Whether a person may be at two bases in the same weeks.
    pub parallel_placements: bool,
    /// Interns of one supervisor above which is warned.
    pub ratio_warning: i64,
    /// Minutes of supervision received that are asked for; 0 for none.
    pub supervision_minutes: i64,
    #[serde(default, rename = "kind")]
    pub kinds: Vec<KindRule>,
}

impl Programme {
    fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// A day off.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    pub day: NaiveDate,
    pub name: String,
}

/// All of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practicum {
    /// Days for which a link to a supervisor without an account is good.
    pub link_days: i64,
    pub evaluation: EvaluationRule,
    holidays_source: String,
    #[serde(default, rename = "holiday")]
    holidays: Vec<Holiday>,
    #[serde(rename = "programme")]
    programmes: Vec<Programme>,
}

/// Reads and checks the file against the schemes.
///
/// # Errors
/// [`Error::Setup`] naming file and key.
pub fn load(files: &RuleFiles, schemes: &Schemes) -> Result<Practicum> {
    let file = files.read("practicum.toml")?;
    let wrong = |what: String| Error::Setup(format!("{}: {what}", file.name));
    let all: Practicum = toml::from_str(&file.text).map_err(|e| wrong(e.to_string()))?;
    if !(1..=90).contains(&all.link_days) {
        return Err(wrong(format!("link_days: {} is not from 1 to 90", all.link_days)));
    }
    all.evaluation.check().map_err(wrong)?;
    let mut days = BTreeSet::new();
    if let Some(h) = all.holidays.iter().find(|h| !days.insert(h.day)) {
        return Err(wrong(format!("holiday.day: {} stands twice", h.day)));
    }
    if all.holidays_source.trim().is_empty() && !all.holidays.is_empty() {
        return Err(wrong("holidays_source: expected where the holidays are written".to_owned()));
    }
    for (i, p) in all.programmes.iter().enumerate() {
        check(p, schemes).map_err(|what| wrong(format!("programme[{i}] \"{}\": {what}", p.code)))?;
        let meets = |o: &&Programme| {
            o.code == p.code
                && o.valid_to.is_none_or(|to| p.valid_from <= to)
                && p.valid_to.is_none_or(|to| o.valid_from <= to)
        };
        if all.programmes.iter().take(i).any(|o| meets(&o)) {
            return Err(wrong(format!("programme[{i}].valid_from: \"{}\" has two rules for one day", p.code)));
        }
    }
    if !all.programmes.iter().any(|p| p.code.is_empty() && p.valid_to.is_none()) {
        return Err(wrong(
            "programme: expected one with an empty code and without valid_to, for all others".to_owned(),
        ));
    }
    Ok(all)
}

fn check(p: &Programme, schemes: &Schemes) -> std::result::Result<(), String> {
    let known = schemes.all().flat_map(|s| &s.programmes).find(|k| k.code == p.code);
    if known.is_none() && !p.code.is_empty() {
        return Err("code: no scheme has a programme of this code".to_owned());
    }
    if p.source.trim().is_empty() {
        return Err("source: expected where the rules are written".to_owned());
    }
    if p.valid_to.is_some_and(|to| to < p.valid_from) {
        return Err("valid_to: expected no day before valid_from".to_owned());
    }
    if !(1..=DAY).contains(&p.daily_cap_minutes) {
        return Err(format!("daily_cap_minutes: {} is not from 1 to {DAY}", p.daily_cap_minutes));
    }
    if p.edit_window_days > 3660 {
        return Err(format!("edit_window_days: {} is not from 0 to 3660", p.edit_window_days));
    }
    if !(1..=1000).contains(&p.ratio_warning) {
        return Err(format!("ratio_warning: {} is not from 1 to 1000", p.ratio_warning));
    }
    if p.supervision_minutes < 0 {
        return Err("supervision_minutes: expected no number below 0".to_owned());
    }
    let mut seen = BTreeSet::new();
    for k in &p.kinds {
        if k.kind.trim().is_empty() || !seen.insert(&k.kind) {
            return Err(format!("kind: \"{}\" is empty or stands twice", k.kind));
        }
        if k.required_minutes <= 0 {
            return Err(format!("kind \"{}\": required_minutes: expected a number above 0", k.kind));
        }
    }
    let sum: i64 = p.kinds.iter().map(|k| k.required_minutes).sum();
    if let Some(k) = known.filter(|k| sum > k.required_minutes) {
        return Err(format!("kind: {sum} minutes by kind are more than the {} of the programme", k.required_minutes));
    }
    Ok(())
}

/// Who logs and when: what [`Rules::check`] judges by.
#[derive(Clone, Copy, Debug)]
pub struct Logging {
    pub worked_on: NaiveDate,
    pub today: NaiveDate,
    /// The day on which the entry was returned, if it was.
    pub returned_on: Option<NaiveDate>,
    /// Interns are held to the window; those who run the training may mend what is older.
    pub intern: bool,
}

/// The rules that hold for one placement on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub programme: Programme,
    /// The name of the holiday that the day is, if it is one.
    pub holiday: Option<String>,
}

impl Rules {
    /// The day of an entry against the programme's rules.
    ///
    /// # Errors
    /// The fault.
    pub fn check(&self, l: &Logging) -> std::result::Result<(), Fault> {
        if l.worked_on > l.today {
            return Err(Fault::DateInFuture);
        }
        let from = l.returned_on.map_or(l.worked_on, |r| r.max(l.worked_on));
        let last = from.checked_add_days(Days::new(self.programme.edit_window_days));
        if l.intern && last.is_some_and(|last| l.today > last) {
            return Err(Fault::WindowClosed);
        }
        if self.holiday.is_some() && !self.programme.holidays {
            return Err(Fault::Holiday);
        }
        Ok(())
    }

    /// The minutes of a day, with this entry, against the cap.
    ///
    /// # Errors
    /// The fault.
    pub fn check_cap(&self, minutes: i64, others: i64) -> std::result::Result<(), Fault> {
        match (minutes.saturating_add(others) > self.programme.daily_cap_minutes, self.programme.daily_cap_minutes) {
            (false, _) => Ok(()),
            (true, DAY) => Err(Fault::DayOver24Hours),
            (true, _) => Err(Fault::OverDailyCap),
        }
    }
}

impl Practicum {
    /// The least number of interns of one supervisor at which any programme warns.
    #[must_use]
    pub fn least_ratio_warning(&self) -> i64 {
        self.programmes.iter().map(|p| p.ratio_warning).min().unwrap_or(1)
    }

    /// The rules for a programme (by code, name or alias, as a placement words it) on a day.
    ///
    /// # Errors
    /// [`Error::Setup`] when none hold on that day.
    pub fn rules(&self, schemes: &Schemes, programme: &str, on: NaiveDate) -> Result<Rules> {
        let code = schemes.programme(programme).map_or("", |p| p.code.as_str());
        let of = |code: &str| self.programmes.iter().find(|p| p.code == code && p.holds_on(on));
        let found = of(code).or_else(|| of("")).or_else(|| self.programmes.iter().find(|p| p.code.is_empty()));
        let programme = found.cloned().ok_or_else(|| Error::Setup("practicum.toml: programme".to_owned()))?;
        let holiday = self.holidays.iter().find(|h| h.day == on).map(|h| h.name.clone());
        Ok(Rules { programme, holiday })
    }
}

/// The rules of this installation, read once.
///
/// # Errors
/// As [`load`]; the program checks the file when it starts.
pub fn of(cx: &Cx) -> Result<Arc<Practicum>> {
    static KNOWN: ReadOnce<Practicum> = ReadOnce::new();
    KNOWN.get(cx.settings.file.as_deref(), || load(&cx.settings.rule_files(), schemes::of(cx)?.as_ref()))
}

/// The rules for a placement's programme on a day.
///
/// # Errors
/// As [`of`].
pub fn rules_for(cx: &Cx, programme: &str, on: NaiveDate) -> Result<Rules> {
    of(cx)?.rules(schemes::of(cx)?.as_ref(), programme, on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    fn built_in() -> (Practicum, Schemes) {
        let schemes = schemes::load(&RuleFiles::default()).unwrap();
        (load(&RuleFiles::default(), &schemes).unwrap(), schemes)
    }

    #[test]
    fn the_window_the_holidays_and_the_cap() {
        let (all, schemes) = built_in();
        let mut strict = all.rules(&schemes, "本科", day("2026-10-01")).unwrap();
        assert_eq!(strict.holiday.as_deref(), Some("国庆节"));
        strict.programme.holidays = false;
        strict.programme.edit_window_days = 30;
        let log = |on: &str, returned: Option<&str>, intern| Logging {
            worked_on: day(on),
            today: day("2026-11-25"),
            returned_on: returned.map(day),
            intern,
        };
        let plain = Rules { holiday: None, ..strict.clone() };
        let cases = [
            (&plain, log("2026-11-25", None, true), Ok(())),
            (&plain, log("2026-11-26", None, true), Err(Fault::DateInFuture)),
            (&plain, log("2026-11-26", None, false), Err(Fault::DateInFuture)),
            (&plain, log("2026-10-26", None, true), Ok(())),
            (&plain, log("2026-10-25", None, true), Err(Fault::WindowClosed)),
            (&plain, log("2026-10-25", None, false), Ok(())),
            (&plain, log("2026-09-01", Some("2026-11-01"), true), Ok(())),
            (&plain, log("2026-09-01", Some("2026-10-01"), true), Err(Fault::WindowClosed)),
            (&strict, log("2026-10-01", Some("2026-11-01"), true), Err(Fault::Holiday)),
        ];
        for (rules, l, want) in cases {
            assert_eq!(rules.check(&l), want, "{l:?}");
        }
        strict.programme.daily_cap_minutes = 600;
        assert_eq!(strict.check_cap(300, 300), Ok(()));
        assert_eq!(strict.check_cap(301, 300), Err(Fault::OverDailyCap));
        strict.programme.daily_cap_minutes = DAY;
        assert_eq!(strict.check_cap(DAY, 1), Err(Fault::DayOver24Hours));
    }

    #[test]
    fn a_programme_is_found_by_any_of_its_names_and_the_day() {
        let (all, schemes) = built_in();
        let code = |name: &str| all.rules(&schemes, name, day("2026-11-25")).unwrap().programme.code;
        assert_eq!((code("FIELD-MSW").as_str(), code("别的").as_str()), ("FIELD-MSW", ""));
        assert!(all.rules(&schemes, "FIELD-MSW", day("2026-11-25")).unwrap().programme.second_sign_off);
        assert_eq!(all.rules(&schemes, "FIELD-MSW", day("2001-01-01")).unwrap().programme.code, "");
    }

    #[test]
    fn what_is_wrong_in_the_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let schemes = schemes::load(&RuleFiles::default()).unwrap();
        let good = String::from_utf8(crate::core::files::built_in("practicum.toml").unwrap().into_owned()).unwrap();
        let first = good.find("code = \"\"").unwrap();
        let change = |from: &str, to: &str| {
            let (head, tail) = good.split_at(first);
            assert!(tail.contains(from), "{from}");
            format!("{head}{}", tail.replacen(from, to, 1))
        };
        for (text, want) in [
            (change("code = \"\"", "code = \"XX\""), "code: no scheme"),
            (change("daily_cap_minutes = 720", "daily_cap_minutes = 0"), "daily_cap_minutes"),
            (change("ratio_warning = 10", "ratio_warning = 0"), "ratio_warning"),
            (change("code = \"\"", "code = \"\"\nvalid_to = \"2001-01-01\""), "valid_to"),
            (change("holidays = true", "holiday = true"), "unknown field"),
            (change("code = \"FIELD-MSW\"", "code = \"\""), "two rules"),
            (change("required_minutes = 6000", "required_minutes = 900000"), "more than"),
            (format!("{good}\n[[holiday]]\nday = \"2026-10-01\"\nname = \"x\"\n"), "2026-10-01 stands twice"),
        ] {
            std::fs::write(dir.path().join("practicum.toml"), text).unwrap();
            let files = RuleFiles::beside(Some(&dir.path().join("my.toml")));
            let said = load(&files, &schemes).unwrap_err().to_string();
            assert!(said.contains("practicum.toml") && said.contains(want), "{said} should say {want}");
        }
    }
}
