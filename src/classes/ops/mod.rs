//! The use cases of classes, by verb; the only writer of `class`, `class_enrolment`, `class_session` and `attendance`.

mod class;
mod enrol;
mod facts;
mod session;
mod view;

pub use class::{ClassInput, add_class, by_code_or_name, change_class, enrol, set_class_state, withdraw};
pub use enrol::{EnrolPerson, Enrolled, NewClass, REQUIRED_PERCENT, enrol_many, ensure_classes};
pub use facts::facts;
pub use session::{Line, NewSession, add_session, record_attendance};
pub(crate) use session::{begin, ensure_session, insert, new_row, recorded, session_at, set, settle, update};
pub use view::{
    ClassView, Grid, Mark, Member, SessionView, attendance_of, class as class_view, classes, cohorts, grid, members_of,
    sessions,
};
