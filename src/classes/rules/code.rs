//! The code on the screen: when it counts, and what reading it makes of a person's attendance.

use super::State;

/// What the screen takes at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    In,
    Out,
}

impl Way {
    /// The name in addresses and texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "in" => Some(Self::In),
            "out" => Some(Self::Out),
            _ => None,
        }
    }
}

/// The number of the code shown at an instant, in seconds since 1970.
#[must_use]
pub fn number(at: i64, seconds: i64) -> i64 {
    at.div_euclid(seconds.max(1))
}

/// Whether code `shown` counts while code `now` is on the screen: it or the one before it.
#[must_use]
pub fn counts(shown: i64, now: i64) -> bool {
    shown == now || shown == now - 1
}

/// What is known of a person at a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub state: State,
    pub sign_in: Option<i64>,
    pub sign_out: Option<i64>,
}

/// Minutes from which one is late and up to which one has left early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub late_after: i64,
    pub early_before: i64,
}

/// What reading a code at `minute` of the day makes of what is known; nothing when it says nothing new. The first
/// sign-in and the last sign-out count. Who signs was there: it beats leave and absence.
#[must_use]
pub fn read(known: Option<Known>, way: Way, minute: i64, limits: Limits) -> Option<Known> {
    let old = known.unwrap_or(Known { state: State::Absent, sign_in: None, sign_out: None });
    let mut new = old;
    match way {
        Way::In if old.sign_in.is_some() => return None,
        Way::In => new.sign_in = Some(minute),
        Way::Out => new.sign_out = Some(minute.max(old.sign_in.unwrap_or(minute))),
    }
    let late = match new.sign_in {
        Some(m) => m > limits.late_after,
        // No sign-in: what a trainer put down as late stays so.
        None => old.state == State::Late,
    };
    let early = new.sign_out.is_some_and(|m| m < limits.early_before);
    new.state = match (late, early) {
        (true, _) => State::Late,
        (false, true) => State::LeftEarly,
        (false, false) => State::Present,
    };
    (Some(new) != known).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { late_after: 520, early_before: 680 };

    fn known(state: State, sign_in: Option<i64>, sign_out: Option<i64>) -> Known {
        Known { state, sign_in, sign_out }
    }

    #[test]
    fn a_code_counts_while_it_is_shown_and_once_after() {
        assert_eq!((number(29, 15), number(30, 15), number(-1, 15)), (1, 2, -1));
        assert!(counts(7, 7) && counts(6, 7));
        assert!(!counts(5, 7) && !counts(8, 7));
    }

    #[test]
    fn what_a_code_says() {
        use State::{Absent, Excused, Late, LeftEarly, Present};
        let cases = [
            (None, Way::In, 505, Some(known(Present, Some(505), None))),
            (None, Way::In, 520, Some(known(Present, Some(520), None))),
            (None, Way::In, 521, Some(known(Late, Some(521), None))),
            (None, Way::Out, 690, Some(known(Present, None, Some(690)))),
            // Read twice: nothing new.
            (Some(known(Present, Some(505), None)), Way::In, 530, None),
            (Some(known(Present, Some(505), None)), Way::Out, 690, Some(known(Present, Some(505), Some(690)))),
            (Some(known(Present, Some(505), None)), Way::Out, 679, Some(known(LeftEarly, Some(505), Some(679)))),
            // Came back and left later.
            (Some(known(LeftEarly, Some(505), Some(600))), Way::Out, 690, Some(known(Present, Some(505), Some(690)))),
            (Some(known(Late, Some(530), None)), Way::Out, 600, Some(known(Late, Some(530), Some(600)))),
            (Some(known(Late, None, None)), Way::Out, 690, Some(known(Late, None, Some(690)))),
            (Some(known(Absent, None, None)), Way::In, 505, Some(known(Present, Some(505), None))),
            (Some(known(Excused, None, None)), Way::In, 600, Some(known(Late, Some(600), None))),
            // A clock set back does not put the end before the beginning.
            (Some(known(Present, Some(505), None)), Way::Out, 500, Some(known(LeftEarly, Some(505), Some(505)))),
        ];
        for (old, way, minute, want) in cases {
            assert_eq!(read(old, way, minute, LIMITS), want, "{old:?} {way:?} {minute}");
        }
    }
}
