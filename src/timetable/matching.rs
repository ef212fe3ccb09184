//! Rooms of one period at once: where every exam of a period can have a room to itself, the cheapest rooms for all of them
//! are a bipartite matching, found exactly (Hungarian method, O(n² · m)).

use super::instance::BLOCKED;
use super::state::{NONE, State};

/// More exams than this in a period are left to the single moves.
const MOST: usize = 200;

/// Betters the rooms of every period where a matching is cheaper than what is there; true if anything became better.
pub fn rematch(st: &mut State<'_>) -> bool {
    let mut better = false;
    for p in 0..st.inst.periods {
        better |= period(st, p);
    }
    better
}

fn period(st: &mut State<'_>, p: usize) -> bool {
    let inst = st.inst;
    let exams: Vec<u32> = st.members[p].iter().flat_map(|&g| inst.exams.of(g as usize).iter().copied()).collect();
    let single = |e: &u32| st.room[*e as usize] != NONE && !st.rooms_tied(*e as usize);
    if exams.len() > inst.rooms || exams.len() > MOST || !exams.iter().all(single) || exams.is_empty() {
        return false;
    }
    let far = i64::from(BLOCKED);
    let price = |e: u32, r: usize| {
        let (e, at) = (e as usize, p * inst.rooms + r);
        let cost = inst.room_cost[e * inst.rooms + r];
        let fits = cost < BLOCKED && inst.capacity[r] >= inst.size[e] && !inst.closed[at];
        if fits { i64::from(cost) } else { far }
    };
    let costs: Vec<Vec<i64>> = exams.iter().map(|&e| (0..inst.rooms).map(|r| price(e, r)).collect()).collect();
    let rooms = assign(&costs);
    let total: i64 = rooms.iter().zip(&costs).map(|(&r, row)| row[r]).sum();
    if total >= far {
        return false;
    }
    let before = st.cost;
    let old: Vec<u16> = exams.iter().map(|&e| st.room[e as usize]).collect();
    exams.iter().for_each(|&e| st.give_up(e as usize, p));
    if st.cost + total < before {
        exams.iter().zip(&rooms).for_each(|(&e, &r)| st.take(e as usize, p, r));
        return true;
    }
    exams.iter().zip(&old).for_each(|(&e, &r)| st.take(e as usize, p, r as usize));
    false
}

/// The column of each row so that the sum is least; there are at least as many columns as rows.
pub fn assign(costs: &[Vec<i64>]) -> Vec<usize> {
    let (n, m) = (costs.len(), costs.first().map_or(0, Vec::len));
    let far = i64::MAX / 4;
    // Potentials of rows and columns, 1-based; row of each column; 0 is the row being placed.
    let (mut u, mut v, mut row_of) = (vec![0i64; n + 1], vec![0i64; m + 1], vec![0usize; m + 1]);
    for row in 1..=n {
        row_of[0] = row;
        let (mut least, mut from, mut used) = (vec![far; m + 1], vec![0usize; m + 1], vec![false; m + 1]);
        let mut column = 0;
        while row_of[column] != 0 {
            used[column] = true;
            let (i, mut step, mut next) = (row_of[column], far, 0);
            for j in 1..=m {
                if used[j] {
                    continue;
                }
                let reduced = costs[i - 1][j - 1] - u[i] - v[j];
                if reduced < least[j] {
                    (least[j], from[j]) = (reduced, column);
                }
                if least[j] < step {
                    (step, next) = (least[j], j);
                }
            }
            for j in 0..=m {
                if used[j] {
                    u[row_of[j]] += step;
                    v[j] -= step;
                } else {
                    least[j] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            row_of[column] = row_of[from[column]];
            column = from[column];
        }
    }
    let mut out = vec![0; n];
    for (j, &i) in row_of.iter().enumerate().skip(1) {
        if i > 0 {
            out[i - 1] = j - 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::assign;

    #[test]
    fn the_cheapest_assignment_is_found() {
        let costs = vec![vec![4, 1, 3, 9], vec![2, 0, 5, 9], vec![3, 2, 2, 9]];
        assert_eq!(assign(&costs), [1, 0, 2]);
    }

    #[test]
    fn more_columns_than_rows_are_no_trouble() {
        assert_eq!(assign(&[vec![7, 7, 1]]), [2]);
        assert!(assign(&[]).is_empty());
    }
}
