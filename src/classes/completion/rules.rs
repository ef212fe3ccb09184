//! When a class is completed, and how certificates of training are numbered. Plain values only.
//!
//! Marks and totals are hundredths of a point, weights percent, so that the weights' sum makes a total of 100 points. Each
//! part of a total is rounded half up to a hundredth by itself: the parts that are shown add up to the total that is shown.

/// The mark of attendance: the share of the minutes held, of the full mark. Nothing held gives nothing.
#[must_use]
pub fn attendance_mark(full: i64, attended: i64, held: i64) -> i64 {
    if held <= 0 { 0 } else { half_up(full * attended.clamp(0, held), held) }
}

/// What a mark adds to the total.
#[must_use]
pub fn part(mark: i64, full: i64, weight: i64) -> i64 {
    if full <= 0 { 0 } else { half_up(mark * weight * 100, full) }
}

fn half_up(n: i64, by: i64) -> i64 {
    (2 * n + by) / (2 * by)
}

/// The part of an assessment that follows from the attendance on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttendancePart {
    pub weight: i64,
    pub full: i64,
    pub minimum: Option<i64>,
}

/// What a class asks for by assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub published: bool,
    pub minimum_total: i64,
    pub attendance: Option<AttendancePart>,
}

/// What somebody earned apart from attendance, with every mark in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub earned: i64,
    pub minimums_met: bool,
}

/// Whether a class is completed, and what is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Completed,
    /// Fewer minutes attended than asked for, or nothing was held.
    AttendanceShort,
    /// The assessment is not published yet, or a mark of it is missing.
    NotAssessed,
    /// A component lies under its own minimum.
    UnderMinimum,
    TotalShort,
}

impl Verdict {
    /// The name in the API and the end of the text's key.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::AttendanceShort => "attendance_short",
            Self::NotAssessed => "not_assessed",
            Self::UnderMinimum => "under_minimum",
            Self::TotalShort => "total_short",
        }
    }
}

/// The total of 100 points in hundredths.
#[must_use]
pub fn total(standing: Standing, attendance: Option<AttendancePart>, attended: i64, held: i64) -> i64 {
    let of_attendance = attendance.map_or(0, |a| part(attendance_mark(a.full, attended, held), a.full, a.weight));
    standing.earned + of_attendance
}

/// Whether somebody who attended `attended` of `held` minutes completes a class that asks for `percent` of them and for
/// `asked` by assessment.
#[must_use]
pub fn verdict(
    (attended, held): (i64, i64),
    percent: i64,
    asked: Option<Asked>,
    standing: Option<Standing>,
) -> Verdict {
    if !crate::classes::rules::completes(attended, held, percent) {
        return Verdict::AttendanceShort;
    }
    let Some(asked) = asked else { return Verdict::Completed };
    let Some(standing) = standing.filter(|_| asked.published) else { return Verdict::NotAssessed };
    let met = |a: AttendancePart| a.minimum.is_none_or(|min| attendance_mark(a.full, attended, held) >= min);
    if !standing.minimums_met || !asked.attendance.is_none_or(met) {
        return Verdict::UnderMinimum;
    }
    if total(standing, asked.attendance, attended, held) < asked.minimum_total {
        return Verdict::TotalShort;
    }
    Verdict::Completed
}

/// A pattern of numbers, read: the text around the running number and its least digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    after: String,
    digits: usize,
}

/// What may stand in a pattern besides `{seq:N}`.
const PLACES: [&str; 3] = ["{region}", "{year}", "{class}"];

impl Pattern {
    /// Reads a pattern; `None` where it has not exactly one running number of 1 to 9 digits, or an unknown place.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (before, rest) = text.split_once("{seq:")?;
        let (digits, after) = rest.split_once('}')?;
        let digits = digits.parse().ok().filter(|d| (1..=9).contains(d))?;
        let bare = |t: &str| PLACES.iter().fold(t.to_owned(), |t, p| t.replace(p, ""));
        let clean = |t: &str| !bare(t).contains(['{', '}']);
        let known = clean(before) && clean(after) && text.chars().count() <= 60;
        known.then(|| Self { before: before.to_owned(), after: after.to_owned(), digits })
    }

    fn filled(&self, region: &str, year: i32, class: &str) -> (String, String) {
        let fill =
            |t: &str| t.replace("{region}", region).replace("{year}", &year.to_string()).replace("{class}", class);
        (fill(&self.before), fill(&self.after))
    }

    /// What tells apart the series in which numbers run.
    #[must_use]
    pub fn series(&self, region: &str, year: i32, class: &str) -> String {
        let (before, after) = self.filled(region, year, class);
        format!("{before}#{after}")
    }

    /// The number of a place in its series.
    #[must_use]
    pub fn number(&self, region: &str, year: i32, class: &str, seq: i64) -> String {
        let (before, after) = self.filled(region, year, class);
        format!("{before}{seq:0width$}{after}", width = self.digits)
    }
}

/// Letters and digits that are not taken for one another when read from paper.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code of 20 signs (100 bits) out of random bytes.
#[must_use]
pub fn code(random: [u8; 20]) -> String {
    random.iter().map(|b| char::from(*ALPHABET.get(usize::from(b & 31)).unwrap_or(&b'0'))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ATTENDANCE: AttendancePart = AttendancePart { weight: 20, full: 10_000, minimum: None };

    #[test]
    fn marks_of_attendance_and_parts_of_a_total() {
        for (full, attended, held, want) in [
            (10_000, 1440, 1440, 10_000),
            (10_000, 960, 1440, 6667),
            (10_000, 0, 0, 0),
            (2000, 1, 3, 667),
            (100, 9, 8, 100),
        ] {
            assert_eq!(attendance_mark(full, attended, held), want, "{attended}/{held} of {full}");
        }
        for (mark, full, weight, want) in
            [(8550, 10_000, 40, 3420), (8333, 10_000, 33, 2750), (1, 3, 1, 33), (5000, 12_000, 50, 2083), (1, 0, 50, 0)]
        {
            assert_eq!(part(mark, full, weight), want, "{mark}/{full} at {weight} %");
        }
    }

    #[test]
    fn what_completion_asks_for() {
        let asked = Asked { published: true, minimum_total: 6000, attendance: Some(ATTENDANCE) };
        let stood = |earned, minimums_met| Some(Standing { earned, minimums_met });
        let strict = AttendancePart { minimum: Some(9500), ..ATTENDANCE };
        let cases = [
            // 1,152 of 1,440 minutes are 80 %, which are 16 points of 20.
            (1152, None, None, Verdict::Completed),
            (1151, None, None, Verdict::AttendanceShort),
            (1151, Some(asked), stood(9000, true), Verdict::AttendanceShort),
            (1152, Some(asked), stood(4400, true), Verdict::Completed),
            (1152, Some(asked), stood(4399, true), Verdict::TotalShort),
            (1440, Some(asked), stood(4000, true), Verdict::Completed),
            (1440, Some(asked), stood(7000, false), Verdict::UnderMinimum),
            (1440, Some(asked), None, Verdict::NotAssessed),
            (1440, Some(Asked { published: false, ..asked }), stood(8000, true), Verdict::NotAssessed),
            (1300, Some(Asked { attendance: Some(strict), ..asked }), stood(8000, true), Verdict::UnderMinimum),
            (1440, Some(Asked { attendance: None, ..asked }), stood(6000, true), Verdict::Completed),
            (1440, Some(Asked { attendance: None, ..asked }), stood(5999, true), Verdict::TotalShort),
        ];
        for (attended, asked, standing, want) in cases {
            assert_eq!(verdict((attended, 1440), 80, asked, standing), want, "{attended} {asked:?} {standing:?}");
        }
    }

    #[test]
    fn numbers_follow_their_pattern() {
        let p = Pattern::read("PX{region}-{year}-{seq:4}").unwrap();
        assert_eq!(p.number("990121", 2026, "C1", 7), "PX990121-2026-0007");
        assert_eq!(p.number("990121", 2026, "C1", 12_345), "PX990121-2026-12345");
        assert_eq!(p.series("990121", 2026, "C1"), p.series("990121", 2026, "C2"));
        let p = Pattern::read("{class}第{seq:1}号").unwrap();
        assert_eq!(p.number("", 2026, "甲", 3), "甲第3号");
        assert_ne!(p.series("", 2026, "甲"), p.series("", 2026, "乙"));
        for wrong in ["PX{year}", "{seq:0}", "{seq:x}", "{seq:4}{seq:4}", "{name}{seq:4}", "{seq:4"] {
            assert_eq!(Pattern::read(wrong), None, "{wrong}");
        }
        assert_eq!(code([0; 20]), "0".repeat(20));
        assert_eq!(code([255; 20]), "Z".repeat(20));
    }

    proptest! {
        #[test]
        fn more_attendance_never_takes_a_completion_back(
            attended in 0i64..2000, more in 0i64..500, earned in 0i64..=8000, min in 0i64..=10_000, percent in 0i64..=100
        ) {
            let asked = Some(Asked { published: true, minimum_total: min, attendance: Some(ATTENDANCE) });
            let standing = Some(Standing { earned, minimums_met: true });
            if verdict((attended, 2500), percent, asked, standing) == Verdict::Completed {
                prop_assert_eq!(verdict((attended + more, 2500), percent, asked, standing), Verdict::Completed);
            }
        }

        #[test]
        fn a_part_is_never_more_than_its_weight(mark in 0i64..=20_000, full in 1i64..=20_000, weight in 0i64..=100) {
            let p = part(mark.min(full), full, weight);
            prop_assert!(p >= 0 && p <= weight * 100);
        }
    }
}
