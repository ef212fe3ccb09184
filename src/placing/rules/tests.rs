//! Properties of a proposal, over small markets of every shape.

use proptest::prelude::*;

use super::*;

/// Numbers of one seed, one after the other.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> usize {
        self.0 = self.0.wrapping_add(1);
        usize::try_from(lot(self.0, 99) % n.max(1)).unwrap()
    }
}

/// Bases with agreements with places, and students who want some of them.
fn market(seed: u64, students: usize, locks: bool) -> Market {
    let mut d = Dice(seed.wrapping_mul(1000));
    let mut m = Market::default();
    let limit = |d: &mut Dice| [None, Some(0), Some(1), Some(1), Some(2), Some(3)][d.below(6)];
    for _ in 0..1 + d.below(3) {
        let base = m.pools.len();
        m.pools.push(Pool { limit: limit(&mut d), within: None });
        for _ in 0..1 + d.below(2) {
            let agreement = m.pools.len();
            m.pools.push(Pool { limit: limit(&mut d), within: Some(base) });
            for _ in 0..1 + d.below(2) {
                m.slots.push(Slot { id: i64::try_from(m.slots.len()).unwrap() * 10, pool: m.pools.len() });
                m.pools.push(Pool { limit: Some(d.below(3)), within: Some(agreement) });
            }
        }
    }
    // The distance is the base's, so it is the same for all of its places.
    let base_of = |m: &Market, slot: usize| matching::chain(m, slot).last().unwrap();
    for i in 0..students {
        let mut wanted: Vec<usize> = (0..m.slots.len()).collect();
        let mut wishes = Vec::new();
        for _ in 0..d.below(5) {
            if wanted.is_empty() {
                break;
            }
            let slot = wanted.remove(d.below(wanted.len() as u64));
            let distance = u8::try_from(lot(seed + i as u64, i64::try_from(base_of(&m, slot)).unwrap()) % 3).unwrap();
            let bar = (d.below(8) == 0).then_some(Bar::Field);
            wishes.push(Wish { slot, distance, bar });
        }
        let id = 100 + i64::try_from(i).unwrap();
        let locked = (locks && d.below(4) == 0).then(|| (d.below(3) > 0).then(|| d.below(m.slots.len() as u64)));
        let priority = i64::try_from(d.below(5) / 4).unwrap();
        m.students.push(Student { id, priority, lot: lot(seed, id) % 4, wishes, locked });
    }
    m
}

/// Where a student stands in their own eyes: the lower the better.
fn rank(s: &Student, a: &Assignment) -> usize {
    match a.outcome {
        Outcome::Wish(i) => i,
        _ => s.wishes.len(),
    }
}

/// Every way to place the students by their wishes or not at all.
fn all_ways(m: &Market) -> Vec<Vec<Assignment>> {
    let mut ways: Vec<Vec<Assignment>> = vec![Vec::new()];
    for s in &m.students {
        let mut options = vec![Assignment { slot: s.locked.flatten(), outcome: Outcome::None, failed: Vec::new() }];
        if s.locked.is_some() {
            options[0].outcome = Outcome::Locked;
        } else {
            for (i, w) in s.wishes.iter().enumerate().filter(|(_, w)| w.bar.is_none()) {
                options.push(Assignment { slot: Some(w.slot), outcome: Outcome::Wish(i), failed: Vec::new() });
            }
        }
        ways = ways
            .into_iter()
            .flat_map(|way| options.iter().map(move |o| way.iter().chain([o]).cloned().collect::<Vec<_>>()))
            .collect();
    }
    ways
}

#[test]
fn who_comes_first_and_why_the_others_do_not() {
    // One place at a base; the office's word, then the nearer, then the lot.
    let m = |students: Vec<Student>| Market {
        pools: vec![Pool { limit: None, within: None }, Pool { limit: Some(1), within: Some(0) }],
        slots: vec![Slot { id: 1, pool: 1 }],
        students,
    };
    let student = |id, priority, distance, lot| Student {
        id,
        priority,
        lot,
        wishes: vec![Wish { slot: 0, distance, bar: None }],
        locked: None,
    };
    let why = |students: Vec<Student>| {
        let lines = assign(&m(students));
        assert_eq!(lines[0].slot, Some(0));
        lines[1].failed[0].why
    };
    let taken = |by| Bar::Taken { places: 1, by };
    assert_eq!(why(vec![student(1, 1, 2, 9), student(2, 0, 0, 1)]), taken(Beaten::Priority));
    assert_eq!(why(vec![student(1, 0, 0, 9), student(2, 0, 1, 1)]), taken(Beaten::Distance));
    assert_eq!(why(vec![student(2, 0, 1, 1), student(1, 0, 1, 9)]), taken(Beaten::Lot));
    assert_eq!(why(vec![student(1, 0, 1, 5), student(2, 0, 1, 5)]), taken(Beaten::Lot));
    let kept = Student { locked: Some(Some(0)), ..student(1, 0, 3, 9) };
    assert_eq!(why(vec![kept, student(2, 9, 0, 0)]), Bar::NoPlaces);
    let mut far = student(2, 9, 0, 0);
    far.wishes[0].bar = Some(Bar::TooFar);
    assert_eq!(why(vec![student(1, 0, 3, 9), far]), Bar::TooFar);
}

#[test]
fn the_limits_of_agreement_and_base_hold_over_their_places() {
    // Two places of two each under a base with three; four want the first one most.
    let pools = vec![
        Pool { limit: Some(3), within: None },
        Pool { limit: Some(2), within: Some(0) },
        Pool { limit: Some(2), within: Some(0) },
    ];
    let slots = vec![Slot { id: 1, pool: 1 }, Slot { id: 2, pool: 2 }];
    let wishes = vec![Wish { slot: 0, distance: 0, bar: None }, Wish { slot: 1, distance: 0, bar: None }];
    let student = |id| Student { id, priority: 0, lot: id.cast_unsigned(), wishes: wishes.clone(), locked: None };
    let m = Market { pools, slots, students: (1..5).map(student).collect() };
    let lines = assign(&m);
    let ends: Vec<Option<usize>> = lines.iter().map(|l| l.slot).collect();
    assert_eq!(ends, [Some(0), Some(0), Some(1), None]);
    let why: Vec<Bar> = lines[3].failed.iter().map(|f| f.why).collect();
    let taken = |places| Bar::Taken { places, by: Beaten::Lot };
    assert_eq!(why, [taken(2), taken(3)]);
}

#[test]
fn who_is_left_goes_to_the_nearest_free_place() {
    let pools = vec![
        Pool { limit: Some(1), within: None },
        Pool { limit: Some(5), within: None },
        Pool { limit: Some(3), within: None },
    ];
    let slots = vec![Slot { id: 30, pool: 0 }, Slot { id: 20, pool: 1 }, Slot { id: 10, pool: 2 }];
    let student = |id| Student { id, priority: 0, lot: id.cast_unsigned(), wishes: Vec::new(), locked: None };
    let m = Market { pools, slots, students: (1..4).map(student).collect() };
    let mut lines = assign(&m);
    fill(&m, &mut lines, |_| vec![(0, 0), (1, 1), (2, 1)]);
    let ends: Vec<Option<usize>> = lines.iter().map(|l| l.slot).collect();
    assert_eq!(ends, [Some(0), Some(1), Some(1)], "the near one first, then where most places are left");
    assert!(lines.iter().all(|l| l.outcome == Outcome::Filled));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nobody_and_no_base_would_leave_the_proposal_for_each_other(seed in 0_u64..1 << 40, n in 0_usize..9) {
        let m = market(seed, n, false);
        let lines = assign(&m);
        prop_assert_eq!(blocking(&m, &lines), []);
        prop_assert!(over(&m, &lines).is_empty());
        for (s, l) in m.students.iter().zip(&lines) {
            prop_assert_eq!(l.failed.len(), rank(s, l));
            if let Outcome::Wish(i) = l.outcome {
                prop_assert_eq!(l.slot, Some(s.wishes[i].slot));
                prop_assert!(s.wishes[i].bar.is_none());
            }
        }
    }

    #[test]
    fn no_stable_proposal_is_better_for_anybody(seed in 0_u64..1 << 40, n in 0_usize..5) {
        let m = market(seed, n, false);
        let lines = assign(&m);
        let stable = all_ways(&m).into_iter().filter(|w| over(&m, w).is_empty() && blocking(&m, w).is_empty());
        let mut found = false;
        for way in stable {
            found |= way.iter().zip(&lines).all(|(a, b)| a.slot == b.slot);
            for ((s, ours), theirs) in m.students.iter().zip(&lines).zip(&way) {
                prop_assert!(rank(s, ours) <= rank(s, theirs), "{:?}", s.id);
            }
        }
        prop_assert!(found, "the proposal itself is among the stable ones");
    }

    #[test]
    fn the_order_of_the_lists_changes_nothing(seed in 0_u64..1 << 40, n in 0_usize..9, turn in 0_usize..9) {
        let m = market(seed, n, true);
        let by_id = |m: &Market| {
            let mut all: Vec<_> = m.students.iter().map(|s| s.id).zip(assign(m)).collect();
            all.sort_by_key(|(id, _)| *id);
            all
        };
        let mut other = m.clone();
        other.students.reverse();
        other.students.rotate_left(turn.min(n));
        prop_assert_eq!(by_id(&m), by_id(&other));
        prop_assert_eq!(by_id(&m), by_id(&m));
    }

    #[test]
    fn the_places_are_numbered_as_one_likes(seed in 0_u64..1 << 40, n in 0_usize..9) {
        // The same places in another order: everybody ends at the place of the same id.
        let m = market(seed, n, true);
        let last = m.slots.len() - 1;
        let turned = |slot: usize| last - slot;
        let mut other = m.clone();
        other.slots.reverse();
        for s in &mut other.students {
            for w in &mut s.wishes {
                w.slot = turned(w.slot);
            }
            s.locked = s.locked.map(|l| l.map(turned));
        }
        let ends = |m: &Market| {
            let mut lines = assign(m);
            let all: Vec<usize> = (0..m.slots.len()).collect();
            fill(m, &mut lines, |_| all.iter().map(|s| (*s, 1)).collect());
            lines.iter().map(|l| l.slot.map(|s| m.slots[s].id)).collect::<Vec<_>>()
        };
        prop_assert_eq!(ends(&m), ends(&other));
    }

    #[test]
    fn who_is_kept_stays_and_the_others_are_stable_around_them(seed in 0_u64..1 << 40, n in 0_usize..9) {
        let m = market(seed, n, true);
        let mut lines = assign(&m);
        let kept: Vec<Assignment> = m
            .students
            .iter()
            .map(|s| Assignment { slot: s.locked.flatten(), outcome: Outcome::None, failed: Vec::new() })
            .collect();
        for (s, l) in m.students.iter().zip(&lines) {
            prop_assert_eq!(s.locked.is_some(), l.outcome == Outcome::Locked);
            prop_assert_eq!(s.locked.flatten(), l.slot.filter(|_| s.locked.is_some()));
        }
        let by_hand = over(&m, &kept);
        prop_assert!(over(&m, &lines).iter().all(|p| by_hand.contains(p)), "only what was locked beyond the limit is beyond it");
        prop_assert_eq!(blocking(&m, &lines), []);
        let before = lines.clone();
        let all: Vec<usize> = (0..m.slots.len()).collect();
        fill(&m, &mut lines, |_| all.iter().map(|s| (*s, 0)).collect());
        prop_assert_eq!(blocking(&m, &lines), []);
        prop_assert!(over(&m, &lines).iter().all(|p| by_hand.contains(p)));
        for (a, b) in before.iter().zip(&lines) {
            prop_assert!(a.slot == b.slot || (a.slot.is_none() && a.outcome == Outcome::None));
        }
    }
}
