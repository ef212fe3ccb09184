//! What is counted and how rows, totals and rates are put together. Pure.
//!
//! Counted are person × level × exam year: registered (not withdrawn), sat (a mark, a violation or a void in at least one
//! subject), passed (the level completed in that exam year); and people with an unrevoked certificate, by their highest
//! level. A person counts in every group they belong to and once in the total.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::pipeline::{CounterKey, Counts, GroupKey};

/// How the rows are cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum By {
    #[default]
    Level,
    Region,
    Cohort,
    Campus,
    Base,
    Class,
    Year,
}

impl By {
    pub const ALL: [Self; 7] =
        [Self::Level, Self::Region, Self::Cohort, Self::Campus, Self::Base, Self::Class, Self::Year];

    /// The name in URL, API and command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Region => "region",
            Self::Cohort => "cohort",
            Self::Campus => "campus",
            Self::Base => "base",
            Self::Class => "class",
            Self::Year => "year",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.name() == name)
    }

    /// Rows are groups of people (not levels or years).
    #[must_use]
    pub fn is_group(self) -> bool {
        !matches!(self, Self::Level | Self::Year)
    }
}

/// The figures of a row or a total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub people: i64,
    pub registered: i64,
    pub sat: i64,
    pub passed: i64,
    pub certified: i64,
}

impl Figures {
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    fn add(&mut self, c: &Counts) {
        self.people += c.people;
        self.registered += c.registered;
        self.sat += c.sat;
        self.passed += c.passed;
        self.certified += c.certified;
    }
}

/// `part ÷ whole`, rounded to four places so that every reader of it sees the same number; none of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of people stay far below 2^52")]
pub fn rate(part: i64, whole: i64) -> Option<f64> {
    if whole == 0 { None } else { Some((part as f64 / whole as f64 * 10_000.0).round() / 10_000.0) }
}

/// Counts by group, scheme, level and year, as the counters keep them: year 0 holds people (level '') and certified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cube {
    pub cells: BTreeMap<CounterKey, Counts>,
    /// People with an unrevoked certificate of an exam year, over the whole of what was counted.
    pub certified_in: BTreeMap<i64, i64>,
}

impl Cube {
    /// Adds what one person counts for, in each of their groups.
    pub fn add(&mut self, groups: &[GroupKey], one: &Counted) {
        for g in groups {
            let at = |scheme: &str, level: &str, year| CounterKey {
                group: g.clone(),
                scheme: scheme.to_owned(),
                level: level.to_owned(),
                year,
            };
            self.cells.entry(at("", "", 0)).or_default().people += 1;
            if let Some((scheme, level)) = &one.highest {
                self.cells.entry(at(scheme, level, 0)).or_default().certified += 1;
            }
            for e in &one.exams {
                let c = self.cells.entry(at(&e.scheme, &e.level, e.year)).or_default();
                c.registered += i64::from(e.registered);
                c.sat += i64::from(e.sat);
                c.passed += i64::from(e.passed);
            }
        }
        for y in &one.certificate_years {
            *self.certified_in.entry(*y).or_default() += 1;
        }
    }

    /// The last exam year with anything counted.
    #[must_use]
    pub fn last_year(&self) -> Option<i64> {
        let some = |c: &Counts| c.registered != 0 || c.sat != 0 || c.passed != 0;
        self.cells.iter().filter(|(k, c)| k.year > 0 && some(c)).map(|(k, _)| k.year).max()
    }
}

/// What one person counts for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub exams: Vec<crate::pipeline::ExamFact>,
    /// Scheme and level of the highest unrevoked certificate.
    pub highest: Option<(String, String)>,
    pub certificate_years: BTreeSet<i64>,
}

/// A row before its key is made readable: the group's key, `scheme/level`, or the year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRow {
    pub key: String,
    pub figures: Figures,
}

/// Rows and total of a cube. `top` are the groups that make up the total, disjoint; `year` is the exam year counted.
#[must_use]
pub fn assemble(cube: &Cube, top: &[GroupKey], by: By, year: Option<i64>) -> (Vec<RawRow>, Figures) {
    let is_top = |k: &CounterKey| top.contains(&k.group);
    let counts = |k: &CounterKey| k.year == 0 || Some(k.year) == year;
    let mut total = Figures::default();
    for (_, c) in cube.cells.iter().filter(|(k, _)| is_top(k) && counts(k)) {
        total.add(c);
    }
    let mut rows: BTreeMap<String, Figures> = BTreeMap::new();
    match by {
        By::Level => {
            for (k, c) in cube.cells.iter().filter(|(k, _)| is_top(k) && counts(k) && !k.level.is_empty()) {
                rows.entry(level_key(&k.scheme, &k.level)).or_default().add(c);
            }
        }
        By::Year => {
            for (k, c) in cube.cells.iter().filter(|(k, _)| is_top(k) && k.year > 0) {
                rows.entry(k.year.to_string()).or_default().add(c);
            }
            for (y, n) in &cube.certified_in {
                rows.entry(y.to_string()).or_default().certified = *n;
            }
        }
        _ => {
            for (k, c) in cube.cells.iter().filter(|(k, _)| k.group.kind == by.name() && counts(k)) {
                rows.entry(k.group.key.clone()).or_default().add(c);
            }
        }
    }
    // Levels and years do not part the people: their certification rate is out of all people of the scope.
    if !by.is_group() {
        for f in rows.values_mut().filter(|f| !f.is_zero()) {
            f.people = total.people;
        }
    }
    let rows = rows.into_iter().filter(|(_, f)| !f.is_zero()).map(|(key, figures)| RawRow { key, figures }).collect();
    (rows, total)
}

/// The key of a level's row.
#[must_use]
pub fn level_key(scheme: &str, level: &str) -> String {
    format!("{scheme}/{level}")
}

/// A place where two counts of the same thing differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub kind: String,
    pub key: String,
    pub scheme: String,
    pub level: String,
    pub year: i64,
    /// registered, sat, passed, certified, people or `stage:NAME`.
    pub figure: String,
    pub maintained: i64,
    pub recounted: i64,
}

/// Every figure in which two cubes differ; a cell that one of them lacks is a cell of zeros.
#[must_use]
pub fn differences(maintained: &Cube, recounted: &Cube) -> Vec<Difference> {
    let keys: BTreeSet<&CounterKey> = maintained.cells.keys().chain(recounted.cells.keys()).collect();
    let mut out = Vec::new();
    for k in keys {
        let a = maintained.cells.get(k).copied().unwrap_or_default();
        let b = recounted.cells.get(k).copied().unwrap_or_default();
        let figures = [
            ("people", a.people, b.people),
            ("registered", a.registered, b.registered),
            ("sat", a.sat, b.sat),
            ("passed", a.passed, b.passed),
            ("certified", a.certified, b.certified),
        ];
        out.extend(figures.into_iter().filter(|(_, a, b)| a != b).map(|(name, a, b)| Difference {
            kind: k.group.kind.to_owned(),
            key: k.group.key.clone(),
            scheme: k.scheme.clone(),
            level: k.level.clone(),
            year: k.year,
            figure: name.to_owned(),
            maintained: a,
            recounted: b,
        }));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::ExamFact;

    fn group(kind: &'static str, key: &str) -> GroupKey {
        GroupKey { kind, key: key.to_owned() }
    }

    fn exam(level: &str, year: i64, sat: bool, passed: bool) -> ExamFact {
        ExamFact { scheme: "s".into(), level: level.into(), year, registered: true, sat, passed }
    }

    fn sample() -> Cube {
        let all = group("all", "");
        let (a, b) = (group("cohort", "1"), group("cohort", "2"));
        let mut cube = Cube::default();
        // In both cohorts; passed both levels over two years and holds both certificates.
        cube.add(
            &[all.clone(), a.clone(), b.clone()],
            &Counted {
                exams: vec![exam("junior", 2025, true, true), exam("intermediate", 2026, true, true)],
                highest: Some(("s".into(), "intermediate".into())),
                certificate_years: BTreeSet::from([2025, 2026]),
            },
        );
        cube.add(&[all.clone(), a], &Counted { exams: vec![exam("junior", 2026, false, false)], ..Counted::default() });
        cube.add(&[all, b], &Counted::default());
        cube
    }

    fn figures(people: i64, registered: i64, sat: i64, passed: i64, certified: i64) -> Figures {
        Figures { people, registered, sat, passed, certified }
    }

    #[test]
    fn a_person_counts_in_every_group_and_once_in_the_total() {
        let cube = sample();
        let top = [group("all", "")];
        assert_eq!(cube.last_year(), Some(2026));
        let (rows, total) = assemble(&cube, &top, By::Cohort, Some(2026));
        assert_eq!(total, figures(3, 2, 1, 1, 1));
        let rows: Vec<_> = rows.into_iter().map(|r| (r.key, r.figures)).collect();
        assert_eq!(rows, [("1".to_owned(), figures(2, 2, 1, 1, 1)), ("2".to_owned(), figures(2, 1, 1, 1, 1))]);
    }

    #[test]
    fn levels_count_certificates_by_the_highest_and_years_by_the_year_won() {
        let cube = sample();
        let top = [group("all", "")];
        let by = |by, year| {
            let (rows, total) = assemble(&cube, &top, by, year);
            (rows.into_iter().map(|r| (r.key, r.figures)).collect::<Vec<_>>(), total)
        };
        let (rows, total) = by(By::Level, Some(2026));
        assert_eq!(
            rows,
            [("s/intermediate".to_owned(), figures(3, 1, 1, 1, 1)), ("s/junior".to_owned(), figures(3, 1, 0, 0, 0)),]
        );
        assert_eq!(total, figures(3, 2, 1, 1, 1));
        let (rows, total) = by(By::Year, Some(2025));
        assert_eq!(rows, [("2025".to_owned(), figures(3, 1, 1, 1, 1)), ("2026".to_owned(), figures(3, 2, 1, 1, 1)),]);
        assert_eq!(total, figures(3, 1, 1, 1, 1));
        assert_eq!(by(By::Level, None).1, figures(3, 0, 0, 0, 1));
    }

    #[test]
    fn rates_have_four_places_and_none_of_nothing() {
        assert_eq!(rate(39, 102), Some(0.3824));
        assert_eq!(rate(39, 119), Some(0.3277));
        assert_eq!(rate(0, 5), Some(0.0));
        assert_eq!(rate(3, 0), None);
    }

    #[test]
    fn a_broken_counter_is_named_with_both_figures() {
        let good = sample();
        let mut broken = sample();
        let key =
            CounterKey { group: group("cohort", "1"), scheme: "s".into(), level: "intermediate".into(), year: 2026 };
        broken.cells.get_mut(&key).unwrap().passed = 5;
        assert_eq!(differences(&good, &good), []);
        let found = differences(&broken, &good);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].figure.as_str(), found[0].maintained, found[0].recounted), ("passed", 5, 1));
        // A row that should not be there differs from nothing.
        let mut extra = sample();
        extra.cells.insert(CounterKey { year: 2020, ..key }, Counts { sat: 2, ..Counts::default() });
        assert_eq!(differences(&extra, &good)[0].recounted, 0);
    }
}
