//! Attendance: states, what the sign-in sheet says, and when a class is completed. Plain values only.

pub mod clash;
pub mod code;
pub mod series;
pub mod warn;

use chrono::NaiveDate;

/// When on its day a session is held; what the sign-in sheet calls 场次.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    Morning,
    Afternoon,
    Evening,
    Day,
}

impl Slot {
    pub const ALL: [Self; 4] = [Self::Morning, Self::Afternoon, Self::Evening, Self::Day];

    /// The name in the table and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
            Self::Day => "day",
        }
    }

    /// Reads a name, or the sheet's word for it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.trim() {
            "morning" | "上午" | "上" | "早上" | "AM" | "am" => Self::Morning,
            "afternoon" | "下午" | "下" | "PM" | "pm" => Self::Afternoon,
            "evening" | "晚上" | "晚" | "夜间" => Self::Evening,
            "day" | "全天" | "整天" => Self::Day,
            _ => return None,
        })
    }
}

/// Whether a person was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Present,
    Late,
    LeftEarly,
    /// On leave (请假).
    Excused,
    Absent,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Present, Self::Late, Self::LeftEarly, Self::Excused, Self::Absent];

    /// The name in the table and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Late => "late",
            Self::LeftEarly => "left_early",
            Self::Excused => "excused",
            Self::Absent => "absent",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Whether the session's minutes count as attended.
    #[must_use]
    pub fn attended(self) -> bool {
        matches!(self, Self::Present | Self::Late | Self::LeftEarly)
    }
}

/// What a row of the sign-in sheet says: a signature is presence, a note of leave without one is leave, nothing is
/// absence. A signature beats the note (who signed was there).
#[must_use]
pub fn state_of(sign_in: Option<i64>, sign_out: Option<i64>, note: &str) -> State {
    if sign_in.is_some() || sign_out.is_some() {
        if note.contains("迟到") {
            State::Late
        } else if note.contains("早退") {
            State::LeftEarly
        } else {
            State::Present
        }
    } else if note.contains("请假") || note.contains('假') {
        State::Excused
    } else {
        State::Absent
    }
}

/// Signed in but not out.
#[must_use]
pub fn no_sign_out(state: State, sign_in: Option<i64>, sign_out: Option<i64>) -> bool {
    state.attended() && sign_in.is_some() && sign_out.is_none()
}

/// Counts of one session: everybody in exactly one of the four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub present: i64,
    pub no_sign_out: i64,
    pub leave: i64,
    pub absent: i64,
}

impl Counts {
    pub fn add(&mut self, state: State, sign_in: Option<i64>, sign_out: Option<i64>) {
        let which = match state {
            State::Excused => &mut self.leave,
            State::Absent => &mut self.absent,
            _ if no_sign_out(state, sign_in, sign_out) => &mut self.no_sign_out,
            _ => &mut self.present,
        };
        *which += 1;
    }
}

/// Whether somebody who attended `attended` of `held` minutes completes a class that asks for `percent`. A class that
/// held nothing is completed by nobody.
#[must_use]
pub fn completes(attended: i64, held: i64, percent: i64) -> bool {
    held > 0 && attended.saturating_mul(100) >= held.saturating_mul(percent)
}

/// What the title row over a sign-in sheet says of its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetTitle {
    pub held_on: NaiveDate,
    pub slot: Slot,
    pub course: String,
    pub lecturer: String,
    pub minutes: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_of_the_sheet_says() {
        let cases = [
            (Some(502), Some(728), "", State::Present),
            (Some(502), None, "", State::Present),
            (None, Some(728), "", State::Present),
            (Some(560), Some(728), "迟到", State::Late),
            (Some(502), Some(600), "早退", State::LeftEarly),
            (None, None, "请假", State::Excused),
            (None, None, "病假", State::Excused),
            (None, None, "", State::Absent),
            (None, None, "补签", State::Absent),
            (Some(502), Some(728), "请假", State::Present),
        ];
        for (i, o, note, want) in cases {
            assert_eq!(state_of(i, o, note), want, "{i:?} {o:?} {note}");
        }
    }

    #[test]
    fn everybody_is_counted_once() {
        let mut c = Counts::default();
        c.add(State::Present, Some(1), Some(2));
        c.add(State::Present, Some(1), None);
        c.add(State::Present, None, None);
        c.add(State::Late, Some(1), Some(2));
        c.add(State::Excused, None, None);
        c.add(State::Absent, None, None);
        assert_eq!(c, Counts { present: 3, no_sign_out: 1, leave: 1, absent: 1 });
    }

    #[test]
    fn completion_is_a_share_of_the_minutes_held() {
        for (attended, held, percent, want) in [
            (1440, 1440, 100, true),
            (1152, 1440, 80, true),
            (1151, 1440, 80, false),
            (0, 0, 0, false),
            (0, 240, 0, true),
        ] {
            assert_eq!(completes(attended, held, percent), want, "{attended}/{held} at {percent} %");
        }
    }

    #[test]
    fn names_are_read_back() {
        for s in Slot::ALL {
            assert_eq!(Slot::parse(s.name()), Some(s));
        }
        for s in State::ALL {
            assert_eq!(State::parse(s.name()), Some(s));
        }
        assert_eq!(Slot::parse(" 下午 "), Some(Slot::Afternoon));
        assert_eq!(Slot::parse("午"), None);
    }
}
