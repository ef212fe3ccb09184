//! People who come under other pass lines: their passes hang on the region, and `exams`, further right, derives them anew.

use serde::{Deserialize, Serialize};

use super::Person;
use crate::core::Result;
use crate::db::Cx;
use crate::jobs::queue::{self, NewTask};
use crate::schemes;
use sea_orm::ConnectionTrait;

/// The kind of the task that [`tell`] leaves.
pub const TASK: &str = "person_area";

/// What the task is about: people whose exam facts are to be derived again.
#[derive(Debug, Serialize, Deserialize)]
pub struct Moved {
    pub people: Vec<i64>,
}

/// Whether the two states of a person lie in areas with different pass lines, in any scheme.
///
/// # Errors
/// What is wrong with the scheme files.
pub fn differs(cx: &Cx, old: &Person, new: &Person) -> Result<bool> {
    if old.region_code == new.region_code {
        return Ok(false);
    }
    let area = |s: &schemes::Scheme, region: &str| s.area_of(region).map(|a| a.code.clone());
    Ok(schemes::of(cx)?.all().any(|s| area(s, &old.region_code) != area(s, &new.region_code)))
}

/// Leaves the task, in the transaction of the move.
///
/// # Errors
/// What the database reports.
pub async fn tell(txn: &impl ConnectionTrait, cx: &Cx, people: &[i64]) -> Result<()> {
    for chunk in people.chunks(1000) {
        queue::enqueue(txn, cx, NewTask::new(TASK, &Moved { people: chunk.to_vec() })?).await?;
    }
    Ok(())
}
