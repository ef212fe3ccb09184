//! A large instance built around a hidden plan that keeps all hard rules, in the JSON form.

use std::fmt::Write;

use yanzhen::timetable::rng::Rng;

/// So many exams in so many programmes, a tenth of them shared by all; so many candidates with 4 exams each in different
/// periods of the hidden plan; about 75 % of the seats used.
pub fn made(exams: usize, programmes: usize, candidates: usize, periods: usize, rooms: usize, seed: u64) -> String {
    let mut rng = Rng::new(seed, 0);
    let period_of: Vec<usize> = (0..exams).map(|_| rng.below(periods)).collect();
    let shared = exams / 10;
    let own = (exams - shared) / programmes;
    let mut sits: Vec<Vec<usize>> = vec![Vec::new(); exams];
    for c in 0..candidates {
        let first = shared + rng.below(programmes) * own;
        let mut has: Vec<usize> = Vec::with_capacity(4);
        let mut tries = 0;
        while has.len() < 4 && tries < 200 {
            tries += 1;
            let e = if rng.below(10) == 0 { rng.below(shared.max(1)) } else { first + rng.below(own.max(1)) };
            if has.iter().all(|x| period_of[*x] != period_of[e]) {
                has.push(e);
                sits[e].push(c);
            }
        }
    }
    // The rooms hold each period of the hidden plan: largest exams into the rooms with most seats left. Capacities follow
    // from the fullest period and leave a quarter free.
    let mut need = vec![vec![0usize; rooms]; periods];
    let mut order: Vec<usize> = (0..exams).collect();
    order.sort_by_key(|&e| std::cmp::Reverse(sits[e].len()));
    for &e in &order {
        let row = &mut need[period_of[e]];
        if let Some(least) = (0..rooms).min_by_key(|&r| row[r]) {
            row[least] += sits[e].len();
        }
    }
    let used: usize = sits.iter().map(Vec::len).sum();
    for row in &mut need {
        row.sort_unstable_by(|a, b| b.cmp(a));
    }
    let most = |r: usize| need.iter().map(|row| row[r]).max().unwrap_or(0);
    let total: usize = (0..rooms).map(most).sum::<usize>().max(1);
    let scale = (used as f64 / 0.75 / periods as f64 / total as f64).max(1.0);
    let mut out = String::from("{\"periods\":[");
    for p in 0..periods {
        let comma = if p == 0 { "" } else { "," };
        let _ = write!(out, "{comma}{{\"id\":\"p{p}\",\"day\":\"{}\",\"minutes\":180}}", p / 3);
    }
    out.push_str("],\"rooms\":[");
    for r in 0..rooms {
        let comma = if r == 0 { "" } else { "," };
        let seats = (most(r) as f64 * scale).ceil();
        let _ = write!(out, "{comma}{{\"id\":\"r{r}\",\"capacity\":{seats}}}");
    }
    out.push_str("],\"exams\":[");
    for (e, list) in sits.iter().enumerate() {
        let comma = if e == 0 { "" } else { "," };
        let minutes = [60, 90, 120, 180][e % 4];
        let _ = write!(out, "{comma}{{\"id\":\"e{e}\",\"minutes\":{minutes},\"candidates\":[");
        for (i, c) in list.iter().enumerate() {
            let _ = write!(out, "{}\"{c}\"", if i == 0 { "" } else { "," });
        }
        out.push_str("]}");
    }
    out.push_str("],\"criteria\":{\"two_in_a_row\":10,\"two_in_a_day\":5,\"spread\":{\"periods\":5,\"weight\":1},\"mixed_durations\":2}}");
    out
}
