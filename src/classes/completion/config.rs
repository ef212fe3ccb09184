//! `config/classes.toml`: what classes ask for unless they say otherwise, each value with its source. Pure apart from
//! reading the file.

use std::sync::Arc;

use serde::Deserialize;

use super::rules::Pattern;
use crate::core::files::{ReadOnce, RuleFiles};
use crate::core::{Error, Lang, Result};
use crate::db::Cx;

/// A value with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced<T> {
    pub value: T,
    /// Our own reading: no rule of the field says so.
    #[serde(default)]
    pub own: bool,
    pub source: String,
}

/// What a new class asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompletionRules {
    /// Percent of the minutes held.
    pub attendance_percent: Sourced<i64>,
    /// Hundredths of a point of 100.
    pub minimum_total: Sourced<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateRules {
    /// See [`Pattern`].
    pub number: Sourced<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkingRules {
    /// Percent of the full mark by which two markers may differ.
    pub difference_percent: Sourced<i64>,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub zh: String,
    pub en: String,
}

impl Words {
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::ZhCn => &self.zh,
            Lang::En => &self.en,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HonourRules {
    /// How many of the best are proposed.
    pub top: Sourced<i64>,
    pub top_title: Words,
    pub full_attendance_title: Words,
}

/// The parts of the file that concern assessment and completion; other features read theirs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ClassRules {
    pub completion: CompletionRules,
    pub certificate: CertificateRules,
    pub marking: MarkingRules,
    pub honours: HonourRules,
}

/// Reads and checks the file.
///
/// # Errors
/// [`Error::Setup`] naming file and key.
pub fn load(files: &RuleFiles) -> Result<ClassRules> {
    let file = files.read("classes.toml")?;
    let wrong = |what: String| Error::Setup(format!("{}: {what}", file.name));
    let all: ClassRules = toml::from_str(&file.text).map_err(|e| wrong(e.to_string()))?;
    let c = &all.completion;
    for (key, n, most) in [
        ("completion.attendance_percent", c.attendance_percent.value, 100),
        ("completion.minimum_total", c.minimum_total.value, 10_000),
        ("marking.difference_percent", all.marking.difference_percent.value, 100),
        ("honours.top", all.honours.top.value, 1000),
    ] {
        if !(0..=most).contains(&n) {
            return Err(wrong(format!("{key}: {n} is not from 0 to {most}")));
        }
    }
    let sources = [
        &c.attendance_percent.source,
        &c.minimum_total.source,
        &all.certificate.number.source,
        &all.marking.difference_percent.source,
        &all.honours.top.source,
    ];
    if sources.iter().any(|s| s.trim().is_empty()) {
        return Err(wrong("source: every value needs one".to_owned()));
    }
    if Pattern::read(&all.certificate.number.value).is_none() {
        return Err(wrong(format!(
            "certificate.number: \"{}\" is no pattern: expected text with {{region}}, {{year}}, {{class}} and one {{seq:N}}",
            all.certificate.number.value
        )));
    }
    Ok(all)
}

/// The rules that go with the settings in force, read once.
///
/// # Errors
/// As [`load`].
pub fn of(cx: &Cx) -> Result<Arc<ClassRules>> {
    static KNOWN: ReadOnce<ClassRules> = ReadOnce::new();
    KNOWN.get(cx.settings.file.as_deref(), || load(&cx.settings.rule_files()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_the_program_is_right_and_a_wrong_one_names_the_key() {
        let all = load(&RuleFiles::default()).unwrap();
        assert_eq!((all.completion.attendance_percent.value, all.completion.minimum_total.value), (80, 6000));
        let dir = tempfile::tempdir().unwrap();
        let good = RuleFiles::default().read("classes.toml").unwrap().text;
        let files = RuleFiles::beside(Some(&dir.path().join("my.toml")));
        for (from, to, said) in [
            ("value = 80", "value = 101", "completion.attendance_percent"),
            ("{seq:4}", "", "certificate.number"),
            ("minimum_total =", "minimum =", "minimum"),
        ] {
            std::fs::write(dir.path().join("classes.toml"), good.replace(from, to)).unwrap();
            let e = load(&files).unwrap_err().to_string();
            assert!(e.contains(said), "{e}");
        }
    }
}
