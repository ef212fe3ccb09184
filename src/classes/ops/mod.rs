//! The use cases of classes, by verb; the only writer of `class`, `class_enrolment`, `class_session` and `attendance`.

mod class;
mod enrol;
mod facts;
mod session;
mod view;

pub(in crate::classes) use super::completion::ops::settle;
pub use class::{ClassInput, add_class, by_code_or_name, change_class, enrol, set_class_state, withdraw};
pub(crate) use class::{class_row, everybody};
pub(in crate::classes) use class::{set_enrolment, set_required_percent};
pub use enrol::{EnrolPerson, Enrolled, NewClass, enrol_many, ensure_classes};
pub use facts::facts;
pub use session::{Line, NewSession, add_session, record_attendance};
pub(crate) use session::{begin, ensure_session, insert, new_row, recorded, session_at, set, update};
pub use view::{
    ClassView, Grid, Mark, Member, SessionView, attendance_of, class as class_view, classes, cohorts, grid, members_of,
    sessions,
};
