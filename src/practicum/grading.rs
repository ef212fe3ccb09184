//! How the overall grade of an evaluation comes about: weights of both mentors and the grades, from
//! `config/practicum.toml`. Plain values.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::core::Lang;

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub zh: String,
    pub en: String,
}

/// One grade (优、良、中、及格、不及格).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    pub code: String,
    /// The lowest mark in hundredths.
    pub from: i64,
    pub name: Words,
}

/// Weights and grades.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationRule {
    pub source: String,
    /// Percent; both together are 100.
    pub base_weight: i64,
    pub campus_weight: i64,
    /// The best first.
    #[serde(rename = "grade")]
    pub grades: Vec<Grade>,
}

impl EvaluationRule {
    /// What must hold beyond the form.
    ///
    /// # Errors
    /// What is wrong, beginning with the key.
    pub fn check(&self) -> Result<(), String> {
        if self.source.trim().is_empty() {
            return Err("evaluation.source: expected where the rule is written".to_owned());
        }
        if !(0..=100).contains(&self.base_weight) || self.base_weight + self.campus_weight != 100 {
            return Err("evaluation.base_weight: both weights together are 100".to_owned());
        }
        let mut codes = BTreeSet::new();
        if let Some(g) = self.grades.iter().find(|g| g.code.is_empty() || !codes.insert(&g.code)) {
            return Err(format!("evaluation.grade.code: \"{}\" is empty or stands twice", g.code));
        }
        let falling = self.grades.windows(2).all(|w| matches!(w, [a, b] if a.from > b.from));
        if !falling || self.grades.last().is_none_or(|g| g.from != 0) {
            return Err("evaluation.grade.from: expected falling marks, the last of them 0".to_owned());
        }
        Ok(())
    }

    /// The grade of a mark.
    #[must_use]
    pub fn grade(&self, mark: i64) -> &Grade {
        let found = self.grades.iter().find(|g| mark >= g.from).or_else(|| self.grades.last());
        found.unwrap_or(&NONE)
    }

    /// A grade's name; the code itself when the file no longer knows it.
    #[must_use]
    pub fn name(&self, code: &str, lang: Lang) -> String {
        let name = self.grades.iter().find(|g| g.code == code).map(|g| match lang {
            Lang::ZhCn => &g.name.zh,
            Lang::En => &g.name.en,
        });
        name.map_or_else(|| code.to_owned(), Clone::clone)
    }
}

/// Stands only for a file without grades, which is refused at the start.
static NONE: Grade = Grade { code: String::new(), from: 0, name: Words { zh: String::new(), en: String::new() } };

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> EvaluationRule {
        let grade = |code: &str, from| Grade {
            code: code.to_owned(),
            from,
            name: Words { zh: code.to_owned(), en: code.to_owned() },
        };
        EvaluationRule {
            source: "x".to_owned(),
            base_weight: 60,
            campus_weight: 40,
            grades: vec![grade("a", 9000), grade("b", 6000), grade("f", 0)],
        }
    }

    #[test]
    fn a_mark_has_the_grade_it_reaches() {
        for (mark, want) in [(10_000, "a"), (9000, "a"), (8999, "b"), (6000, "b"), (5999, "f"), (0, "f")] {
            assert_eq!(rule().grade(mark).code, want, "{mark}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(rule().check(), Ok(()));
        for (change, want) in [
            ((|r| r.base_weight = 70) as fn(&mut EvaluationRule), "weight"),
            (|r| r.grades.reverse(), "grade.from"),
            (|r| drop(r.grades.pop()), "grade.from"),
            (|r| r.grades.clear(), "grade.from"),
            (|r| r.source.clear(), "source"),
            (|r| r.grades[1].code = "a".to_owned(), "grade.code"),
        ] {
            let mut r = rule();
            change(&mut r);
            assert!(r.check().unwrap_err().contains(want), "{want}");
        }
    }
}
