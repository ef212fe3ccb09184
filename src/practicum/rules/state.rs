//! Where an entry stands, and which steps its state may take.

/// Where an entry stands. Only [`State::Confirmed`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Draft,
    Submitted,
    /// The base stands by it; the campus mentor's word is still wanted (where the programme's rules ask for it).
    Endorsed,
    Confirmed,
    Returned,
    /// Was confirmed and counted until a later version of it was confirmed.
    Superseded,
}

impl State {
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Submitted, Self::Endorsed, Self::Confirmed, Self::Returned, Self::Superseded];

    /// The name in the table and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Endorsed => "endorsed",
            Self::Confirmed => "confirmed",
            Self::Returned => "returned",
            Self::Superseded => "superseded",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Whether the entry claims its time, so that another may not overlap it. A draft claims nothing yet, a returned one
    /// nothing any more.
    #[must_use]
    pub fn claims(self) -> bool {
        matches!(self, Self::Submitted | Self::Endorsed | Self::Confirmed)
    }
}

/// What can be done to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The intern changes it without handing it in.
    Save,
    /// The intern hands it in, or hands it in again.
    Submit,
    /// The intern takes it back.
    Withdraw,
    /// The intern throws a draft away.
    Discard,
    /// The supervisor stands by it, and that is enough.
    Confirm,
    /// The supervisor stands by it, and the campus mentor is asked as well.
    Endorse,
    /// The campus mentor stands by it too.
    SignOff,
    /// It goes back with a reason; also a confirmed one that proved wrong.
    Return,
    /// A later version of it was confirmed: whatever became of it since, it counts no more.
    Supersede,
}

/// The state after a step; `None` where the step is not allowed. A confirmed entry is never changed: it is returned, or
/// a later version takes its place. (A discarded draft keeps its state to the end.)
#[must_use]
pub fn next(state: State, step: Step) -> Option<State> {
    use State::{Confirmed, Draft, Endorsed, Returned, Submitted, Superseded};
    match (state, step) {
        (Draft | Returned, Step::Save) => Some(state),
        (Draft | Submitted | Returned, Step::Submit) => Some(Submitted),
        (Submitted | Returned, Step::Withdraw) => Some(Draft),
        (Draft, Step::Discard) => Some(Draft),
        (Submitted, Step::Confirm) | (Endorsed, Step::SignOff) => Some(Confirmed),
        (Submitted, Step::Endorse) => Some(Endorsed),
        (Submitted | Endorsed | Confirmed, Step::Return) => Some(Returned),
        (Draft | Submitted | Endorsed | Confirmed | Returned, Step::Supersede) => Some(Superseded),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_every_step() {
        use State::{Confirmed, Draft, Endorsed, Returned, Submitted, Superseded};
        let allowed = [
            (Draft, Step::Save, Draft),
            (Returned, Step::Save, Returned),
            (Draft, Step::Submit, Submitted),
            (Submitted, Step::Submit, Submitted),
            (Returned, Step::Submit, Submitted),
            (Submitted, Step::Withdraw, Draft),
            (Returned, Step::Withdraw, Draft),
            (Draft, Step::Discard, Draft),
            (Submitted, Step::Confirm, Confirmed),
            (Submitted, Step::Endorse, Endorsed),
            (Endorsed, Step::SignOff, Confirmed),
            (Submitted, Step::Return, Returned),
            (Endorsed, Step::Return, Returned),
            (Confirmed, Step::Return, Returned),
            (Draft, Step::Supersede, Superseded),
            (Submitted, Step::Supersede, Superseded),
            (Endorsed, Step::Supersede, Superseded),
            (Confirmed, Step::Supersede, Superseded),
            (Returned, Step::Supersede, Superseded),
        ];
        use Step::{Confirm, Discard, Endorse, Return, Save, SignOff, Submit, Supersede, Withdraw};
        for state in State::ALL {
            for step in [Save, Submit, Withdraw, Discard, Confirm, Endorse, SignOff, Return, Supersede] {
                let want = allowed.iter().find(|(s, t, _)| *s == state && *t == step).map(|a| a.2);
                assert_eq!(next(state, step), want, "{state:?} {step:?}");
            }
            assert_eq!(State::parse(state.name()), Some(state));
        }
    }
}
