//! The kinds of import there are, in the order of the upload page: the order in which a county has the files.

use crate::importing::Kinds;

/// Every kind of import.
#[must_use]
pub fn kinds() -> Kinds {
    Kinds::new(vec![
        // bases
        // roster
        // attendance
        // hours
        // registrations
        // results
        // certificates
    ])
}
