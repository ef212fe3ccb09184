//! The parts of a person's timeline: a line a feature that knows of people.

use crate::people::timeline::{Provider, Providers};
use crate::{certificates, cohorts, people};

/// Every part, in the order of imports.
#[must_use]
pub fn providers() -> Providers {
    let all: Vec<Provider> = vec![
        people::ops::timeline,
        crate::employments::ops::timeline,
        cohorts::ops::timeline,
        certificates::ops::timeline,
        crate::practicum::timeline,
        crate::classes::timeline,
        crate::classes::completion::timeline,
        crate::assessments::timeline,
        crate::honours::timeline,
        crate::formations::timeline,
        crate::exams::ops::timeline,
    ];
    Providers::new(all)
}
