//! Pure rules: kinds of employment and how rosters word them, spans and their overlap.

use chrono::NaiveDate;

use crate::directory::rules::key;

/// What somebody is employed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 招聘社工: recruited by the county for its stations.
    Recruited,
    /// 派驻督导: sent by an agency or office to supervise and evaluate.
    SecondedSupervisor,
    /// 社区工作者: on a community's staff.
    CommunityWorker,
    /// 机构社工: on an organisation's staff.
    AgencyWorker,
    Other,
}

impl Kind {
    pub const ALL: [Self; 5] =
        [Self::Recruited, Self::SecondedSupervisor, Self::CommunityWorker, Self::AgencyWorker, Self::Other];

    /// The name in table and API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Recruited => "recruited",
            Self::SecondedSupervisor => "seconded_supervisor",
            Self::CommunityWorker => "community_worker",
            Self::AgencyWorker => "agency_worker",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// As rosters word it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match key(word).as_str() {
            "招聘社工" | "招聘" | "聘用社工" | "政府购买社工" | "购买服务社工" | "驻站社工" => {
                Self::Recruited
            }
            "派驻督导" | "督导" | "督导评估人员" | "督导评估" | "派驻督导员" | "派驻" => {
                Self::SecondedSupervisor
            }
            "社区工作者" | "社区社工" | "社区专职工作者" | "村社区工作者" => {
                Self::CommunityWorker
            }
            "机构社工" | "机构人员" | "专职社工" | "机构专职" => Self::AgencyWorker,
            "其他" | "其它" => Self::Other,
            _ => return None,
        })
    }
}

/// The values of `hours`.
pub const HOURS: [&str; 3] = ["full_time", "part_time", "unknown"];

/// Full or part time as rosters word it.
#[must_use]
pub fn hours(word: &str) -> Option<&'static str> {
    Some(match key(word).as_str() {
        "专职" | "全职" | "全日制" => "full_time",
        "兼职" | "非全日制" => "part_time",
        _ => return None,
    })
}

/// Days from one to another, both included; an open end has none.
pub type Span = (Option<NaiveDate>, Option<NaiveDate>);

/// Whether two spans share a day.
#[must_use]
pub fn overlap(a: Span, b: Span) -> bool {
    let starts_by = |start: Option<NaiveDate>, end: Option<NaiveDate>| match (start, end) {
        (Some(start), Some(end)) => start <= end,
        _ => true,
    };
    starts_by(a.0, b.1) && starts_by(b.0, a.1)
}

/// What a row of a roster is to the employments on record of the same person, place and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    New,
    /// The one at this place of the list.
    Same(usize),
    /// Another span than the one on record, and both share days.
    Clash(usize),
}

/// Judges a span: the same start (or none given) is the same employment; another that shares a day is a clash.
#[must_use]
pub fn judge(span: Span, known: &[Span]) -> Step {
    let open = |k: &Span| k.1.is_none();
    let same = match span.0 {
        Some(start) => known.iter().position(|k| k.0 == Some(start) || k.0.is_none()),
        None => known.iter().position(open).or_else(|| known.len().checked_sub(1)),
    };
    match same {
        Some(i) => Step::Same(i),
        None => known.iter().position(|k| overlap(span, *k)).map_or(Step::New, Step::Clash),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    #[test]
    fn kinds_as_rosters_word_them() {
        for (word, kind) in [
            ("招聘社工", Some(Kind::Recruited)),
            ("派驻督导", Some(Kind::SecondedSupervisor)),
            ("社区工作者", Some(Kind::CommunityWorker)),
            ("厨师", None),
        ] {
            assert_eq!(Kind::from_word(word), kind, "{word}");
        }
        for k in Kind::ALL {
            assert_eq!(Kind::parse(k.name()), Some(k));
        }
        assert_eq!((hours("专职"), hours("兼职"), hours("?")), (Some("full_time"), Some("part_time"), None));
    }

    #[test]
    fn spans_share_a_day_or_not() {
        let cases = [
            ((d("2025-01-01"), None), (d("2024-01-01"), d("2024-12-31")), false),
            ((d("2025-01-01"), None), (d("2024-01-01"), d("2025-01-01")), true),
            ((d("2025-01-01"), None), (d("2024-01-01"), None), true),
            ((None, None), (d("2024-01-01"), d("2024-01-02")), true),
            ((None, d("2023-12-31")), (d("2024-01-01"), None), false),
        ];
        for (a, b, expected) in cases {
            assert_eq!((overlap(a, b), overlap(b, a)), (expected, expected), "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_row_is_the_same_new_or_a_clash() {
        let past = (d("2023-01-01"), d("2023-12-31"));
        let now = (d("2025-01-01"), None);
        let cases = [
            ((d("2025-01-01"), None), Step::Same(1)),
            ((d("2025-01-01"), d("2026-01-31")), Step::Same(1)),
            ((None, None), Step::Same(1)),
            ((d("2024-03-01"), d("2024-12-31")), Step::New),
            ((d("2024-03-01"), None), Step::Clash(1)),
            ((d("2023-06-01"), d("2023-07-01")), Step::Clash(0)),
        ];
        for (span, expected) in cases {
            assert_eq!(judge(span, &[past, now]), expected, "{span:?}");
        }
        assert_eq!(judge(now, &[]), Step::New);
    }
}
