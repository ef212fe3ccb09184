//! The kinds of import there are, in the order of the upload page: the order in which a county has the files.

use crate::certificates;
use crate::importing::Kinds;

/// Every kind of import.
#[must_use]
pub fn kinds() -> Kinds {
    Kinds::new(vec![
        Box::new(crate::directory::import::Bases),
        Box::new(crate::organisations::import::Organisations),
        Box::new(crate::stations::import::Stations),
        Box::new(crate::employments::import::Staff),
        Box::new(crate::projects::import::Projects),
        Box::new(crate::services::import::Services),
        Box::new(crate::rosters::import::Roster),
        Box::new(crate::classes::import::Attendance),
        Box::new(crate::assessments::import::Marks),
        Box::new(crate::practicum::import::Hours),
        Box::new(crate::exams::import::Registrations),
        Box::new(crate::exams::import::Results),
        Box::new(certificates::import::Certificates),
    ])
}
