//! Assessment of a class: what its components may be, how marks are read, and what two markers' marks come to. Plain values
//! only; marks and points are hundredths, weights percent.

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A written mock paper.
    Written,
    /// A practical exercise, marked by a rubric of criteria with points.
    Practical,
    /// Computed from the attendance on record.
    Attendance,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Written, Self::Practical, Self::Attendance];

    /// The name in table and API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Practical => "practical",
            Self::Attendance => "attendance",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// A component as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Of a component there is already.
    pub id: Option<i64>,
    pub name: String,
    pub kind: Kind,
    /// Percent of the total.
    pub weight: i64,
    pub full_mark: i64,
    pub minimum: Option<i64>,
    pub double_marked: bool,
    /// By how much two marks may differ.
    pub difference: Option<i64>,
    /// Name and points of each; only of a practical exercise.
    pub criteria: Vec<(String, i64)>,
}

/// The largest full mark: 1,000 points.
pub const MOST: i64 = 100_000;
/// The most components of a class and criteria of a component.
pub const MANY: usize = 20;

/// What is wrong with the components: index, field, key of the text. Index and field are absent where it concerns all.
pub type Wrong = (Option<usize>, &'static str, &'static str);

/// Checks the components of a class together.
#[must_use]
pub fn check(plans: &[Plan]) -> Vec<Wrong> {
    let mut wrong: Vec<Wrong> = Vec::new();
    if plans.is_empty() {
        wrong.push((None, "", "assessment-no-components"));
    }
    if plans.len() > MANY {
        wrong.push((None, "", "assessment-many-components"));
    }
    for (i, p) in plans.iter().enumerate() {
        let mut no = |field: &'static str, key: &'static str| wrong.push((Some(i), field, key));
        let name = p.name.trim();
        if name.is_empty() || name.chars().count() > 60 {
            no("name", "assessment-name-missing");
        } else if plans.iter().take(i).any(|o| o.name.trim() == name) {
            no("name", "assessment-name-twice");
        }
        if !(1..=100).contains(&p.weight) {
            no("weight", "assessment-weight-range");
        }
        if !(100..=MOST).contains(&p.full_mark) {
            no("full", "assessment-full-range");
        }
        if p.minimum.is_some_and(|m| !(0..=p.full_mark).contains(&m)) {
            no("minimum", "assessment-minimum-range");
        }
        if p.difference.is_some_and(|d| !(0..=p.full_mark).contains(&d)) {
            no("difference", "assessment-difference-range");
        }
        match p.kind {
            Kind::Practical => {
                let sum = p.criteria.iter().fold(0_i64, |all, c| all.saturating_add(c.1));
                let twice = |(n, c): (usize, &(String, i64))| p.criteria.iter().take(n).any(|o| o.0 == c.0);
                if p.criteria.is_empty() || p.criteria.len() > MANY {
                    no("criteria", "assessment-criteria-missing");
                } else if p
                    .criteria
                    .iter()
                    .any(|c| c.0.is_empty() || c.0.chars().count() > 60 || !(1..=MOST).contains(&c.1))
                {
                    no("criteria", "assessment-criteria-form");
                } else if p.criteria.iter().enumerate().any(twice) {
                    no("criteria", "assessment-criteria-twice");
                } else if sum != p.full_mark {
                    no("criteria", "assessment-criteria-sum");
                }
            }
            Kind::Written | Kind::Attendance if !p.criteria.is_empty() => {
                no("criteria", "assessment-criteria-not-here")
            }
            Kind::Attendance if p.double_marked => no("double", "assessment-attendance-computed"),
            Kind::Attendance if plans.iter().take(i).any(|o| o.kind == Kind::Attendance) => {
                no("kind", "assessment-attendance-twice");
            }
            Kind::Written | Kind::Attendance => {}
        }
    }
    // Before the sum: it must not run over.
    let in_range = plans.iter().all(|p| (0..=100).contains(&p.weight));
    if !plans.is_empty() && (!in_range || plans.iter().map(|p| p.weight).sum::<i64>() != 100) {
        wrong.push((None, "weights", "assessment-weights-sum"));
    }
    wrong
}

/// What was typed for a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    Nothing,
    /// Did not sit (缺考): counts as no points.
    Absent,
    Mark(i64),
}

/// Why a mark cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    NotANumber,
    /// Above the full mark.
    Above,
}

/// Reads a mark as clerks type and spreadsheets give it: full-width digits, blanks, up to two decimals, a sign for absence.
///
/// # Errors
/// Why not.
pub fn read_mark(text: &str, full: i64) -> Result<Typed, Unread> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            '．' | '。' => '.',
            c => c,
        })
        .collect();
    match plain.as_str() {
        "" => return Ok(Typed::Nothing),
        "缺考" | "缺" | "absent" | "Absent" | "-" | "—" => return Ok(Typed::Absent),
        _ => {}
    }
    let plain = plain.strip_suffix('分').unwrap_or(&plain);
    let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    // A spreadsheet writes 85.5 as 85.50000: zeros at the end say nothing.
    let part = part.trim_end_matches('0');
    if whole.is_empty() || whole.len() > 6 || part.len() > 2 || !digits(whole) || !digits(part) {
        return Err(Unread::NotANumber);
    }
    let whole: i64 = whole.parse().map_err(|_| Unread::NotANumber)?;
    let part: i64 = format!("{part:0<2}").parse().map_err(|_| Unread::NotANumber)?;
    let mark = whole * 100 + part;
    if mark > full { Err(Unread::Above) } else { Ok(Typed::Mark(mark)) }
}

/// "85.5" for hundredths.
#[must_use]
pub fn show(mark: i64) -> String {
    crate::practicum::rules::marks::show_mark(mark)
}

/// Points by criterion (its id) as the row of a mark keeps them, in the order of the ids.
#[must_use]
pub fn points_text(points: &[(i64, i64)]) -> String {
    let mut all = points.to_vec();
    all.sort_unstable();
    let all: Vec<String> = all.iter().map(|(id, p)| format!("{id}:{p}")).collect();
    all.join(";")
}

/// Reads what [`points_text`] wrote.
#[must_use]
pub fn read_points(text: &str) -> Vec<(i64, i64)> {
    let one = |t: &str| {
        let (id, p) = t.split_once(':')?;
        Some((id.parse().ok()?, p.parse().ok()?))
    };
    text.split(';').filter_map(one).collect()
}

/// Who marks, in the order of the table's `hand`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hand {
    First,
    Second,
    Third,
    /// The value agreed between the markers, with a reason.
    Agreed,
}

impl Hand {
    pub const ALL: [Self; 4] = [Self::First, Self::Second, Self::Third, Self::Agreed];

    /// The number in the table.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
            Self::Agreed => 4,
        }
    }

    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|h| h.number() == number)
    }
}

/// The marks of one person in one component, in the order of [`Hand::ALL`].
pub type Marks = [Option<i64>; 4];

/// What the marks come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// Nobody has marked yet.
    Nothing,
    /// One of two markers has.
    Half,
    /// The two marks differ by more than they may: a third mark or an agreed value is needed.
    Apart,
    Settled(i64),
}

/// What marks come to. A value agreed wins; two marks within `limit` are averaged, half up; a third mark is averaged with
/// the nearer of the two, with the higher where both are as near (own reading, see `config/classes.toml`).
#[must_use]
pub fn came(double: bool, limit: i64, marks: Marks) -> Came {
    let [first, second, third, agreed] = marks;
    if let Some(m) = agreed {
        return Came::Settled(m);
    }
    if !double {
        return first.map_or(Came::Nothing, Came::Settled);
    }
    let (a, b) = match (first, second) {
        (None, None) => return Came::Nothing,
        (Some(a), Some(b)) => (a, b),
        _ => return Came::Half,
    };
    let mean = |x: i64, y: i64| (x + y + 1) / 2;
    if (a - b).abs() <= limit {
        return Came::Settled(mean(a, b));
    }
    let Some(c) = third else { return Came::Apart };
    let (low, high) = (a.min(b), a.max(b));
    let nearer = if (c - low).abs() < (high - c).abs() { low } else { high };
    Came::Settled(mean(c, nearer))
}

/// Why a marker may not enter a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// Both marks are in: what is left is to settle their difference.
    BothIn,
    /// Whoever marks one of two must be known by an account.
    Nameless,
}

/// Which hand somebody writes with. `by` are the markers of the marks there are, in the order of [`Hand::ALL`].
///
/// # Errors
/// [`Barred`].
pub fn hand_of(double: bool, came: Came, by: [Option<Option<i64>>; 4], me: Option<i64>) -> Result<Hand, Barred> {
    if !double {
        return Ok(Hand::First);
    }
    let me = Some(me.ok_or(Barred::Nameless)?);
    let [first, second, third, _] = by;
    match (first, second) {
        (Some(a), Some(b)) => {
            let mine = a == me || b == me;
            let open = came == Came::Apart || third == Some(me);
            if !mine && open { Ok(Hand::Third) } else { Err(Barred::BothIn) }
        }
        (None, _) if second != Some(me) => Ok(Hand::First),
        (None, _) => Ok(Hand::Second),
        (Some(a), None) => Ok(if a == me { Hand::First } else { Hand::Second }),
    }
}

/// Whether somebody may see a mark: their own, and others' once both are in.
#[must_use]
pub fn sees(double: bool, marks: Marks, own: bool) -> bool {
    let [first, second, _, agreed] = marks;
    !double || own || agreed.is_some() || (first.is_some() && second.is_some())
}

/// Places by total, the highest first; equal totals share a place and the next one is skipped.
#[must_use]
pub fn places(totals: &[Option<i64>]) -> Vec<Option<i64>> {
    let place = |t: i64| totals.iter().flatten().filter(|o| **o > t).count() + 1;
    totals.iter().map(|t| t.map(|t| i64::try_from(place(t)).unwrap_or(i64::MAX))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plan(name: &str, kind: Kind, weight: i64) -> Plan {
        let criteria =
            if kind == Kind::Practical { vec![("接案".into(), 4000), ("记录".into(), 6000)] } else { vec![] };
        Plan {
            id: None,
            name: name.into(),
            kind,
            weight,
            full_mark: 10_000,
            minimum: None,
            double_marked: false,
            difference: None,
            criteria,
        }
    }

    #[test]
    fn components_must_make_a_whole() {
        let good = vec![
            plan("笔试", Kind::Written, 50),
            plan("实操", Kind::Practical, 30),
            plan("考勤", Kind::Attendance, 20),
        ];
        assert_eq!(check(&good), []);
        type Spoil = fn(&mut Vec<Plan>);
        let cases: Vec<(Spoil, Wrong)> = vec![
            (|p| p[0].weight = 49, (None, "weights", "assessment-weights-sum")),
            (|p| p[1].name = "笔试".into(), (Some(1), "name", "assessment-name-twice")),
            (|p| p[0].full_mark = 99, (Some(0), "full", "assessment-full-range")),
            (|p| p[0].minimum = Some(10_001), (Some(0), "minimum", "assessment-minimum-range")),
            (|p| p[1].criteria[0].1 = 1, (Some(1), "criteria", "assessment-criteria-sum")),
            (|p| p[1].criteria[0].0 = "记录".into(), (Some(1), "criteria", "assessment-criteria-twice")),
            (|p| p[1].criteria.clear(), (Some(1), "criteria", "assessment-criteria-missing")),
            (|p| p[0].criteria = vec![("x".into(), 1)], (Some(0), "criteria", "assessment-criteria-not-here")),
            (|p| p[2].double_marked = true, (Some(2), "double", "assessment-attendance-computed")),
            (|p| p[0].kind = Kind::Attendance, (Some(2), "kind", "assessment-attendance-twice")),
        ];
        for (spoil, want) in cases {
            let mut plans = good.clone();
            spoil(&mut plans);
            assert_eq!(check(&plans), [want]);
        }
        assert_eq!(check(&[]), [(None, "", "assessment-no-components")]);
    }

    #[test]
    fn marks_as_they_are_typed() {
        let m = |n| Ok(Typed::Mark(n));
        for (text, want) in [
            ("85", m(8500)),
            (" 85.5 ", m(8550)),
            ("８５．５", m(8550)),
            ("85.50000", m(8550)),
            ("85分", m(8500)),
            ("100", m(10_000)),
            ("0", m(0)),
            ("", Ok(Typed::Nothing)),
            ("缺考", Ok(Typed::Absent)),
            ("-", Ok(Typed::Absent)),
            ("100.01", Err(Unread::Above)),
            ("850", Err(Unread::Above)),
            ("85.555", Err(Unread::NotANumber)),
            ("-1", Err(Unread::NotANumber)),
            ("优", Err(Unread::NotANumber)),
            ("8,5", Err(Unread::NotANumber)),
        ] {
            assert_eq!(read_mark(text, 10_000), want, "{text}");
        }
        assert_eq!(read_mark("120", 12_000), m(12_000));
    }

    #[test]
    fn what_two_markers_come_to() {
        let some = Some;
        for (marks, want) in [
            ([None, None, None, None], Came::Nothing),
            ([some(80), None, None, None], Came::Half),
            ([None, some(80), None, None], Came::Half),
            ([some(80), some(90), None, None], Came::Settled(85)),
            ([some(80), some(89), None, None], Came::Settled(85)),
            ([some(80), some(91), None, None], Came::Apart),
            ([some(80), some(91), some(82), None], Came::Settled(81)),
            ([some(80), some(100), some(90), None], Came::Settled(95)),
            ([some(100), some(80), some(99), None], Came::Settled(100)),
            ([some(80), some(91), None, some(88)], Came::Settled(88)),
        ] {
            assert_eq!(came(true, 10, marks), want, "{marks:?}");
        }
        assert_eq!(came(false, 0, [some(7), None, None, None]), Came::Settled(7));
    }

    #[test]
    fn who_writes_with_which_hand() {
        let (a, b, c) = (Some(Some(1)), Some(Some(2)), Some(Some(3)));
        for (came, by, me, want) in [
            (Came::Nothing, [None; 4], 1, Ok(Hand::First)),
            (Came::Half, [a, None, None, None], 1, Ok(Hand::First)),
            (Came::Half, [a, None, None, None], 2, Ok(Hand::Second)),
            (Came::Half, [None, b, None, None], 2, Ok(Hand::Second)),
            (Came::Half, [None, b, None, None], 1, Ok(Hand::First)),
            (Came::Settled(1), [a, b, None, None], 1, Err(Barred::BothIn)),
            (Came::Settled(1), [a, b, None, None], 3, Err(Barred::BothIn)),
            (Came::Apart, [a, b, None, None], 2, Err(Barred::BothIn)),
            (Came::Apart, [a, b, None, None], 3, Ok(Hand::Third)),
            (Came::Settled(1), [a, b, c, None], 3, Ok(Hand::Third)),
            (Came::Settled(1), [a, b, c, None], 4, Err(Barred::BothIn)),
        ] {
            assert_eq!(hand_of(true, came, by, Some(me)), want, "{by:?} {me}");
        }
        assert_eq!(hand_of(true, Came::Nothing, [None; 4], None), Err(Barred::Nameless));
        assert_eq!(hand_of(false, Came::Settled(1), [a, None, None, None], None), Ok(Hand::First));
        let one = [Some(80), None, None, None];
        assert!(!sees(true, one, false) && sees(true, one, true) && sees(false, one, false));
        assert!(sees(true, [Some(80), Some(70), None, None], false));
    }

    #[test]
    fn equal_totals_share_a_place() {
        let t = |v: &[i64]| v.iter().map(|n| Some(*n)).collect::<Vec<_>>();
        assert_eq!(places(&t(&[90, 80, 90, 70])), t(&[1, 3, 1, 4]));
        assert_eq!(places(&[None, Some(5)]), [None, Some(1)]);
    }

    proptest! {
        #[test]
        fn what_marks_come_to_lies_between_them(a in 0i64..=10_000, b in 0i64..=10_000, c in 0i64..=10_000, limit in 0i64..3000) {
            if let Came::Settled(m) = came(true, limit, [Some(a), Some(b), Some(c), None]) {
                prop_assert!(m >= a.min(b).min(c) && m <= a.max(b).max(c));
            }
            // The order of the markers decides nothing.
            prop_assert_eq!(came(true, limit, [Some(a), Some(b), Some(c), None]), came(true, limit, [Some(b), Some(a), Some(c), None]));
        }

        #[test]
        fn a_mark_shown_is_read_back(m in 0i64..=MOST) {
            prop_assert_eq!(read_mark(&show(m), MOST), Ok(Typed::Mark(m)));
        }

        #[test]
        fn points_are_read_back(points in proptest::collection::btree_map(1i64..1000, 0i64..10_000, 0..8)) {
            let all: Vec<(i64, i64)> = points.into_iter().collect();
            prop_assert_eq!(read_points(&points_text(&all)), all);
        }

        #[test]
        fn no_text_breaks_the_reading(text in ".*") {
            let _ = read_mark(&text, 10_000);
        }
    }
}
