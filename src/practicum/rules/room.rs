//! Whether a base has room for one more: a valid agreement, a free place, an active base.

use chrono::NaiveDate;

/// From and to; an absent end is open.
pub type Span = (Option<NaiveDate>, Option<NaiveDate>);

/// Whether two spans share a day.
#[must_use]
pub fn meet(a: Span, b: Span) -> bool {
    let before = |end: Option<NaiveDate>, start: Option<NaiveDate>| end.zip(start).is_some_and(|(e, s)| e < s);
    !before(a.1, b.0) && !before(b.1, a.0)
}

/// Whether the outer span covers the inner one.
#[must_use]
pub fn covers(outer: Span, inner: Span) -> bool {
    let from = outer.0.is_none_or(|o| inner.0.is_some_and(|i| o <= i));
    let to = outer.1.is_none_or(|o| inner.1.is_some_and(|i| i <= o));
    from && to
}

/// The most of `others` that are there on one day of `span`.
#[must_use]
pub fn peak(span: Span, others: &[Span]) -> usize {
    let within: Vec<Span> = others.iter().copied().filter(|o| meet(*o, span)).collect();
    // The number rises only where one begins: at the span's start, or at a start within it.
    let at = |day: Option<NaiveDate>| within.iter().filter(|o| meet(**o, (day, day))).count();
    let starts = within.iter().map(|o| o.0).filter(|s| s.is_some_and(|s| meet((Some(s), Some(s)), span)));
    let first = match span.0 {
        Some(_) => at(span.0),
        // Open at the front: those that are open there too stand side by side.
        None => within.iter().filter(|o| o.0.is_none()).count(),
    };
    starts.map(at).max().unwrap_or(0).max(first)
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
    BaseRetired,
    /// Campus and base have no agreement at all.
    NoAgreement,
    /// They have one or several, none of which covers the placement.
    NotCovered,
    BaseFull(i64),
    AgreementFull(i64),
}

impl NoRoom {
    /// The stable code, as in the verdicts of imported rows.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BaseRetired => "base_retired",
            Self::NoAgreement => "no_agreement",
            Self::NotCovered => "agreement_not_covering",
            Self::BaseFull(_) => "base_full",
            Self::AgreementFull(_) => "agreement_full",
        }
    }

    /// How many there may be, where that is the reason.
    #[must_use]
    pub fn capacity(self) -> i64 {
        match self {
            Self::BaseFull(n) | Self::AgreementFull(n) => n,
            _ => 0,
        }
    }
}

/// What is known of a base when somebody is to be placed there.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub active: bool,
    pub capacity: Option<i64>,
    /// Of the person's campus with this base: span and capacity.
    pub agreements: Vec<(Span, Option<i64>)>,
    /// Everybody who is there, and of them those of the same campus.
    pub taken: Vec<Span>,
    pub taken_of_campus: Vec<Span>,
}

/// How many more fit in for a span: at the base, and of the campus under its agreements; `None` for no limit.
///
/// # Errors
/// Why nobody may, however many places there are.
pub fn free(p: &Places, span: Span) -> Result<(Option<i64>, Option<i64>), NoRoom> {
    if !p.active {
        return Err(NoRoom::BaseRetired);
    }
    if p.agreements.is_empty() {
        return Err(NoRoom::NoAgreement);
    }
    let covering = covering(p, span);
    if covering.is_empty() {
        return Err(NoRoom::NotCovered);
    }
    let left = |capacity: i64, taken: &[Span]| (capacity - i64::try_from(peak(span, taken)).unwrap_or(i64::MAX)).max(0);
    // Several agreements that cover the span: their places add up; one without a limit has room for all.
    let of_campus: Option<i64> = covering.into_iter().sum();
    Ok((p.capacity.map(|c| left(c, &p.taken)), of_campus.map(|c| left(c, &p.taken_of_campus))))
}

/// The capacities of the agreements that cover a span.
fn covering(p: &Places, span: Span) -> Vec<Option<i64>> {
    // An end that is not known yet is asked for when it is.
    let known = (span.0.or(span.1), span.1.or(span.0));
    p.agreements.iter().filter(|(s, _)| known == (None, None) || covers(*s, known)).map(|(_, c)| *c).collect()
}

/// Whether one more fits in for a span. `strict` asks for an agreement; without it the rule holds only where campus and
/// base have agreements on record (rosters of the time before).
///
/// # Errors
/// The reason.
pub fn check_room(p: &Places, span: Span, strict: bool) -> Result<(), NoRoom> {
    if p.active && p.agreements.is_empty() && !strict {
        return Ok(());
    }
    match free(p, span)? {
        (Some(0), _) => Err(NoRoom::BaseFull(p.capacity.unwrap_or(0))),
        (_, Some(0)) => Err(NoRoom::AgreementFull(covering(p, span).into_iter().sum::<Option<i64>>().unwrap_or(0))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(d: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2026, 3, d)
    }

    #[test]
    fn what_covers_and_what_meets() {
        let cases = [
            ((day(1), day(9)), (day(2), day(9)), true, true),
            ((day(3), day(9)), (day(2), day(9)), false, true),
            ((None, None), (day(2), None), true, true),
            ((None, day(9)), (day(2), None), false, true),
            ((day(1), day(4)), (day(5), day(9)), false, false),
            ((day(1), day(5)), (day(5), day(9)), false, true),
            ((day(1), None), (None, day(1)), false, true),
        ];
        for (a, b, covering, meeting) in cases {
            assert_eq!((covers(a, b), meet(a, b), meet(b, a)), (covering, meeting, meeting), "{a:?} {b:?}");
        }
    }

    #[test]
    fn every_reason_why_there_is_no_room() {
        let span = (day(5), day(20));
        let good = Places {
            active: true,
            capacity: Some(3),
            agreements: vec![((day(1), day(30)), Some(2))],
            taken: vec![(day(1), day(10)), (day(11), day(30))],
            taken_of_campus: vec![(day(1), day(10)), (day(11), day(30))],
        };
        let with = |change: &dyn Fn(&mut Places)| {
            let mut p = good.clone();
            change(&mut p);
            check_room(&p, span, true)
        };
        assert_eq!(with(&|_| {}), Ok(()), "one after the other take one place");
        assert_eq!(with(&|p| p.active = false), Err(NoRoom::BaseRetired));
        assert_eq!(with(&|p| p.agreements.clear()), Err(NoRoom::NoAgreement));
        assert_eq!(check_room(&Places { agreements: vec![], ..good.clone() }, span, false), Ok(()));
        assert_eq!(with(&|p| p.agreements = vec![((day(6), day(30)), None)]), Err(NoRoom::NotCovered));
        assert_eq!(check_room(&good, (day(5), None), true), Ok(()), "an end that is not known yet");
        assert_eq!(check_room(&good, (None, day(31)), true), Err(NoRoom::NotCovered));
        assert_eq!(with(&|p| p.capacity = Some(1)), Err(NoRoom::BaseFull(1)));
        assert_eq!(with(&|p| p.capacity = None), Ok(()));
        assert_eq!(with(&|p| p.agreements = vec![((None, None), Some(1))]), Err(NoRoom::AgreementFull(1)));
        assert_eq!(with(&|p| p.agreements = vec![((None, None), Some(1)), ((None, None), Some(1))]), Ok(()));
        assert_eq!(with(&|p| p.agreements = vec![((None, None), Some(1)), ((None, None), None)]), Ok(()));
        assert_eq!(with(&|p| p.capacity = Some(0)), Err(NoRoom::BaseFull(0)));
    }

    proptest! {
        /// Against counting day by day.
        #[test]
        fn the_peak_is_the_fullest_day(from in 1u32..28, long in 0u32..10, others in proptest::collection::vec((1u32..28, 0u32..10), 0..8)) {
            let span = |(a, l): (u32, u32)| (day(a), day((a + l).min(31)));
            let others: Vec<Span> = others.into_iter().map(span).collect();
            let mine = span((from, long));
            let on = |d: u32| others.iter().filter(|o| meet(**o, (day(d), day(d)))).count();
            let want = (from..=(from + long).min(31)).map(on).max().unwrap_or(0);
            prop_assert_eq!(peak(mine, &others), want);
        }
    }
}
