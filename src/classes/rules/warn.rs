//! Who is about to lose the class: two absences in a row, or too many minutes missed.

use super::State;

/// What the trainer should be told of a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Absent without leave so many times in a row, up to the last session recorded.
    AbsentInARow(usize),
    /// Of the minutes recorded so far less than the required share was attended; it can still be reached.
    Behind,
    /// Even with every session to come the required share is out of reach.
    OutOfReach,
}

impl Warning {
    /// The name in texts and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AbsentInARow(_) => "absent_in_a_row",
            Self::Behind => "behind",
            Self::OutOfReach => "out_of_reach",
        }
    }
}

/// The warnings of one participant. `past`: the sessions with anything recorded, oldest first, each with its minutes and
/// what is recorded of this person; `ahead`: minutes of the sessions without any record; `percent`: share of all minutes
/// that completion asks for; `in_a_row`: absences that make a warning. A person without a record at a recorded session
/// counts as not having attended it, but not as absent: nobody has said so.
#[must_use]
pub fn warnings(past: &[(i64, Option<State>)], ahead: i64, percent: i64, in_a_row: usize) -> Vec<Warning> {
    let mut out = Vec::new();
    let row = past.iter().rev().take_while(|(_, s)| *s == Some(State::Absent)).count();
    if in_a_row > 0 && row >= in_a_row {
        out.push(Warning::AbsentInARow(row));
    }
    let held: i64 = past.iter().map(|(m, _)| m).sum();
    let attended: i64 = past.iter().filter(|(_, s)| s.is_some_and(State::attended)).map(|(m, _)| m).sum();
    let all = held.saturating_add(ahead);
    if attended.saturating_add(ahead).saturating_mul(100) < all.saturating_mul(percent) {
        out.push(Warning::OutOfReach);
    } else if attended.saturating_mul(100) < held.saturating_mul(percent) {
        out.push(Warning::Behind);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Warning::{AbsentInARow, Behind, OutOfReach};
    use super::*;
    use proptest::prelude::*;

    const P: Option<State> = Some(State::Present);
    const A: Option<State> = Some(State::Absent);
    const E: Option<State> = Some(State::Excused);

    #[test]
    fn who_is_warned() {
        let of = |states: &[Option<State>], ahead| {
            warnings(&states.iter().map(|s| (60, *s)).collect::<Vec<_>>(), ahead, 80, 2)
        };
        assert_eq!(of(&[], 600), []);
        assert_eq!(of(&[P, P], 600), []);
        assert_eq!(of(&[P, A], 600), [Behind]);
        // Two in a row; ten sessions in all allow two misses.
        assert_eq!(of(&[A, A], 480), [AbsentInARow(2), Behind]);
        assert_eq!(of(&[A, A], 479), [AbsentInARow(2), OutOfReach]);
        assert_eq!(of(&[A, A, A], 480), [AbsentInARow(3), OutOfReach]);
        // Leave and presence end the row; leave is not attendance.
        assert_eq!(of(&[A, E, A], 900), [Behind]);
        assert_eq!(of(&[A, A, P], 900), [Behind]);
        assert_eq!(of(&[A, A, None], 900), [Behind]);
        assert_eq!(of(&[P, P, P, P, A], 0), []);
        assert_eq!(warnings(&[(60, A)], 0, 0, 0), []);
    }

    proptest! {
        #[test]
        fn out_of_reach_is_what_completion_refuses(states in prop::collection::vec(0usize..5, 1..12), ahead in 0i64..600, percent in 1i64..=100) {
            let past: Vec<(i64, Option<State>)> = states.iter().map(|i| (45, Some(State::ALL[*i]))).collect();
            let attended: i64 = past.iter().filter(|p| p.1.is_some_and(State::attended)).map(|p| p.0).sum();
            let held: i64 = past.iter().map(|p| p.0).sum();
            let lost = warnings(&past, ahead, percent, 2).contains(&OutOfReach);
            prop_assert_eq!(lost, !super::super::completes(attended + ahead, held + ahead, percent));
        }
    }
}
