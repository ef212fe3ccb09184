//! Publication: from then on people see their results and a mark changes only with a reason.

use super::super::entity::assessment;
use super::load::{Book, locked};
use super::plan::ROLES;
use crate::audit;
use crate::classes::ops as classes;
use crate::core::{Actor, Error, Msg, Result};
use crate::db::Cx;
use crate::pipeline;
use crate::records;

/// Publishes the results of a class: every mark must be in and settled. A person who did not sit is marked absent.
///
/// # Errors
/// Forbidden; not found; marks that are missing or apart, with how many; published already; changed meanwhile.
pub async fn publish(cx: &Cx, who: &Actor, class_id: i64, version: i64) -> Result<()> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    classes::class_row(&txn, who, class_id).await?;
    let people = classes::everybody(&txn, class_id).await?;
    let open = pipeline::open(&txn, &people).await?;
    let old = locked(&txn, class_id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if old.state == "published" {
        return Err(Error::conflict("assessment-published-already"));
    }
    let book = Book::of(&txn, cx, old.clone()).await?;
    if book.members.is_empty() {
        return Err(Error::conflict("assessment-nobody"));
    }
    let missing = book.members.iter().filter(|m| book.standing(m.enrolment_id, m.person_id).is_none()).count();
    if missing > 0 {
        return Err(Error::Conflict(Msg::new("assessment-marks-missing").with("n", missing)));
    }
    let new = assessment::Model {
        state: "published".to_owned(),
        published_at: Some(cx.now()),
        published_by: who.name.clone(),
        ..old.clone()
    };
    let row = records::update(&txn, cx, who, &old, new, audit::Change::new("publish", "assessment", old.id, 0)).await?;
    Book::of(&txn, cx, row).await?.tell(&txn, cx, who).await?;
    open.close(&txn, cx, classes::facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(())
}
