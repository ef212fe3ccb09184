//! Two interns who change places before they have begun.

use sea_orm::ActiveValue::NotSet;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

use super::super::entity::placement;
use super::place::{find, no_room};
use super::room::{Room, Want};
use super::{apart, facts};
use crate::audit;
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::people::entity::person;
use crate::people::scope;
use crate::pipeline;

/// Lets the persons of two placements change bases, each with the base's supervisor, in the caller's transaction.
///
/// # Errors
/// Not found for one that is not the actor's; not both active; the same base; hours or notes on one of them; no agreement or
/// no room; a placement of theirs there already.
pub async fn swap_bases(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    one: i64,
    other: i64,
    reason: &str,
) -> Result<()> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let seen = [find(txn, who, one).await?, find(txn, who, other).await?];
    let mut room = Room::load(txn, &seen.each_ref().map(|p| p.base_id)).await?;
    let people = seen.each_ref().map(|p| p.person_id);
    let open = pipeline::open(txn, &people).await?;
    // Read again: only now nobody else changes them.
    let [a, b] = [find(txn, who, one).await?, find(txn, who, other).await?];
    if a.state != "active" || b.state != "active" {
        return Err(Error::conflict("practicum-swap-not-active"));
    }
    if a.base_id == b.base_id || [a.base_id, b.base_id] != seen.each_ref().map(|p| p.base_id) {
        return Err(Error::conflict("practicum-swap-same-base"));
    }
    let sql = "SELECT (SELECT COUNT(*) FROM hour_entry WHERE placement_id IN (?, ?)) \
               + (SELECT COUNT(*) FROM supervision_note WHERE placement_id IN (?, ?))";
    let begun = db::int(txn, sql, [one.into(), other.into(), one.into(), other.into()]).await?.unwrap_or(0);
    if begun > 0 {
        return Err(Error::conflict("practicum-swap-begun"));
    }
    room.leave(a.id);
    room.leave(b.id);
    let mut changes = Vec::new();
    for (mine, theirs) in [(&a, &b), (&b, &a)] {
        let person = person::Entity::find_by_id(mine.person_id).one(txn).await?;
        let campus_id = person.as_ref().and_then(|p| p.campus_id);
        let span = (mine.starts_on, mine.ends_on);
        let want = Want { person_id: Some(mine.person_id), campus_id, base_id: theirs.base_id, span, own: None };
        room.check(&want, true).map_err(no_room)?;
        room.take(&want);
        let others = placement::Entity::find()
            .filter(placement::Column::PersonId.eq(mine.person_id))
            .filter(placement::Column::Id.ne(mine.id))
            .all(txn)
            .await?;
        if others.iter().any(|o| (o.base_id, o.starts_on) == (theirs.base_id, mine.starts_on)) {
            let name = person.map(|p| p.name).unwrap_or_default();
            return Err(Error::Conflict(Msg::new("practicum-swap-there").with("name", name)));
        }
        apart(cx, &mine.programme, span, &others)?;
        let mut new = mine.clone();
        (new.base_id, new.supervisor_id) = (theirs.base_id, theirs.supervisor_id);
        (new.version, new.updated_at, new.updated_by) = (mine.version + 1, cx.now(), who.user_id);
        let mut active = new.clone().into_active_model().reset_all();
        active.id = NotSet;
        let done = placement::Entity::update_many()
            .set(active)
            .filter(placement::Column::Id.eq(mine.id))
            .filter(placement::Column::Version.eq(mine.version))
            .exec(txn)
            .await?;
        if done.rows_affected != 1 {
            return Err(Error::conflict("error-changed-meanwhile"));
        }
        let stays = others.iter().any(|o| o.base_id == mine.base_id && o.state != "withdrawn");
        if !stays {
            scope::leave(txn, scope::Kind::Base, mine.base_id, &[mine.person_id]).await?;
        }
        scope::join(txn, scope::Kind::Base, vec![(theirs.base_id, mine.person_id)]).await?;
        changes
            .push(audit::Change::new("swap", "placement", mine.id, new.version).before(mine).after(&new).why(reason));
    }
    audit::record(txn, cx, who, changes).await?;
    open.close(txn, cx, facts(txn, &people).await?).await
}
