//! How attendance is taken and places are filled, from `config/attendance.toml`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Deserialize;

use super::rules::Slot;
use super::rules::clash::Times;
use crate::core::files::{ReadOnce, RuleFiles};
use crate::core::{Error, Result};
use crate::db::Cx;
use crate::practicum::rules::time_of;
use crate::stations::standard::Words;

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the values come from.
    pub source: String,
    pub code: Code,
    pub rule: Rule,
    pub waiting: Waiting,
    slot: HashMap<String, [String; 2]>,
    pub feedback: Feedback,
}

/// The code on the screen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// How long one is shown.
    pub seconds: i64,
    /// How long a phone may take to sign in to the site after reading one.
    pub login_minutes: i64,
    /// How long before the beginning and after the end codes are taken.
    pub early_minutes: i64,
    pub after_minutes: i64,
}

/// When one is late, has left early, is warned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub late_minutes: i64,
    pub leave_minutes: i64,
    pub absences_in_a_row: usize,
}

/// The waiting list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    pub until: Until,
    pub most_requests: i64,
}

/// Until when the first of the list moves up by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// The class's first day, that day included.
    Start,
    Close,
}

/// What participants are asked after a session.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// Fewer answers than these are not shown.
    pub least: i64,
    pub days: i64,
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
}

/// One question, answered from 1 (not at all) to 5 (fully).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub code: String,
    pub name: Words,
}

impl Config {
    /// When a session is: its own times, or those of its slot for what it does not say.
    #[must_use]
    pub fn times(&self, slot: &str, starts: Option<i64>, ends: Option<i64>) -> Times {
        let of = self.slot.get(slot);
        let time = |i: usize| of.and_then(|s| time_of(s.get(i)?));
        let from = starts.or_else(|| time(0)).unwrap_or(0);
        let to = ends.or_else(|| time(1)).unwrap_or(24 * 60);
        (from, to.max(from + 1))
    }

    fn check(&self) -> std::result::Result<(), String> {
        let within = |name: &str, n: i64, from: i64, to: i64| {
            if (from..=to).contains(&n) { Ok(()) } else { Err(format!("{name}: {n} is not from {from} to {to}")) }
        };
        if self.source.trim().is_empty() {
            return Err("source: empty".to_owned());
        }
        within("code.seconds", self.code.seconds, 5, 120)?;
        within("code.login_minutes", self.code.login_minutes, 1, 30)?;
        within("code.early_minutes", self.code.early_minutes, 0, 24 * 60)?;
        within("code.after_minutes", self.code.after_minutes, 0, 24 * 60)?;
        within("rule.late_minutes", self.rule.late_minutes, 0, 24 * 60)?;
        within("rule.leave_minutes", self.rule.leave_minutes, 0, 24 * 60)?;
        within("waiting.most_requests", self.waiting.most_requests, 1, 100_000)?;
        // With fewer than five, who was there can be guessed from what was said.
        within("feedback.least", self.feedback.least, 5, 1000)?;
        within("feedback.days", self.feedback.days, 0, 365)?;
        for slot in Slot::ALL {
            let name = slot.name();
            let times = self.slot.get(name).ok_or_else(|| format!("slot.{name}: missing"))?;
            let read = (time_of(&times[0]), time_of(&times[1]));
            if !matches!(read, (Some(a), Some(b)) if a < b) {
                return Err(format!("slot.{name}: expected two times in order, as [\"08:30\", \"11:30\"]"));
            }
        }
        if let Some(other) = self.slot.keys().find(|k| Slot::ALL.iter().all(|s| s.name() != k.as_str())) {
            return Err(format!("slot.{other}: expected morning, afternoon, evening or day"));
        }
        let mut codes = HashSet::new();
        if let Some(q) = self.feedback.questions.iter().find(|q| q.code.is_empty() || !codes.insert(&q.code)) {
            return Err(format!("feedback.question.code: \"{}\" is empty or stands twice", q.code));
        }
        Ok(())
    }
}

/// Reads and checks the file.
///
/// # Errors
/// [`Error::Setup`] naming file and key.
pub fn load(files: &RuleFiles) -> Result<Config> {
    let file = files.read("attendance.toml")?;
    let wrong = |what: String| Error::Setup(format!("{}: {what}", file.name));
    let config: Config = toml::from_str(&file.text).map_err(|e| wrong(e.to_string()))?;
    config.check().map_err(wrong)?;
    Ok(config)
}

/// The file of this installation, read once.
///
/// # Errors
/// As [`load`].
pub fn of(cx: &Cx) -> Result<Arc<Config>> {
    static KNOWN: ReadOnce<Config> = ReadOnce::new();
    KNOWN.get(cx.settings.file.as_deref(), || load(&cx.settings.rule_files()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_without_times_has_those_of_its_slot() {
        let c = load(&RuleFiles::default()).unwrap();
        assert_eq!(c.times("morning", None, None), (510, 690));
        assert_eq!(c.times("morning", Some(540), None), (540, 690));
        assert_eq!(c.times("morning", Some(700), None), (700, 701));
        assert_eq!(c.times("?", None, None), (0, 1440));
    }

    #[test]
    fn a_wrong_file_is_named_with_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let text = RuleFiles::default().read("attendance.toml").unwrap().text;
        for (old, new, said) in [
            ("seconds = 15", "seconds = 1", "code.seconds"),
            ("least = 5", "least = 1", "feedback.least"),
            ("[\"08:30\", \"11:30\"]", "[\"11:30\", \"08:30\"]", "slot.morning"),
            ("code = \"pace\"", "code = \"content\"", "feedback.question.code"),
            ("until = \"start\"", "until = \"never\"", "until"),
        ] {
            std::fs::write(dir.path().join("attendance.toml"), text.replacen(old, new, 1)).unwrap();
            let e = load(&RuleFiles::beside(Some(&dir.path().join("my.toml")))).unwrap_err().to_string();
            assert!(e.contains("attendance.toml") && e.contains(said), "{e}");
        }
    }
}
