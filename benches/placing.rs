//! How long a proposal takes: 10,000 students with 5 wishes each on 2,000 bases. Run by hand:
//!
//! ```text
//! cargo bench --bench placing [STUDENTS BASES]
//! ```
//!
//! The goal is under 2 s for the pure function, the leftover round over all places included. On a busy machine with two cores:
//! 9 ms for the matching, 144 ms with the leftover round.

use std::time::Instant;

use yanzhen::placing::rules::{Market, Outcome, Pool, Slot, Student, Wish, assign, blocking, fill, lot, over};

fn market(students: u64, bases: u64) -> Market {
    let below = |seed: u64, i: u64, n: u64| lot(seed, i.cast_signed()) % n.max(1);
    let index = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let mut m = Market::default();
    for b in 0..bases {
        let base = m.pools.len();
        m.pools.push(Pool { limit: Some(index(3 + below(1, b, 6))), within: None });
        m.pools.push(Pool { limit: (below(2, b, 2) == 0).then_some(6), within: Some(base) });
        for k in 0..2 {
            m.slots.push(Slot { id: (b * 2 + k).cast_signed(), pool: m.pools.len() });
            m.pools.push(Pool { limit: Some(index(1 + below(3, b * 2 + k, 4))), within: Some(base + 1) });
        }
    }
    let slots = bases * 2;
    for s in 0..students {
        let mut wishes: Vec<Wish> = Vec::new();
        for i in 0.. {
            // Half of the wishes go to a tenth of the places: the good ones are wanted by many.
            let r = below(4, s * 100 + i, slots);
            let slot = index(if r.is_multiple_of(2) { r / 10 } else { r });
            if wishes.iter().all(|w| w.slot != slot) {
                let distance = u8::try_from(below(5, s * 10_000 + r / 2, 4)).unwrap_or(0);
                wishes.push(Wish { slot, distance, bar: None });
            }
            if wishes.len() == 5 {
                break;
            }
        }
        let id = s.cast_signed();
        m.students.push(Student { id, priority: 0, lot: lot(2026, id), wishes, locked: None });
    }
    m
}

fn main() {
    let args: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let (students, bases) = (args.first().copied().unwrap_or(10_000), args.get(1).copied().unwrap_or(2_000));
    let m = market(students, bases);
    let all: Vec<(usize, u8)> = (0..m.slots.len()).map(|s| (s, u8::try_from(s % 4).unwrap_or(0))).collect();
    let mut times = Vec::new();
    let mut last = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let mut lines = assign(&m);
        let matched = start.elapsed();
        fill(&m, &mut lines, |_| all.clone());
        times.push((start.elapsed(), matched));
        last = lines;
    }
    times.sort();
    let (whole, matched) = times[times.len() / 2];
    let ends = |o: fn(&Outcome) -> bool| last.iter().filter(|l| o(&l.outcome)).count();
    let first = ends(|o| *o == Outcome::Wish(0));
    let wished = ends(|o| matches!(o, Outcome::Wish(_)));
    println!("{students} students, {bases} bases, {} places, 5 wishes each", m.slots.len());
    println!("  matching {matched:?}, with the leftover round {whole:?} (median of 5; goal < 2 s)");
    println!(
        "  by a wish {wished} (first wish {first}), filled {}, none {}",
        ends(|o| *o == Outcome::Filled),
        ends(|o| *o == Outcome::None)
    );
    assert!(blocking(&m, &last).is_empty() && over(&m, &last).is_empty(), "the proposal is not stable");
}
