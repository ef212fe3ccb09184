//! Reminder rules from `config/reminders/*.toml`, and the moments that follow from them. Pure.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::core::files::RuleFiles;
use crate::core::{Error, Result, civil};
use crate::schemes::{CycleRule, Window, WindowKind};

/// A day of the exam year that a rule counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Milestone {
    RegistrationOpens,
    RegistrationCloses,
    PaymentCloses,
    TicketsOpen,
    TicketsClose,
    ReviewCloses,
    Exam,
}

/// Whom a rule concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Enrolled with a target level and not registered in that exam year.
    Unregistered,
    /// Registered in that exam year and paid.
    Paid,
}

/// What the mail says; also the name of its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterKind {
    RegistrationCloses,
    TicketsOpen,
}

/// One rule, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub name: String,
    pub milestone: Milestone,
    pub days: i64,
    pub at: NaiveTime,
    pub zone: Tz,
    pub audience: Audience,
    pub letter: LetterKind,
    pub window: TimeDelta,
    pub enabled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    milestone: Milestone,
    days: i64,
    at: String,
    zone: Option<String>,
    audience: Audience,
    letter: LetterKind,
    window_hours: i64,
    #[serde(default = "yes")]
    enabled: bool,
}

fn yes() -> bool {
    true
}

/// Reads and checks all rule files.
///
/// # Errors
/// [`Error::Setup`] naming file and key, and what is allowed.
pub fn read(files: &RuleFiles, zone: Tz) -> Result<Vec<Rule>> {
    let mut all: Vec<Rule> = Vec::new();
    for file in files.folder("reminders")? {
        let bad = |key: &str, why: String| Error::Setup(format!("{}: {key}: {why}", file.name));
        let f: File = toml::from_str(&file.text).map_err(|e| Error::Setup(format!("{}: {e}", file.name)))?;
        if f.name.is_empty() || !f.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            return Err(bad("name", format!("{:?}: expected small letters, digits and -", f.name)));
        }
        if all.iter().any(|r| r.name == f.name) {
            return Err(bad("name", format!("{:?} is the name of another rule", f.name)));
        }
        let at = NaiveTime::parse_from_str(&f.at, "%H:%M")
            .map_err(|_| bad("at", format!("{:?}: expected a time such as 09:00", f.at)))?;
        let zone = match &f.zone {
            None => zone,
            Some(name) => crate::jobs::schedule::parse_zone(name).map_err(|why| bad("zone", why))?,
        };
        if !(-366..=366).contains(&f.days) {
            return Err(bad("days", format!("{}: expected -366 to 366", f.days)));
        }
        if !(1..=24 * 31).contains(&f.window_hours) {
            return Err(bad("window_hours", format!("{}: expected 1 to 744", f.window_hours)));
        }
        all.push(Rule {
            name: f.name,
            milestone: f.milestone,
            days: f.days,
            at,
            zone,
            audience: f.audience,
            letter: f.letter,
            window: TimeDelta::hours(f.window_hours),
            enabled: f.enabled,
        });
    }
    Ok(all)
}

impl LetterKind {
    /// The name of the template.
    #[must_use]
    pub fn template(self) -> &'static str {
        match self {
            Self::RegistrationCloses => "reminder-registration-closes",
            Self::TicketsOpen => "reminder-tickets-open",
        }
    }
}

impl Milestone {
    /// The kind of window it is an end of; none for the exam itself, which is the same everywhere.
    #[must_use]
    pub fn kind(self) -> Option<WindowKind> {
        match self {
            Self::RegistrationOpens | Self::RegistrationCloses => Some(WindowKind::Registration),
            Self::PaymentCloses => Some(WindowKind::Payment),
            Self::TicketsOpen | Self::TicketsClose => Some(WindowKind::Tickets),
            Self::ReviewCloses => Some(WindowKind::Review),
            Self::Exam => None,
        }
    }

    /// The key of its text.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::RegistrationOpens => "reminders-registration-opens",
            Self::RegistrationCloses => "reminders-registration-closes",
            Self::PaymentCloses => "reminders-payment-closes",
            Self::TicketsOpen => "reminders-tickets-open",
            Self::TicketsClose => "reminders-tickets-close",
            Self::ReviewCloses => "reminders-review-closes",
            Self::Exam => "reminders-exam",
        }
    }

    fn day(self, window: &Window) -> Option<NaiveDate> {
        match self {
            Self::RegistrationOpens | Self::TicketsOpen => window.opens_on,
            _ => Some(window.closes_on),
        }
    }
}

/// When a rule comes due in one exam year, for the people of one area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Prefix of the region codes; empty for all.
    pub area: String,
    pub area_name: String,
    /// Areas within it that have a day of their own (or none): their people are not meant here.
    pub except: Vec<String>,
    /// The day counted from.
    pub day: NaiveDate,
    pub due_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Rule {
    /// What makes a mail of this rule unique for a person.
    #[must_use]
    pub fn occasion(cycle: &CycleRule) -> String {
        format!("{}:{}", cycle.scheme, cycle.year)
    }

    /// All moments of the rule in an exam year, one an area.
    #[must_use]
    pub fn moments(&self, cycle: &CycleRule) -> Vec<Moment> {
        let Some(kind) = self.milestone.kind() else {
            return vec![self.moment("", "", Vec::new(), cycle.exam_first_day)];
        };
        let of_kind: Vec<&Window> = cycle.windows.iter().filter(|w| w.kind == kind).collect();
        let inner = |outer: &str| {
            let within = |w: &&&Window| w.area.len() > outer.len() && w.area.starts_with(outer);
            of_kind.iter().filter(within).map(|w| w.area.clone()).collect()
        };
        of_kind
            .iter()
            .filter_map(|w| Some(self.moment(&w.area, &w.area_name, inner(&w.area), self.milestone.day(w)?)))
            .collect()
    }

    /// The moment for a person of this region, if there is one.
    #[must_use]
    pub fn moment_for(&self, cycle: &CycleRule, region_code: &str) -> Option<Moment> {
        self.moments(cycle).into_iter().find(|m| m.covers(region_code))
    }

    fn moment(&self, area: &str, name: &str, except: Vec<String>, day: NaiveDate) -> Moment {
        let due_at = civil::relative(day, self.days, self.at, self.zone);
        let (area, area_name) = (area.to_owned(), name.to_owned());
        Moment { area, area_name, except, day, due_at, expires_at: due_at + self.window }
    }
}

impl Moment {
    /// Whether people of this region are meant.
    #[must_use]
    pub fn covers(&self, region_code: &str) -> bool {
        region_code.starts_with(&self.area) && !self.except.iter().any(|e| region_code.starts_with(e))
    }

    /// Whether mails for it are to be planned now: it is not too far ahead, not over, and was not already past when the
    /// rule was first known.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>, known_since: DateTime<Utc>) -> bool {
        self.due_at >= known_since && now < self.expires_at && self.due_at - now <= TimeDelta::days(PLAN_AHEAD_DAYS)
    }
}

/// Mails are written down so many days before their moment.
pub const PLAN_AHEAD_DAYS: i64 = 45;

#[cfg(test)]
mod tests {
    use super::*;

    fn cycle(text: &str) -> CycleRule {
        let head = "year = 2026\nscheme = \"s\"\nexam_first_day = \"2026-05-23\"\nexam_last_day = \"2026-05-24\"\nsource = \"\"\n";
        toml::from_str(&format!("{head}{text}")).unwrap()
    }

    fn window(area: &str, opens: &str, closes: &str) -> String {
        format!(
            "[[windows]]\nkind = \"registration\"\narea = \"{area}\"\narea_name = \"\"\nsource = \"\"\n\
             opens_on = \"{opens}\"\ncloses_on = \"{closes}\"\n"
        )
    }

    fn rule(days: i64) -> Rule {
        Rule {
            name: "r".into(),
            milestone: Milestone::RegistrationCloses,
            days,
            at: NaiveTime::from_hms_opt(9, 0, 0).unwrap(),
            zone: chrono_tz::Asia::Shanghai,
            audience: Audience::Unregistered,
            letter: LetterKind::RegistrationCloses,
            window: TimeDelta::hours(48),
            enabled: true,
        }
    }

    #[test]
    fn each_area_has_its_own_moment_and_the_most_local_one_counts() {
        let c = cycle(&(window("", "2026-03-01", "2026-03-31") + &window("50", "2026-03-09", "2026-03-19")));
        let r = rule(-3);
        for (region, due) in [
            ("500101", Some("2026-03-16T01:00:00+00:00")),
            ("320000", Some("2026-03-28T01:00:00+00:00")),
            ("", Some("2026-03-28T01:00:00+00:00")),
        ] {
            let got = r.moment_for(&c, region).map(|m| m.due_at.to_rfc3339());
            assert_eq!(got.as_deref(), due, "{region}");
        }
        let only_one = cycle(&window("50", "2026-03-09", "2026-03-19"));
        assert_eq!(r.moment_for(&only_one, "320000"), None);
        assert_eq!(rule(1).moment_for(&only_one, "50").unwrap().due_at.to_rfc3339(), "2026-03-20T01:00:00+00:00");
    }

    #[test]
    fn a_moment_is_open_from_45_days_before_until_its_window_ends_unless_the_rule_is_newer() {
        let m = rule(-3).moment_for(&cycle(&window("", "2026-03-01", "2026-03-31")), "").unwrap();
        let at = |s: &str| s.parse::<DateTime<Utc>>().unwrap();
        let long_ago = at("2020-01-01T00:00:00Z");
        for (now, known, open) in [
            ("2026-02-01T00:00:00Z", long_ago, false),
            ("2026-02-12T00:00:00Z", long_ago, true),
            ("2026-03-28T01:00:00Z", long_ago, true),
            ("2026-03-30T00:59:59Z", long_ago, true),
            ("2026-03-30T01:00:00Z", long_ago, false),
            ("2026-03-28T02:00:00Z", at("2026-03-28T01:30:00Z"), false),
        ] {
            assert_eq!(m.is_open(at(now), known), open, "{now}");
        }
    }

    #[test]
    fn wrong_files_are_named_with_key_and_what_is_allowed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("reminders")).unwrap();
        let good = "name = \"a\"\nmilestone = \"exam\"\ndays = -1\nat = \"09:00\"\naudience = \"paid\"\n\
                    letter = \"tickets-open\"\nwindow_hours = 24\n";
        let files = RuleFiles::beside(Some(&dir.path().join("x.toml")));
        for (from, to, parts) in [
            ("09:00", "9 o'clock", vec!["a.toml", "at", "09:00"]),
            ("days = -1", "days = 9999", vec!["days", "366"]),
            ("window_hours = 24", "window_hours = 0", vec!["window_hours", "744"]),
            ("\"paid\"", "\"everybody\"", vec!["a.toml", "everybody", "unregistered"]),
            ("days = -1", "days = -1\nzone = \"Asia/Beijing\"", vec!["zone", "Asia/Beijing"]),
        ] {
            std::fs::write(dir.path().join("reminders/a.toml"), good.replace(from, to)).unwrap();
            let e = read(&files, chrono_tz::UTC).unwrap_err().to_string();
            assert!(parts.iter().all(|p| e.contains(p)), "{e}");
        }
        assert_eq!(read(&RuleFiles::default(), chrono_tz::UTC).unwrap().len(), 2);
    }
}
