//! States of a mail and what follows from an attempt. Pure.

use chrono::TimeDelta;

/// Attempts that the server answered "later" until a mail is given up.
pub const MAX_ATTEMPTS: i64 = 9;

/// See the table in [`super`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Planned,
    Due,
    Sending,
    Sent,
    Retry,
    Failed,
    Cancelled,
    Missed,
    NoAddress,
}

impl State {
    pub const ALL: [Self; 9] = [
        Self::Planned,
        Self::Due,
        Self::Sending,
        Self::Sent,
        Self::Retry,
        Self::Failed,
        Self::Cancelled,
        Self::Missed,
        Self::NoAddress,
    ];

    /// The name in table, API and URL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Due => "due",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Retry => "retry",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Missed => "missed",
            Self::NoAddress => "no_address",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Still to be sent, so it can be called off. Not while a process is sending it.
    #[must_use]
    pub fn can_cancel(self) -> bool {
        matches!(self, Self::Planned | Self::Due | Self::Retry)
    }

    /// At an end, so it can be sent (again) by hand.
    #[must_use]
    pub fn can_resend(self) -> bool {
        matches!(self, Self::Sent | Self::Failed | Self::Cancelled | Self::Missed | Self::NoAddress)
    }
}

/// How an attempt went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    /// A fault that may pass: the server said 4xx, or the connection broke on this mail.
    Again(String),
    /// The server refused this mail or its address for good, or it cannot be written.
    Never(String),
    /// The server itself could not be reached or refused to talk: no fault of the mail, so no attempt of it.
    Unreached(String),
}

/// What becomes of a mail that was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub state: State,
    pub attempts: i64,
    /// How long until the next attempt, for `Retry`.
    pub wait: TimeDelta,
}

/// The state after an attempt; `attempts` counts those before it.
#[must_use]
pub fn after(outcome: &Outcome, attempts: i64) -> Verdict {
    match outcome {
        Outcome::Sent => Verdict { state: State::Sent, attempts: attempts + 1, wait: TimeDelta::zero() },
        Outcome::Never(_) => Verdict { state: State::Failed, attempts: attempts + 1, wait: TimeDelta::zero() },
        Outcome::Again(_) if attempts + 1 >= MAX_ATTEMPTS => {
            Verdict { state: State::Failed, attempts: attempts + 1, wait: TimeDelta::zero() }
        }
        Outcome::Again(_) => Verdict { state: State::Retry, attempts: attempts + 1, wait: pause(attempts + 1) },
        Outcome::Unreached(_) => Verdict { state: State::Retry, attempts, wait: TimeDelta::minutes(1) },
    }
}

/// 1 min, 5 min (greylisting ends by then), 15 min, 1 h, 3 h, 6 h, then half-days.
fn pause(attempts: i64) -> TimeDelta {
    TimeDelta::minutes(match attempts {
        ..=1 => 1,
        2 => 5,
        3 => 15,
        4 => 60,
        5 => 180,
        6 => 360,
        _ => 720,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_is_tried_again_and_no_is_final() {
        let s = String::new;
        let of = |o: Outcome, n: i64| {
            let v = after(&o, n);
            (v.state, v.attempts, v.wait.num_minutes())
        };
        for (outcome, before, want) in [
            (Outcome::Sent, 0, (State::Sent, 1, 0)),
            (Outcome::Sent, 3, (State::Sent, 4, 0)),
            (Outcome::Never(s()), 0, (State::Failed, 1, 0)),
            (Outcome::Again(s()), 0, (State::Retry, 1, 1)),
            (Outcome::Again(s()), 1, (State::Retry, 2, 5)),
            (Outcome::Again(s()), 7, (State::Retry, 8, 720)),
            (Outcome::Again(s()), 8, (State::Failed, 9, 0)),
            // A server that is away for days uses up nobody's attempts.
            (Outcome::Unreached(s()), 0, (State::Retry, 0, 1)),
            (Outcome::Unreached(s()), 8, (State::Retry, 8, 1)),
        ] {
            assert_eq!(of(outcome.clone(), before), want, "{outcome:?} after {before}");
        }
    }

    #[test]
    fn a_mail_being_sent_can_neither_be_called_off_nor_sent_again() {
        for s in State::ALL {
            assert_eq!(State::parse(s.name()), Some(s));
            assert_eq!(s.can_cancel() || s.can_resend(), s != State::Sending, "{s:?}");
            assert!(!(s.can_cancel() && s.can_resend()));
        }
    }
}
