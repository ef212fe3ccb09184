//! Storing lines of a base ledger: campus, base, agreement and supervisor of each.
//!
//! The ledger owns these rows: what it says replaces what was on record; an empty cell says nothing. A supervisor that it
//! no longer names stays (records may hang on them).

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::super::entity::{agreement, base, supervisor};
use super::super::rules::{self, BaseKind};
use super::{Agreement, Base, Supervisor, campuses};
use crate::audit;
use crate::core::{Actor, Result};
use crate::db::Cx;

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerLine {
    pub code: String,
    pub name: String,
    /// `None`: the ledger does not say.
    pub kind: Option<BaseKind>,
    pub town: String,
    pub campus: String,
    pub agreement_number: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub capacity: Option<i64>,
    pub campus_mentor: String,
    pub supervisor: String,
    pub evaluation: String,
}

/// What became of one row of the database.
#[derive(Clone, Debug)]
pub enum Stored {
    Campus { id: i64 },
    Base { id: i64, was: Option<Box<Base>>, version: i64 },
    Agreement { id: i64, was: Option<Box<Agreement>>, version: i64 },
    Supervisor { id: i64 },
}

/// Rows already read, so that a ledger of ten lines does not ask ten times the same.
pub struct Ledger<'a> {
    cx: &'a Cx,
    txn: &'a DatabaseTransaction,
    who: &'a Actor,
    region: String,
    import_id: Option<i64>,
    bases: HashMap<String, Base>,
}

impl<'a> Ledger<'a> {
    /// Reads the bases recorded for `region` (may be empty).
    ///
    /// # Errors
    /// What the database reports.
    pub async fn open(
        txn: &'a DatabaseTransaction,
        cx: &'a Cx,
        who: &'a Actor,
        region: &str,
        import_id: Option<i64>,
    ) -> Result<Self> {
        let rows = base::Entity::find().filter(base::Column::RegionCode.eq(region)).all(txn).await?;
        let bases = rows.into_iter().map(|b| (rules::key(&b.code), b)).collect();
        Ok(Self { cx, txn, who, region: region.to_owned(), import_id, bases })
    }

    /// Stores one line; gives the rows made or changed, in that order. Nothing: all was on record already.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn store(&mut self, line: &LedgerLine) -> Result<Vec<Stored>> {
        let mut done = Vec::new();
        let base = self.base(line, &mut done).await?;
        if !line.campus.is_empty() {
            let (campus, new) = campuses::ensure(self.txn, self.cx, self.who, &line.campus, self.import_id).await?;
            if new {
                done.insert(0, Stored::Campus { id: campus.id });
            }
            self.agreement(line, base.id, campus.id, &mut done).await?;
        }
        if !line.supervisor.is_empty() {
            self.supervisor(line, base.id, &mut done).await?;
        }
        Ok(done)
    }

    async fn base(&mut self, line: &LedgerLine, done: &mut Vec<Stored>) -> Result<Base> {
        let now = self.cx.now();
        let key = rules::key(&line.code);
        let Some(old) = self.bases.get(&key).cloned() else {
            let row = base::ActiveModel {
                id: sea_orm::ActiveValue::NotSet,
                code: Set(line.code.clone()),
                name: Set(line.name.clone()),
                kind: Set(line.kind.unwrap_or(BaseKind::Other).name().to_owned()),
                region_code: Set(self.region.clone()),
                town: Set(line.town.clone()),
                evaluation: Set(line.evaluation.clone()),
                note: Set(String::new()),
                capacity: Set(line.capacity),
                active: Set(true),
                version: Set(1),
                created_at: Set(now),
                updated_at: Set(now),
                created_by: Set(self.who.user_id),
                updated_by: Set(self.who.user_id),
            }
            .insert(self.txn)
            .await?;
            let change = audit::Change::new("create", "base", row.id, 1).after(&row).import(self.import_id);
            audit::record(self.txn, self.cx, self.who, [change]).await?;
            done.push(Stored::Base { id: row.id, was: None, version: 1 });
            self.bases.insert(key, row.clone());
            return Ok(row);
        };
        let mut new = old.clone();
        new.name.clone_from(&line.name);
        said(&mut new.town, &line.town);
        said(&mut new.evaluation, &line.evaluation);
        if let Some(k) = line.kind {
            k.name().clone_into(&mut new.kind);
        }
        new.capacity = line.capacity.or(old.capacity);
        if new == old {
            return Ok(old);
        }
        new.version += 1;
        new.updated_at = now;
        new.updated_by = self.who.user_id;
        let mut row: base::ActiveModel = new.clone().into();
        row = row.reset_all();
        row.update(self.txn).await?;
        let change = audit::Change::new("update", "base", new.id, new.version).before(&old).after(&new);
        audit::record(self.txn, self.cx, self.who, [change.import(self.import_id)]).await?;
        done.push(Stored::Base { id: new.id, was: Some(Box::new(old)), version: new.version });
        self.bases.insert(key, new.clone());
        Ok(new)
    }

    async fn agreement(&self, line: &LedgerLine, base: i64, campus: i64, done: &mut Vec<Stored>) -> Result<()> {
        let now = self.cx.now();
        let old = agreement::Entity::find()
            .filter(agreement::Column::BaseId.eq(base))
            .filter(agreement::Column::CampusId.eq(campus))
            .filter(agreement::Column::Number.eq(line.agreement_number.as_str()))
            .one(self.txn)
            .await?;
        let Some(old) = old else {
            let row = agreement::ActiveModel {
                id: sea_orm::ActiveValue::NotSet,
                campus_id: Set(campus),
                base_id: Set(base),
                number: Set(line.agreement_number.clone()),
                campus_mentor: Set(line.campus_mentor.clone()),
                supervisor_id: Set(None),
                fields: Set(String::new()),
                note: Set(String::new()),
                capacity: Set(None),
                valid_from: Set(line.valid_from),
                valid_to: Set(line.valid_to),
                version: Set(1),
                created_at: Set(now),
                updated_at: Set(now),
                created_by: Set(self.who.user_id),
                updated_by: Set(self.who.user_id),
            }
            .insert(self.txn)
            .await?;
            let change = audit::Change::new("create", "agreement", row.id, 1).after(&row).import(self.import_id);
            audit::record(self.txn, self.cx, self.who, [change]).await?;
            done.push(Stored::Agreement { id: row.id, was: None, version: 1 });
            return Ok(());
        };
        let mut new = old.clone();
        said(&mut new.campus_mentor, &line.campus_mentor);
        new.valid_from = line.valid_from.or(old.valid_from);
        new.valid_to = line.valid_to.or(old.valid_to);
        if new == old {
            return Ok(());
        }
        new.version += 1;
        new.updated_at = now;
        new.updated_by = self.who.user_id;
        let row: agreement::ActiveModel = new.clone().into();
        row.reset_all().update(self.txn).await?;
        let change = audit::Change::new("update", "agreement", new.id, new.version).before(&old).after(&new);
        audit::record(self.txn, self.cx, self.who, [change.import(self.import_id)]).await?;
        done.push(Stored::Agreement { id: new.id, was: Some(Box::new(old)), version: new.version });
        Ok(())
    }

    async fn supervisor(&self, line: &LedgerLine, base: i64, done: &mut Vec<Stored>) -> Result<()> {
        let known: Vec<Supervisor> =
            supervisor::Entity::find().filter(supervisor::Column::BaseId.eq(base)).all(self.txn).await?;
        let key = rules::key(&line.supervisor);
        if known.iter().any(|s| rules::key(&s.name) == key) {
            return Ok(());
        }
        let now = self.cx.now();
        let row = supervisor::ActiveModel {
            id: sea_orm::ActiveValue::NotSet,
            base_id: Set(base),
            name: Set(line.supervisor.clone()),
            phone: Set(String::new()),
            user_id: Set(None),
            active: Set(true),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            created_by: Set(self.who.user_id),
            updated_by: Set(self.who.user_id),
        }
        .insert(self.txn)
        .await?;
        let change = audit::Change::new("create", "supervisor", row.id, 1).after(&row).import(self.import_id);
        audit::record(self.txn, self.cx, self.who, [change]).await?;
        done.push(Stored::Supervisor { id: row.id });
        Ok(())
    }
}

/// An empty cell says nothing.
fn said(field: &mut String, word: &str) {
    if !word.is_empty() {
        word.clone_into(field);
    }
}
