//! Service standards of stations as data: `config/standards/*.toml`. Pure apart from reading the files.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use super::rules::Level;
use crate::core::files::{ReadOnce, RuleFiles};
use crate::core::{Error, Lang, Result};
use crate::db::Cx;

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

/// One thing that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub code: String,
    pub name: Words,
    pub points: i64,
    /// Without it the standard is not met, whatever the points.
    #[serde(default)]
    pub must: bool,
}

/// Site, staff, services, supervision, evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    pub code: String,
    pub name: Words,
    #[serde(rename = "item")]
    pub items: Vec<Item>,
}

/// One standard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    pub code: String,
    pub name: Words,
    pub edition: String,
    pub source: String,
    /// Names of [`Level`].
    pub levels: Vec<String>,
    pub pass_percent: i64,
    #[serde(rename = "section")]
    pub sections: Vec<Section>,
}

impl Standard {
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.sections.iter().flat_map(|s| &s.items)
    }

    #[must_use]
    pub fn is_for(&self, level: &str) -> bool {
        self.levels.iter().any(|l| l == level)
    }
}

/// Reads and checks all files.
///
/// # Errors
/// [`Error::Setup`] naming file and key.
pub fn load(files: &RuleFiles) -> Result<Vec<Standard>> {
    let mut all: Vec<Standard> = Vec::new();
    for file in files.folder("standards")? {
        let name = &file.name;
        let wrong = |what: String| Error::Setup(format!("{name}: {what}"));
        let s: Standard = toml::from_str(&file.text).map_err(|e| wrong(e.to_string()))?;
        if let Some(level) = s.levels.iter().find(|l| Level::parse(l).is_none()) {
            return Err(wrong(format!("levels: \"{level}\" is none of county, town, village")));
        }
        if !(1..=100).contains(&s.pass_percent) {
            return Err(wrong(format!("pass_percent: {} is not between 1 and 100", s.pass_percent)));
        }
        let mut codes = BTreeSet::new();
        for item in s.items() {
            if !codes.insert(&item.code) {
                return Err(wrong(format!("section.item.code: \"{}\" stands twice", item.code)));
            }
            if item.code.is_empty() || !item.code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
                return Err(wrong(format!("section.item.code: \"{}\" may have letters, digits, - and _", item.code)));
            }
            if !(1..=1000).contains(&item.points) {
                return Err(wrong(format!(
                    "section.item \"{}\": points: {} is not from 1 to 1000",
                    item.code, item.points
                )));
            }
        }
        if codes.is_empty() {
            return Err(wrong("section: no item to look at".to_owned()));
        }
        if all.iter().any(|o| o.code == s.code) {
            return Err(wrong(format!("code: \"{}\" is already the code of another file", s.code)));
        }
        all.push(s);
    }
    Ok(all)
}

/// The standards of this installation, read once.
///
/// # Errors
/// As [`load`].
pub fn of(cx: &Cx) -> Result<Arc<Vec<Standard>>> {
    static KNOWN: ReadOnce<Vec<Standard>> = ReadOnce::new();
    KNOWN.get(cx.settings.file.as_deref(), || load(&cx.settings.rule_files()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_standard_has_its_five_sections() {
        let all = load(&RuleFiles::default()).unwrap();
        let s = all.iter().find(|s| s.code == "station").unwrap();
        let sections: Vec<_> = s.sections.iter().map(|s| s.code.as_str()).collect();
        assert_eq!(sections, ["site", "staff", "services", "supervision", "evaluation"]);
        assert!(s.is_for("town") && s.is_for("village") && !s.is_for("county"));
        assert_eq!(s.items().map(|i| i.points).sum::<i64>(), 100);
    }

    #[test]
    fn a_wrong_file_is_named_with_its_key() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("standards")).unwrap();
        let good = built_in();
        for (from, to, key) in [
            ("pass_percent = 80", "pass_percent = 0", "pass_percent"),
            ("\"village\"]", "\"hamlet\"]", "levels"),
            ("site-areas", "site-room", "stands twice"),
            ("points = 6", "points = -6", "points"),
            ("must = true", "must = 1", "must"),
            ("edition =", "editon =", "editon"),
        ] {
            let text = good.replacen(from, to, 1);
            assert_ne!(text, good);
            std::fs::write(dir.path().join("standards/a.toml"), text).unwrap();
            let said = load(&RuleFiles::beside(Some(&dir.path().join("my.toml")))).unwrap_err().to_string();
            assert!(said.contains("a.toml") && said.contains(key), "{said}");
        }
    }

    fn built_in() -> String {
        RuleFiles::default().read("standards/station.toml").unwrap().text
    }
}
