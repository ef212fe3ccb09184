//! The use cases of classes, by verb; the only writer of `class`, `class_enrolment`, `class_session` and `attendance`.

mod agenda;
mod clash;
mod class;
mod code;
mod enrol;
mod facts;
mod history;
mod lecturers;
pub mod request;
mod series;
mod session;
mod view;

pub(in crate::classes) use super::completion::ops::settle;
pub use agenda::{Coming, Undone, coming, unanswered, undone};
pub use clash::{Clash, clashes};
pub use class::{ClassInput, add_class, by_code_or_name, change_class, enrol, set_class_state, withdraw};
pub(crate) use class::{class_row, everybody};
pub(in crate::classes) use class::{set_enrolment, set_required_percent};
pub use code::{Passed, Read, Shown, attend, code, pass, passed};
pub use enrol::{EnrolPerson, Enrolled, NewClass, enrol_many, ensure_classes};
pub use facts::facts;
pub use history::{Corrected, candidates, corrections};
pub use series::{add_series, cancel_session, change_session};
pub use session::{Line, NewSession, add_session, record_attendance};
pub(crate) use session::{begin, ensure_session, insert, new_row, recorded, session_at, set, update};
pub use view::{
    ClassView, Grid, Mark, Member, SessionView, attendance_of, class as class_view, classes, cohorts, grid, members_of,
    sessions,
};
