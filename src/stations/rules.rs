//! Pure rules: levels, phases and states of stations and how offices word them; the points of a check.

use crate::directory::rules::key;

/// Where in the network a station stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    County,
    Town,
    Village,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::County, Self::Town, Self::Village];

    /// The name in table and API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::County => "county",
            Self::Town => "town",
            Self::Village => "village",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.name() == name)
    }

    /// As offices word it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match key(word).as_str() {
            "县级" | "县" | "区级" | "市级" | "旗级" | "县(区)级" | "县级总站" | "总站" => {
                Self::County
            }
            "镇级" | "镇" | "乡级" | "乡镇级" | "街道级" | "镇街级" | "乡镇(街道)级" | "苏木镇级" => {
                Self::Town
            }
            "村级" | "村" | "社区级" | "社区" | "村(社区)级" | "村社级" | "嘎查级" => Self::Village,
            _ => return None,
        })
    }
}

/// How far a station is built: build in one year, raise the service in two, complete the system in three.
pub const PHASES: [&str; 4] = ["planned", "built", "raised", "complete"];

/// A phase as offices word it.
#[must_use]
pub fn phase(word: &str) -> Option<&'static str> {
    Some(match key(word).as_str() {
        "规划" | "筹建" | "在建" | "计划" => "planned",
        "建成" | "已建" | "建站" | "一年建站" => "built",
        "提升" | "提质" | "服务提升" | "两年提升" => "raised",
        "完善" | "成体系" | "体系完善" | "三年成体系" => "complete",
        _ => return None,
    })
}

/// A state as offices word it.
#[must_use]
pub fn state(word: &str) -> Option<&'static str> {
    Some(match key(word).as_str() {
        "正常" | "运行" | "在用" | "启用" => "active",
        "停用" | "撤并" | "撤销" | "关闭" => "closed",
        _ => return None,
    })
}

/// What was found of one item of a standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
    NotApplicable,
}

impl Answer {
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::NotApplicable];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotApplicable => "not_applicable",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    pub points: i64,
    /// Points of the items that apply.
    pub of_points: i64,
    pub meets: bool,
}

/// Adds up answers, each with the points of its item and whether the item must be met. Items that do not apply count for
/// nothing; a standard is met when every item that must be is, and the share of the points is reached.
#[must_use]
pub fn score(answers: &[(i64, bool, Answer)], pass_percent: i64) -> Score {
    let mut s = Score::default();
    let mut musts = true;
    for (points, must, answer) in answers {
        match answer {
            Answer::Yes => {
                s.points += points;
                s.of_points += points;
            }
            Answer::No => {
                s.of_points += points;
                musts &= !must;
            }
            Answer::NotApplicable => {}
        }
    }
    s.meets = musts && s.of_points > 0 && s.points * 100 >= pass_percent * s.of_points;
    s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_as_offices_word_them() {
        for (word, level) in [
            ("县级", Some(Level::County)),
            ("镇级", Some(Level::Town)),
            ("乡镇（街道）级", Some(Level::Town)),
            ("村级", Some(Level::Village)),
            ("省级", None),
        ] {
            assert_eq!(Level::from_word(word), level, "{word}");
        }
        for l in Level::ALL {
            assert_eq!(Level::parse(l.name()), Some(l));
        }
        assert!(Level::County < Level::Town && Level::Town < Level::Village);
        assert_eq!((phase("建成"), phase("拆除"), state("停用")), (Some("built"), None, Some("closed")));
    }

    #[test]
    fn a_check_is_met_by_its_musts_and_its_share() {
        use Answer::{No, NotApplicable, Yes};
        let cases = [
            (vec![(10, true, Yes), (10, false, Yes)], (20, 20, true)),
            (vec![(80, true, Yes), (20, false, No)], (80, 100, true)),
            (vec![(79, true, Yes), (21, false, No)], (79, 100, false)),
            (vec![(90, false, Yes), (10, true, No)], (90, 100, false)),
            (vec![(80, true, Yes), (90, true, NotApplicable)], (80, 80, true)),
            (vec![(80, true, NotApplicable)], (0, 0, false)),
            (vec![], (0, 0, false)),
        ];
        for (answers, (points, of_points, meets)) in cases {
            assert_eq!(score(&answers, 80), Score { points, of_points, meets }, "{answers:?}");
        }
    }
}
