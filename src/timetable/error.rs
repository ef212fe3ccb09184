//! What can be wrong with an input, each named with its place. Reasons are typed; whoever shows them words them in the
//! reader's language (the command line does in `cli::timetable::words`). `Display` is for logs and tests.

use std::fmt;

/// Which file of those given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The problem itself (`.exam`, `.crs`, JSON).
    Problem,
    /// Toronto's list of candidates (`.stu`).
    Students,
    /// A plan.
    Plan,
    /// A list of locked exams.
    Locks,
}

/// What a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// An exam (Toronto's courses too).
    Exam,
    /// A period.
    Period,
    /// A room.
    Room,
    /// A site.
    Site,
    /// A candidate.
    Candidate,
    /// A section of a file.
    Section,
    /// A kind of constraint.
    Constraint,
    /// A weighting or criterion.
    Criterion,
    /// A duration.
    Duration,
    /// A penalty or weight.
    Weight,
    /// Seats of a room.
    Capacity,
    /// A number of lines.
    Lines,
    /// A number of candidates.
    Size,
    /// A relation between exams.
    Relation,
    /// A way between two sites.
    Way,
    /// The earlier plan.
    Earlier,
    /// A table over exams and periods.
    ExamsPeriods,
    /// A table over exams and rooms.
    ExamsRooms,
    /// A table over periods, rooms and durations.
    Durations,
    /// Pairs of exams of the same candidate.
    Pairs,
    /// Days from the first period to the last.
    Days,
    /// A table over candidates and days.
    CandidatesDays,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes are not UTF-8.
    Encoding,
    /// The JSON reader's own words.
    Json(String),
    /// A file or number that must be given is not.
    Missing(Thing),
    /// A whole number from 0 to 2³² - 1 is expected.
    Number(Thing, String),
    /// Text that is not of the form shown.
    Form(&'static str, String),
    /// There is none at all.
    Empty(Thing),
    /// Not one of the known ones; in what it was named.
    Unknown(Thing, String, Option<(Thing, String)>),
    /// The same again; in what.
    Twice(Thing, String, Option<(Thing, String)>),
    /// More than there may be: number, most.
    TooMany(Thing, u64, u64),
    /// Other than from 1 to so many.
    Count(Thing, u64, u64),
    /// A number that is not below so many: number, how many there are.
    Outside(Thing, u32, usize),
    /// An exam in relation to itself.
    Itself(String),
    /// So many are announced, so many follow.
    Announced(Thing, usize, usize),
    /// A plan has so many lines, the problem so many exams.
    Length(usize, usize),
    /// A locked exam has no place in the plan.
    NoPlace(String),
    /// An exam's size is below its number of candidates.
    Small(String, u32, usize),
    /// A candidate with extra time sits no exam.
    Idle(String),
    /// A period stands after a later one.
    Late(String),
    /// The sum of weights for this does not fit.
    Weights(Thing),
}

/// An input that cannot be used: which file, which line (0 where no line is to blame), and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Bad {
    /// Which file.
    pub source_file: Source,
    /// Line from 1; 0 where the fault is of the whole file.
    pub line: usize,
    /// What is wrong.
    pub fault: Fault,
}

impl Bad {
    /// A fault in a line of a file.
    pub fn at(source_file: Source, line: usize, fault: Fault) -> Self {
        Self { source_file, line, fault }
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} file, line {}: {:?}", self.source_file, self.line, self.fault)
    }
}

/// A name as a message shows it: its first 60 characters.
pub(super) fn short(name: &str) -> String {
    name.chars().take(60).collect()
}
