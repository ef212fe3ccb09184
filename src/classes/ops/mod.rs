//! The use cases of classes, by verb; the only writer of `class`, `class_enrolment`, `class_session` and `attendance`.

mod enrol;
mod facts;

pub use enrol::{EnrolPerson, Enrolled, NewClass, enrol_many, ensure_classes, undo_classes, undo_enrolments};
pub use facts::facts;
