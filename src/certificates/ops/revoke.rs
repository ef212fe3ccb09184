//! Revoking a certificate (false documents found later: order 31 of the ministry, article 10).

use chrono::NaiveDate;

use super::{facts, invalid, list, save};
use crate::audit::{self, Change};
use crate::certificates::entity::Model;
use crate::certificates::rules;
use crate::core::{Actor, Error, Result, Role};
use crate::db::Cx;
use crate::pipeline;
use crate::schemes;

/// When it stops to count, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokeCertificate {
    pub on: NaiveDate,
    pub why: String,
}

/// Revokes a certificate: from that day on it counts for nothing. It stays on record.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`] naming the wrong fields, [`Error::Conflict`] when it is
/// revoked already or was changed meanwhile.
pub async fn revoke(cx: &Cx, who: &Actor, id: i64, version: i64, input: RevokeCertificate) -> Result<Model> {
    who.require(&[Role::Administrator])?;
    let schemes = schemes::of(cx)?;
    let txn = cx.begin().await?;
    let old = list::visible(&txn, who, id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if old.revoked_on.is_some() {
        return Err(Error::conflict("certificates-revoked-already"));
    }
    let faults = rules::revocation(old.approved_on, input.on, &input.why, cx.today());
    if !faults.is_empty() {
        return Err(invalid(faults));
    }
    let before = pipeline::open(&txn, &[old.person_id]).await?;
    let why = input.why.trim();
    let mut new = old.clone();
    new.revoked_on = Some(input.on);
    why.clone_into(&mut new.revoked_why);
    new.updated_at = cx.now();
    new.updated_by = who.user_id;
    let new = save(&txn, &old, new).await?;
    let entry = Change::new("revoke", "certificate", id, new.version).before(&old).after(&new).why(why);
    audit::record(&txn, cx, who, [entry]).await?;
    let changes = facts(&txn, &schemes, &[old.person_id]).await?;
    before.close(&txn, cx, changes).await?;
    txn.commit().await?;
    Ok(new)
}
