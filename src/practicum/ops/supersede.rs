//! What happens to an entry when its change is confirmed.

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value};

use super::super::entity::hour_entry;
use super::super::rules::{self, State, Step};
use crate::audit;
use crate::core::{Actor, Result};
use crate::db::{self, Cx};

/// Entries whose changed version was confirmed count no more.
pub(super) async fn supersede(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    ids: &[i64],
) -> Result<Vec<audit::Change>> {
    let mut changes = Vec::new();
    for chunk in ids.chunks(db::CHUNK) {
        let rows =
            hour_entry::Entity::find().filter(hour_entry::Column::Id.is_in(chunk.iter().copied())).all(txn).await?;
        let mut gone: Vec<Value> = Vec::with_capacity(rows.len());
        for old in rows {
            let Some(state) = State::parse(&old.state).and_then(|s| rules::next(s, Step::Supersede)) else {
                continue;
            };
            let mut new = old.clone();
            state.name().clone_into(&mut new.state);
            new.version += 1;
            new.updated_at = cx.now();
            new.updated_by = who.user_id;
            gone.push(new.id.into());
            changes.push(audit::Change::new("supersede", "hour_entry", new.id, new.version).before(&old).after(&new));
        }
        if gone.is_empty() {
            continue;
        }
        // The people of these entries are locked, so nobody changed them since they were read.
        let sql = format!(
            "UPDATE hour_entry SET state = ?, version = version + 1, updated_at = ?, updated_by = ? WHERE id IN ({})",
            db::places(gone.len())
        );
        let first: [Value; 3] = [State::Superseded.name().into(), cx.now().into(), who.user_id.into()];
        db::run(txn, &sql, first.into_iter().chain(gone)).await?;
    }
    Ok(changes)
}
