//! The types of service, from `config/services.toml`.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::core::files::{ReadOnce, RuleFiles};
use crate::core::{Error, Lang, Result};
use crate::db::Cx;
use crate::directory::rules::key;
use crate::stations::standard::Words;

/// One type of service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceKind {
    pub code: String,
    pub name: Words,
    /// Other words for it.
    #[serde(default)]
    pub also: Vec<String>,
}

/// All types.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceKinds {
    #[serde(rename = "kind")]
    pub all: Vec<ServiceKind>,
}

impl ServiceKinds {
    /// The type that a word stands for.
    #[must_use]
    pub fn from_word(&self, word: &str) -> Option<&ServiceKind> {
        let word = key(word);
        self.all.iter().find(|k| key(&k.name.zh) == word || k.also.iter().any(|a| key(a) == word))
    }

    #[must_use]
    pub fn parse(&self, code: &str) -> Option<&ServiceKind> {
        self.all.iter().find(|k| k.code == code)
    }

    /// The name on screen; the code itself when the file no longer knows it.
    #[must_use]
    pub fn text(&self, code: &str, lang: Lang) -> String {
        self.parse(code).map_or_else(|| code.to_owned(), |k| k.name.text(lang).to_owned())
    }
}

/// Reads and checks the file.
///
/// # Errors
/// [`Error::Setup`] naming file and key.
pub fn load(files: &RuleFiles) -> Result<ServiceKinds> {
    let file = files.read("services.toml")?;
    let wrong = |what: String| Error::Setup(format!("{}: {what}", file.name));
    let kinds: ServiceKinds = toml::from_str(&file.text).map_err(|e| wrong(e.to_string()))?;
    let mut words: HashMap<String, &str> = HashMap::new();
    for k in &kinds.all {
        if k.code.is_empty() {
            return Err(wrong("kind.code: empty".to_owned()));
        }
        for word in std::iter::once(&k.name.zh).chain(&k.also).chain([&k.code]) {
            if let Some(other) = words.insert(key(word), &k.code) {
                return Err(wrong(format!("kind \"{}\": the word \"{word}\" already stands for \"{other}\"", k.code)));
            }
        }
    }
    Ok(kinds)
}

/// The types of this installation, read once.
///
/// # Errors
/// As [`load`].
pub fn of(cx: &Cx) -> Result<Arc<ServiceKinds>> {
    static KNOWN: ReadOnce<ServiceKinds> = ReadOnce::new();
    KNOWN.get(cx.settings.file.as_deref(), || load(&cx.settings.rule_files()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_for_one_type_each() {
        let kinds = load(&RuleFiles::default()).unwrap();
        for (word, code) in [("入户走访", Some("visit")), (" 个案 ", Some("case")), ("其它XX", None)] {
            assert_eq!(kinds.from_word(word).map(|k| k.code.as_str()), code, "{word}");
        }
        let dir = tempfile::tempdir().unwrap();
        let text = RuleFiles::default().read("services.toml").unwrap().text;
        std::fs::write(dir.path().join("services.toml"), text.replacen("\"宣传\"", "\"个案\"", 1)).unwrap();
        let said = load(&RuleFiles::beside(Some(&dir.path().join("my.toml")))).unwrap_err().to_string();
        assert!(said.contains("services.toml") && said.contains("个案"), "{said}");
    }
}
