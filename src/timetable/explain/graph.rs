//! Proofs from the graph of clashes and from the order.

use super::Proof;
use crate::timetable::model::{Problem, Relation};

/// Cliques grown from so many of the most connected exams.
const SEEDS: usize = 400;

/// Cycles of "after", and chains longer than the periods.
pub(super) fn orders(problem: &Problem, tied: &[u32], out: &mut Vec<Proof>) {
    let n = problem.exams.len();
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); n];
    for relation in &problem.relations {
        if let Relation::After(a, b) = *relation {
            before[tied[a as usize] as usize].push(tied[b as usize]);
        }
    }
    // Depth first without recursion: 0 new, 1 on the path, 2 done. `length` counts exams that end with this one.
    let (mut seen, mut length, mut via) = (vec![0u8; n], vec![1usize; n], vec![u32::MAX; n]);
    for root in 0..n {
        if seen[root] != 0 {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(root, 0)];
        seen[root] = 1;
        while let Some(&mut (a, ref mut next)) = path.last_mut() {
            if let Some(&b) = before[a].get(*next) {
                *next += 1;
                let b = b as usize;
                if seen[b] == 1 {
                    let from = path.iter().position(|x| x.0 == b).unwrap_or(0);
                    // An exam that must be after itself is a contradiction found elsewhere.
                    if path.len() - from > 1 {
                        out.push(Proof::Cycle(path[from..].iter().map(|x| x.0 as u32).collect()));
                    }
                } else if seen[b] == 0 {
                    seen[b] = 1;
                    path.push((b, 0));
                }
                continue;
            }
            for &b in &before[a] {
                if seen[b as usize] == 2 && length[b as usize] + 1 > length[a] {
                    length[a] = length[b as usize] + 1;
                    via[a] = b;
                }
            }
            seen[a] = 2;
            path.pop();
        }
    }
    if let Some(end) = (0..n).max_by_key(|&a| length[a]).filter(|&a| length[a] > problem.periods.len()) {
        let mut chain = vec![end as u32];
        while let Some(&last) = chain.last()
            && via[last as usize] != u32::MAX
        {
            chain.push(via[last as usize]);
        }
        chain.reverse();
        out.push(Proof::Chain(chain, problem.periods.len()));
    }
}

/// Greedy cliques from the most connected exams, held against the number of periods open to any of them.
pub(super) fn cliques(problem: &Problem, tied: &[u32], open: &[Vec<bool>], out: &mut Vec<Proof>) {
    let near = neighbours(problem, tied);
    let mut order: Vec<usize> = (0..near.len()).filter(|&a| !near[a].is_empty()).collect();
    order.sort_by_key(|&a| (std::cmp::Reverse(near[a].len()), a));
    let mut best: Option<(Vec<u32>, usize)> = None;
    for &seed in order.iter().take(SEEDS) {
        let mut clique = vec![seed as u32];
        let mut common = near[seed].clone();
        while !common.is_empty() {
            let inside = |a: u32| near[a as usize].iter().filter(|x| common.binary_search(x).is_ok()).count();
            let Some(&next) = common.iter().take(300).max_by_key(|&&a| (inside(a), std::cmp::Reverse(a))) else {
                break;
            };
            clique.push(next);
            common.retain(|x| near[next as usize].binary_search(x).is_ok());
        }
        let periods = (0..problem.periods.len()).filter(|&p| clique.iter().any(|&e| open[e as usize][p])).count();
        let over = clique.len().saturating_sub(periods);
        if over > 0 && best.as_ref().is_none_or(|b| over > b.0.len() - b.1) {
            clique.sort_unstable();
            best = Some((clique, periods));
        }
    }
    out.extend(best.map(|(clique, n)| Proof::Clique(clique, n)));
}

/// For each exam that stands for its group the others it may not share a period with, ascending.
pub(super) fn neighbours(problem: &Problem, tied: &[u32]) -> Vec<Vec<u32>> {
    let mut near: Vec<Vec<u32>> = vec![Vec::new(); problem.exams.len()];
    let mut tie = |a: u32, b: u32| {
        let (a, b) = (tied[a as usize], tied[b as usize]);
        if a != b {
            near[a as usize].push(b);
            near[b as usize].push(a);
        }
    };
    for exams in problem.exams_of_candidates() {
        for (i, &a) in exams.iter().enumerate() {
            exams[i + 1..].iter().for_each(|&b| tie(a, b));
        }
    }
    for relation in &problem.relations {
        if let Relation::DifferentPeriod(a, b) | Relation::After(a, b) = *relation {
            tie(a, b);
        }
    }
    for list in &mut near {
        list.sort_unstable();
        list.dedup();
    }
    near
}
