//! The rules of every examination scheme, read from `config/schemes/*.toml` and `config/cycles/*.toml`: levels, subjects,
//! pass lines, what passing means, score codes, eligibility, certificate registration, fees, programmes, exam years.
//!
//! [`eligibility`] says who may register and why; [`Scheme::verdict`] what an exam year gave; [`credits`] what still counts
//! and what to sit next; [`retake`] from when.
//!
//! Pure: no database, no clock. The files are built into the binary; a folder `schemes` or `cycles` beside the settings
//! file takes the place of the built-in one. Code never names a scheme, a level or a
//! subject: it asks here. Every rule carries its source and the exam years it holds for.
//!
//! ```
//! let schemes = yanzhen::schemes::load(&yanzhen::core::files::RuleFiles::default()).unwrap();
//! let scheme = schemes.scheme("social-work").unwrap();
//! let level = scheme.level_by_name("社会工作师(中级)").unwrap();
//! assert_eq!(level.rank, 2);
//! ```

mod check;
mod clauses;
pub mod credits;
mod cycles;
pub mod eligibility;
mod lookups;
mod model;
mod names;
mod policy;
pub mod retake;
mod scores;
mod verdict;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub use clauses::{Counted, CountingRule, Document, EligibilityClause, Holding, MajorClass, Proof, Refusal};
pub use cycles::{CycleRule, Window, WindowKind};
pub use eligibility::{Background, Shortfall};
pub use model::{
    Area, BesideMarks, CodeMeaning, Education, Gives, Level, Names, Paper, PassLine, PassingRule, Programme,
    RegistrationRule, Scheme, ScoreCode, Subject,
};
pub use names::fold;
pub use policy::{CeKind, Consequence, Extension, Fee, ReviewRule, SubjectWaiver, Takes, WaitWaiver};
pub use scores::{Outcome, ScoreProblem};
pub use verdict::{ResultFact, Used, Verdict};

use crate::core::files::{ReadOnce, RuleFiles};
use crate::core::{Error, Lang, Msg, Result};
use crate::db::Cx;

/// All schemes and exam years known to this installation.
#[derive(Clone, Debug, Default)]
pub struct Schemes {
    schemes: BTreeMap<String, Scheme>,
    cycles: Vec<CycleRule>,
}

/// Reads and checks all files.
///
/// # Errors
/// [`Error::Setup`] naming file and key, and what is allowed.
pub fn load(files: &RuleFiles) -> Result<Schemes> {
    let mut all = Schemes::default();
    let mut from: HashMap<String, String> = HashMap::new();
    for file in files.folder("schemes")? {
        let name = &file.name;
        let mut scheme: Scheme = toml::from_str(&file.text).map_err(|e| Error::Setup(format!("{name}: {e}")))?;
        check::scheme(name, &scheme)?;
        scheme.prepare();
        if let Some(first) = from.insert(scheme.code.clone(), name.clone()) {
            return Err(Error::Setup(format!("{name}: code: \"{}\" is already the code of {first}", scheme.code)));
        }
        all.schemes.insert(scheme.code.clone(), scheme);
    }
    for file in files.folder("cycles")? {
        let name = &file.name;
        let cycle: CycleRule = toml::from_str(&file.text).map_err(|e| Error::Setup(format!("{name}: {e}")))?;
        check::cycle(name, &cycle, &all)?;
        if all.cycle(&cycle.scheme, cycle.year).is_some() {
            let what = format!("exam year {} of {} is described twice", cycle.year, cycle.scheme);
            return Err(Error::Setup(format!("{name}: year: {what}")));
        }
        if let Some(scheme) = all.schemes.get_mut(&cycle.scheme) {
            scheme.learn(&cycle);
        }
        all.cycles.push(cycle);
    }
    all.cycles.sort_by(|a, b| (&a.scheme, a.year).cmp(&(&b.scheme, b.year)));
    Ok(all)
}

/// The schemes of this installation, read once per settings file and process.
///
/// # Errors
/// As [`load`]; the program checks all files when it starts, so that this cannot happen later.
pub fn of(cx: &Cx) -> Result<Arc<Schemes>> {
    static READ: ReadOnce<Schemes> = ReadOnce::new();
    READ.get(cx.settings.file.as_deref(), || load(&cx.settings.rule_files()))
}

impl Schemes {
    /// The scheme with this code.
    ///
    /// # Errors
    /// [`Error::NotFound`] with the codes there are.
    pub fn scheme(&self, code: &str) -> Result<&Scheme> {
        self.schemes.get(code).ok_or_else(|| {
            let known: Vec<&str> = self.schemes.keys().map(String::as_str).collect();
            Error::NotFound(Msg::new("schemes-unknown").with("code", code).with("known", known.join(", ")))
        })
    }

    /// The first scheme whose levels have conditions of registration: what is meant when nobody says which.
    #[must_use]
    pub fn with_eligibility(&self) -> Option<&Scheme> {
        let has = |s: &&Scheme| s.levels.iter().any(|l| !l.eligibility.is_empty());
        self.all().filter(has).max_by_key(|s| s.levels.len())
    }

    /// All schemes, by code.
    pub fn all(&self) -> impl Iterator<Item = &Scheme> {
        self.schemes.values()
    }

    /// The scheme and level that a text such as 社会工作师 names; the first scheme (by code) that knows the word wins, so
    /// that a file which names no scheme is read by its level's full name.
    #[must_use]
    pub fn level_anywhere(&self, text: &str) -> Option<(&Scheme, &Level)> {
        self.all().find_map(|s| s.level_by_name(text).map(|l| (s, l)))
    }

    /// The exam year of a scheme, if a file describes it.
    #[must_use]
    pub fn cycle(&self, scheme: &str, year: i32) -> Option<&CycleRule> {
        self.cycles.iter().find(|c| c.scheme == scheme && c.year == year)
    }

    /// The described exam years of a scheme, oldest first.
    pub fn cycles<'a>(&'a self, scheme: &'a str) -> impl Iterator<Item = &'a CycleRule> {
        self.cycles.iter().filter(move |c| c.scheme == scheme)
    }

    /// The programme of study with this code, name or alias, in any scheme.
    #[must_use]
    pub fn programme(&self, text: &str) -> Option<&Programme> {
        self.all().find_map(|s| s.programme_by_name(text))
    }

    /// A level's full name for the screen; the code itself when a file no longer knows it.
    #[must_use]
    pub fn level_name(&self, scheme: &str, level: &str, lang: Lang) -> String {
        let found = self.schemes.get(scheme).and_then(|s| s.level(level));
        found.map_or_else(|| level.to_owned(), |l| l.name.text(lang).to_owned())
    }
}

#[cfg(test)]
mod tests;
