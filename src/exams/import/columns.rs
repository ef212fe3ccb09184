//! Columns of result files. The subjects come from the schemes, so the list is made when the program starts.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::core::Result;
use crate::db::Cx;
use crate::importing::Column;
use crate::people::intake::columns as person;
use crate::schemes::{self, Schemes, fold};

/// A subject of a level of a scheme, by codes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meant {
    pub scheme: String,
    pub level: String,
    pub subject: String,
}

/// A column of scores: a header may mean the subject of one level (社会工作实务(中级)) or of several (社会工作实务).
#[derive(Clone, Debug)]
pub(super) struct ScoreColumn {
    pub key: &'static str,
    pub means: Vec<Meant>,
}

/// The columns of result files and what the score columns mean.
#[derive(Clone, Debug)]
pub(super) struct ResultColumns {
    pub all: &'static [Column],
    pub scores: Vec<ScoreColumn>,
}

/// What every result file has.
pub(super) static FIXED: &[Column] = &[
    person::NO,
    person::NAME,
    person::ID_TYPE,
    Column { label: "证件号码", ..person::ID_NO },
    Column::new("archive_no", "档案号", &["档案编号", "考生档案号", "报名档案号"]),
    Column { label: "级别", ..person::LEVEL },
    person::NOTE,
];

/// The columns for the schemes of this installation, made once per settings file and process: a table's columns are static.
///
/// # Errors
/// A wrong configuration.
pub(super) fn of(cx: &Cx) -> Result<Arc<ResultColumns>> {
    static MADE: Mutex<Option<HashMap<Option<PathBuf>, Arc<ResultColumns>>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let known = made.get_or_insert_default();
    if let Some(found) = known.get(&cx.settings.file) {
        return Ok(found.clone());
    }
    let fresh = Arc::new(ResultColumns::new(&*schemes::of(cx)?));
    known.insert(cx.settings.file.clone(), fresh.clone());
    Ok(fresh)
}

impl ResultColumns {
    fn new(schemes: &Schemes) -> Self {
        // Every name of a subject, with all that it may mean.
        let mut names: Vec<(String, String, Vec<Meant>)> = Vec::new();
        for scheme in schemes.all() {
            for level in &scheme.levels {
                for subject in &level.subjects {
                    let meant =
                        Meant { scheme: scheme.code.clone(), level: level.code.clone(), subject: subject.code.clone() };
                    let own = [&subject.name.zh, &subject.name.en].into_iter().chain(&subject.aliases);
                    for name in own {
                        let folded = fold(name);
                        match names.iter_mut().find(|(f, ..)| *f == folded) {
                            Some((_, _, means)) if means.contains(&meant) => {}
                            Some((_, _, means)) => means.push(meant.clone()),
                            None => names.push((folded, name.clone(), vec![meant.clone()])),
                        }
                    }
                }
            }
        }
        // Names that mean the same are one column.
        let mut groups: Vec<(Vec<Meant>, Vec<&'static str>)> = Vec::new();
        for (_, name, mut means) in names {
            means.sort();
            let name = leak(name);
            match groups.iter_mut().find(|(m, _)| *m == means) {
                Some((_, all)) => all.push(name),
                None => groups.push((means, vec![name])),
            }
        }
        let mut all = FIXED.to_vec();
        let mut scores = Vec::new();
        for (means, names) in groups {
            let Some((label, synonyms)) = names.split_first() else { continue };
            all.push(Column::new(label, label, Vec::leak(synonyms.to_vec())));
            scores.push(ScoreColumn { key: label, means });
        }
        Self { all: Vec::leak(all), scores }
    }
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::files::RuleFiles;

    #[test]
    fn one_column_for_names_that_mean_the_same() {
        let columns = ResultColumns::new(&crate::schemes::load(&RuleFiles::default()).unwrap());
        let levels = |key: &str| -> Vec<&str> {
            let column = columns.scores.iter().find(|c| c.key == key).unwrap();
            column.means.iter().map(|m| m.level.as_str()).collect()
        };
        assert_eq!(levels("社会工作综合能力"), ["intermediate", "junior"]);
        assert_eq!(levels("社会工作实务(中级)"), ["intermediate"]);
        assert_eq!(levels("社会工作法规与政策"), ["intermediate"]);
        let mut keys: Vec<&str> = columns.all.iter().map(|c| c.key).collect();
        keys.sort_unstable();
        let n = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), n);
    }
}
