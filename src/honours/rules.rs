//! Who is proposed for an honour by rule from a class. Plain values only.

/// Whose honours there are, and at which level.
pub const LEVELS: [&str; 5] = ["class", "county", "city", "province", "nation"];

/// The states.
pub const STATES: [&str; 4] = ["proposed", "awarded", "declined", "revoked"];

/// The rules by which a class proposes.
pub const RULES: [&str; 2] = ["top", "full_attendance"];

/// Somebody who completed the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finisher {
    pub person_id: i64,
    /// Hundredths of a point of 100; absent without an assessment.
    pub total: Option<i64>,
    pub attended: i64,
}

/// Somebody proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposed {
    pub person_id: i64,
    /// By total; absent where the rule does not ask for it.
    pub place: Option<i64>,
    pub tied: bool,
    pub total: Option<i64>,
}

/// The first `n` by total, the highest first, with everybody who ties with the last of them: nobody is left out for the
/// order of a list. Places are shared by equal totals.
#[must_use]
pub fn top(people: &[Finisher], n: usize) -> Vec<Proposed> {
    let mut all: Vec<(i64, i64)> = people.iter().filter_map(|p| Some((p.total?, p.person_id))).collect();
    all.sort_by_key(|(total, id)| (std::cmp::Reverse(*total), *id));
    let better = |t: i64| all.iter().filter(|(o, _)| *o > t).count();
    let same = |t: i64| all.iter().filter(|(o, _)| *o == t).count();
    all.iter()
        .filter(|(t, _)| better(*t) < n)
        .map(|(t, id)| Proposed {
            person_id: *id,
            place: i64::try_from(better(*t) + 1).ok(),
            tied: same(*t) > 1,
            total: Some(*t),
        })
        .collect()
}

/// Everybody who attended every minute held.
#[must_use]
pub fn full_attendance(people: &[Finisher], held: i64) -> Vec<Proposed> {
    let all = people.iter().filter(|p| held > 0 && p.attended >= held);
    all.map(|p| Proposed { person_id: p.person_id, place: None, tied: false, total: p.total }).collect()
}

/// Whether a state may follow another: what is proposed is awarded or declined, what was declined may be awarded after all,
/// what is awarded may be revoked.
#[must_use]
pub fn may_follow(from: &str, to: &str) -> bool {
    matches!((from, to), ("proposed" | "declined", "awarded") | ("proposed", "declined") | ("awarded", "revoked"))
}

/// A year an honour can be of.
#[must_use]
pub fn year_fits(year: i64, this_year: i64) -> bool {
    (1980..=this_year).contains(&year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn people(totals: &[i64]) -> Vec<Finisher> {
        let one = |(i, t): (i64, &i64)| Finisher { person_id: i, total: Some(*t), attended: 480 };
        (1..).zip(totals).map(one).collect()
    }

    fn said(found: &[Proposed]) -> Vec<(i64, i64, bool)> {
        found.iter().map(|p| (p.person_id, p.place.unwrap(), p.tied)).collect()
    }

    #[test]
    fn the_best_with_their_ties() {
        for (totals, n, want) in [
            (&[90, 80, 70, 60][..], 3, vec![(1, 1, false), (2, 2, false), (3, 3, false)]),
            (&[90, 80, 80, 80], 2, vec![(1, 1, false), (2, 2, true), (3, 2, true), (4, 2, true)]),
            (&[90, 90, 80], 2, vec![(1, 1, true), (2, 1, true)]),
            (&[90, 90, 80, 80], 3, vec![(1, 1, true), (2, 1, true), (3, 3, true), (4, 3, true)]),
            (&[90], 3, vec![(1, 1, false)]),
            (&[90, 80], 0, vec![]),
        ] {
            assert_eq!(said(&top(&people(totals), n)), want, "{totals:?} {n}");
        }
        let without = Finisher { person_id: 9, total: None, attended: 480 };
        assert_eq!(top(&[without], 3), []);
    }

    #[test]
    fn everybody_who_was_always_there() {
        let mut all = people(&[90, 80]);
        all[1].attended = 479;
        assert_eq!(full_attendance(&all, 480).iter().map(|p| p.person_id).collect::<Vec<_>>(), [1]);
        assert_eq!(full_attendance(&all, 0), []);
    }

    #[test]
    fn states_follow_one_another() {
        let may: Vec<(&str, &str)> =
            STATES.iter().flat_map(|a| STATES.map(|b| (*a, b))).filter(|(a, b)| may_follow(a, b)).collect();
        assert_eq!(
            may,
            [("proposed", "awarded"), ("proposed", "declined"), ("awarded", "revoked"), ("declined", "awarded")]
        );
    }

    proptest! {
        #[test]
        fn nobody_better_or_equal_is_left_out(totals in proptest::collection::vec(0i64..50, 0..30), n in 0usize..10) {
            let all = people(&totals);
            let found = top(&all, n);
            prop_assert!(found.len() >= n.min(all.len()));
            let least = found.iter().filter_map(|p| p.total).min();
            for p in &all {
                let is_in = found.iter().any(|f| f.person_id == p.person_id);
                prop_assert_eq!(is_in, least.is_some_and(|l| p.total >= Some(l)));
            }
        }
    }
}
