//! The use cases of assessments; the only writer of their tables.

mod load;
mod mark;
mod plan;
mod publish;
mod result;
mod review;

pub(super) use load::{Book, locked};
pub use load::{Component, Given, published_total};
pub use mark::{Agree, MarkLine, Sheet, SheetRow, Value, agree, enter, sheet};
pub use plan::{AssessmentInput, AssessmentView, ComponentInput, assessment, plan};
pub use publish::publish;
pub use result::{Line, Own, Part, Results, own, results};
pub use review::{ReviewView, answer, ask, reviews};
