//! Both languages are complete: the same keys with the same arguments, and every key the sources name exists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn keys(lang: &str) -> BTreeMap<String, BTreeSet<String>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/locales").join(lang);
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for e in std::fs::read_dir(dir).unwrap() {
        let path = e.unwrap().path();
        let mut last = String::new();
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            if let Some((key, _)) = line.split_once('=')
                && line.starts_with(|c: char| c.is_ascii_lowercase())
            {
                last = key.trim().to_owned();
                let new = out.insert(last.clone(), BTreeSet::new()).is_none();
                assert!(new, "{last} stands twice ({})", path.display());
            }
            for part in line.split('$').skip(1) {
                let arg: String =
                    part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect();
                out.entry(last.clone()).or_default().insert(arg);
            }
        }
    }
    out
}

#[test]
fn the_languages_have_the_same_keys_and_arguments() {
    let (zh, en) = (keys("zh-CN"), keys("en"));
    let missing: Vec<_> = zh.keys().filter(|k| !en.contains_key(*k)).collect();
    assert!(missing.is_empty(), "not in English: {missing:?}");
    let missing: Vec<_> = en.keys().filter(|k| !zh.contains_key(*k)).collect();
    assert!(missing.is_empty(), "not in Chinese: {missing:?}");
}

/// Text keys in templates and messages: `t("key")`, `t1("key", …)`, `Msg::new("key")` and the like.
#[test]
fn every_key_that_the_sources_name_exists() {
    let known = keys("zh-CN");
    let mut bad = BTreeSet::new();
    let mut stack = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(p) = stack.pop() {
        if p.is_dir() {
            stack.extend(std::fs::read_dir(&p).unwrap().map(|e| e.unwrap().path()));
            continue;
        }
        if !p.extension().is_some_and(|x| x == "rs" || x == "html" || x == "txt") {
            continue;
        }
        let text = std::fs::read_to_string(&p).unwrap();
        for call in [".t(\"", ".ta(\"", ".t1(\"", ".tn(\"", "Msg::new(\"", "not_found(\"", "Error::conflict(\""] {
            for part in text.split(call).skip(1) {
                let key = part.split('"').next().unwrap_or_default();
                if !key.is_empty() && !key.ends_with('-') && !known.contains_key(key) {
                    bad.insert(format!("{key} ({})", p.file_name().unwrap().to_string_lossy()));
                }
            }
        }
    }
    assert!(bad.is_empty(), "texts that are missing: {bad:#?}");
}
