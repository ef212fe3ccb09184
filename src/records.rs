//! Rows of registers, the same way for all of them: made, changed and brought in by a file with their audit entries and
//! version, so that no register can forget one of them.
//!
//! A register's model implements [`Record`] (by [`record!`](crate::record)); its `ops` decide, then call [`insert`],
//! [`update`] or, for many at once, [`insert_many`]. [`differing`] tells which columns two states of a row differ in.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, IntoActiveModel, Iterable,
    ModelTrait, QueryFilter, TryIntoModel, Value,
};
use serde::Serialize;

use crate::audit;
use crate::core::{Actor, Error, Result};
use crate::db::Cx;

/// Who made a row and when, who changed it last, and its version.
#[derive(Debug)]
pub struct Stamp<'m> {
    pub version: &'m mut i64,
    pub created_at: &'m mut DateTime<Utc>,
    pub updated_at: &'m mut DateTime<Utc>,
    pub created_by: &'m mut Option<i64>,
    pub updated_by: &'m mut Option<i64>,
}

/// A row of a register.
pub trait Record: ModelTrait + Serialize + Clone + PartialEq + Send + Sync + 'static {
    const TABLE: &'static str;
    fn id(&self) -> i64;
    fn version(&self) -> i64;
    fn stamp(&mut self) -> Stamp<'_>;
    /// What tells the rows of one import apart.
    fn key(&self) -> String;
}

/// Implements [`Record`] for a model with the usual columns.
#[macro_export]
macro_rules! record {
    ($model:ty, $table:literal, |$m:ident| $key:expr) => {
        impl $crate::records::Record for $model {
            const TABLE: &'static str = $table;

            fn id(&self) -> i64 {
                self.id
            }

            fn version(&self) -> i64 {
                self.version
            }

            fn stamp(&mut self) -> $crate::records::Stamp<'_> {
                $crate::records::Stamp {
                    version: &mut self.version,
                    created_at: &mut self.created_at,
                    updated_at: &mut self.updated_at,
                    created_by: &mut self.created_by,
                    updated_by: &mut self.updated_by,
                }
            }

            fn key(&self) -> String {
                let $m = self;
                $key
            }
        }
    };
}

fn made<M: Record>(cx: &Cx, who: &Actor, mut row: M) -> M {
    let now = cx.now();
    let s = row.stamp();
    (*s.version, *s.created_at, *s.updated_at) = (1, now, now);
    (*s.created_by, *s.updated_by) = (who.user_id, who.user_id);
    row
}

fn without_id<M, A>(row: M) -> A
where
    M: Record + IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    let mut active = row.into_active_model().reset_all();
    for c in <A::Entity as EntityTrait>::PrimaryKey::iter() {
        active.not_set(sea_orm::PrimaryKeyToColumn::into_column(c));
    }
    active
}

/// Makes a row; its id and stamp are given here.
///
/// # Errors
/// [`Error::Conflict`] when a unique value is taken, or what the database reports.
pub async fn insert<M, A>(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, row: M) -> Result<M>
where
    M: Record + IntoActiveModel<A>,
    A: ActiveModelTrait + Send,
    A::Entity: EntityTrait<Model = M>,
{
    let row =
        <A::Entity as EntityTrait>::insert(without_id::<M, A>(made(cx, who, row))).exec_with_returning(txn).await?;
    audit::record(txn, cx, who, [audit::Change::new("create", M::TABLE, row.id(), 1).after(&row)]).await?;
    Ok(row)
}

/// Rows of one INSERT.
const ROWS: usize = 300;

/// Makes many rows; they come back in the order given.
///
/// # Errors
/// As [`insert`].
pub async fn insert_many<M, A>(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    rows: Vec<M>,
    import: Option<i64>,
) -> Result<Vec<M>>
where
    M: Record + IntoActiveModel<A>,
    A: ActiveModelTrait + Send,
    A::Entity: EntityTrait<Model = M>,
{
    let mut out = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(ROWS) {
        let active: Vec<A> = chunk.iter().map(|r| without_id(made(cx, who, r.clone()))).collect();
        let stored = <A::Entity as EntityTrait>::insert_many(active).exec_with_returning(txn).await?;
        let log: Vec<_> =
            stored.iter().map(|r| audit::Change::new("create", M::TABLE, r.id(), 1).after(r).import(import)).collect();
        audit::record(txn, cx, who, log).await?;
        // The order of RETURNING is not promised.
        let mut by_key: HashMap<String, M> = stored.into_iter().map(|r| (r.key(), r)).collect();
        for row in chunk {
            let missing = || Error::internal(format!("{}: two rows of one key in one import", M::TABLE));
            out.push(by_key.remove(&row.key()).ok_or_else(missing)?);
        }
    }
    Ok(out)
}

/// Stores a changed row; a row that says nothing new stays as it is. `why` may be empty.
///
/// # Errors
/// [`Error::Conflict`] when it was changed meanwhile or a unique value is taken.
pub async fn update<M, A>(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &M,
    mut new: M,
    change: audit::Change,
) -> Result<M>
where
    M: Record + IntoActiveModel<A>,
    A: ActiveModelTrait + Send,
    A::Entity: EntityTrait<Model = M>,
{
    if new == *old {
        return Ok(new);
    }
    let s = new.stamp();
    *s.version = old.version() + 1;
    *s.updated_at = cx.now();
    *s.updated_by = who.user_id;
    let version = <<A::Entity as EntityTrait>::Column as std::str::FromStr>::from_str("version")
        .map_err(|_| Error::internal(format!("{} has no version", M::TABLE)))?;
    let done = <A::Entity as EntityTrait>::update_many()
        .set(without_id::<M, A>(new.clone()))
        .filter(Expr::col("id").eq(old.id()))
        .filter(version.eq(old.version()))
        .exec(txn)
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let entry = audit::Change { entity: M::TABLE, entity_id: old.id(), version: old.version() + 1, ..change };
    audit::record(txn, cx, who, [entry.before(old).after(&new)]).await?;
    Ok(new)
}

/// The columns in which two states of a row differ, with what they held before; the stamp is left out.
#[must_use]
pub fn differing<M, A>(old: &M, new: &M) -> Vec<(String, Value)>
where
    M: Record + IntoActiveModel<A>,
    A: ActiveModelTrait + TryIntoModel<M>,
{
    const STAMP: [&str; 6] = ["id", "version", "created_at", "updated_at", "created_by", "updated_by"];
    let (old, new): (A, A) = (old.clone().into_active_model(), new.clone().into_active_model());
    let held = |m: &A, c| match m.get(c) {
        ActiveValue::Set(v) | ActiveValue::Unchanged(v) => Some(v),
        ActiveValue::NotSet => None,
    };
    <A::Entity as EntityTrait>::Column::iter()
        .filter_map(|c| {
            let name = sea_orm::sea_query::Iden::to_string(&c);
            let (was, is) = (held(&old, c)?, held(&new, c)?);
            (was != is && !STAMP.contains(&name.as_str())).then_some((name, was))
        })
        .collect()
}
