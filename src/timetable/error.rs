//! What can be wrong with an input, each named with its place.

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

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Problem => "problem",
            Self::Students => "students",
            Self::Plan => "plan",
            Self::Locks => "locks",
        })
    }
}

/// An input that cannot be used: which file, which line (0 where no line is to blame), and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Bad {
    /// Which file.
    pub source_file: Source,
    /// Line from 1; 0 where the fault is of the whole file.
    pub line: usize,
    /// What is wrong and what is expected.
    pub what: String,
}

impl Bad {
    /// A fault in a line of a file.
    pub fn at(source_file: Source, line: usize, what: impl Into<String>) -> Self {
        Self { source_file, line, what: what.into() }
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{} file: {}", self.source_file, self.what),
            n => write!(f, "{} file, line {n}: {}", self.source_file, self.what),
        }
    }
}
