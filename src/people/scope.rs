//! Row scope: which people an actor sees, said once for every finder of the program.
//!
//! An administrator and an observer see a region and all below it (all, without a region); a trainer sees the people of
//! their cohorts and classes; a supervisor those placed at their bases; an intern themselves. `person_scope` holds who
//! belongs where; cohorts, practicum and classes write it here, in their own transaction.

use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Select, Value};

use super::entity::{person, person_scope};
use crate::core::{Actor, Result, Role};
use crate::db;

/// What a person can belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Cohort,
    Class,
    Base,
}

impl Kind {
    /// The value of `person_scope.kind`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cohort => "cohort",
            Self::Class => "class",
            Self::Base => "base",
        }
    }
}

/// People the actor sees: the way every query for people starts.
#[must_use]
pub fn visible_to(who: &Actor) -> Select<person::Entity> {
    person::Entity::find().filter(condition(who))
}

/// The same as a condition on `person`.
#[must_use]
pub fn condition(who: &Actor) -> Condition {
    match who.role {
        Role::Administrator | Role::Observer => {
            if who.scope.regions.is_empty() {
                return Condition::all();
            }
            who.scope.regions.iter().fold(Condition::any(), |c, code| {
                let (from, to) = db::prefix_range(code);
                c.add(Condition::all().add(person::Column::RegionCode.gte(from)).add(person::Column::RegionCode.lt(to)))
            })
        }
        Role::Trainer => member(&[(Kind::Cohort, &who.scope.cohorts), (Kind::Class, &who.scope.classes)]),
        Role::Supervisor => member(&[(Kind::Base, &who.scope.bases)]),
        Role::Intern => Condition::all().add(person::Column::Id.eq(who.person_id.unwrap_or(0))),
    }
}

fn member(of: &[(Kind, &Vec<i64>)]) -> Condition {
    let mut any = Condition::any();
    let mut some = false;
    for (kind, ids) in of.iter().filter(|(_, ids)| !ids.is_empty()) {
        some = true;
        any = any.add(
            Condition::all()
                .add(Expr::col((person_scope::Entity, person_scope::Column::Kind)).eq(kind.name()))
                .add(Expr::col((person_scope::Entity, person_scope::Column::TargetId)).is_in(ids.iter().copied())),
        );
    }
    if !some {
        return nobody();
    }
    let own: SelectStatement = Query::select()
        .column((person_scope::Entity, person_scope::Column::PersonId))
        .from(person_scope::Entity)
        .cond_where(any)
        .to_owned();
    Condition::all().add(person::Column::Id.in_subquery(own))
}

fn nobody() -> Condition {
    Condition::all().add(Expr::val(1).eq(0))
}

/// The same as a piece of SQL for a query in which `person` goes by the alias `p`: the text (to stand after AND) and its
/// values.
#[must_use]
pub fn sql(who: &Actor) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let mut member = |of: &[(Kind, &Vec<i64>)]| {
        let mut any = Vec::new();
        for (kind, ids) in of.iter().filter(|(_, ids)| !ids.is_empty()) {
            any.push(format!("(s.kind = ? AND s.target_id IN ({}))", db::places(ids.len())));
            values.push(kind.name().into());
            values.extend(ids.iter().map(|i| Value::from(*i)));
        }
        if any.is_empty() {
            return "1 = 0".to_owned();
        }
        format!("p.id IN (SELECT s.person_id FROM person_scope s WHERE {})", any.join(" OR "))
    };
    let text = match who.role {
        Role::Administrator | Role::Observer if who.scope.regions.is_empty() => "1 = 1".to_owned(),
        Role::Administrator | Role::Observer => {
            let mut any = Vec::new();
            for code in &who.scope.regions {
                let (from, to) = db::prefix_range(code);
                any.push("(p.region_code >= ? AND p.region_code < ?)");
                values.extend([Value::from(from), Value::from(to)]);
            }
            format!("({})", any.join(" OR "))
        }
        Role::Trainer => member(&[(Kind::Cohort, &who.scope.cohorts), (Kind::Class, &who.scope.classes)]),
        Role::Supervisor => member(&[(Kind::Base, &who.scope.bases)]),
        Role::Intern => {
            values.push(who.person_id.unwrap_or(0).into());
            "p.id = ?".to_owned()
        }
    };
    (text, values)
}

/// Notes that people belong to a cohort, class or base, as (its id, person id); those who already do stay.
///
/// # Errors
/// What the database reports.
pub fn join<'a>(
    txn: &'a DatabaseTransaction,
    kind: Kind,
    members: impl IntoIterator<Item = (i64, i64)>,
) -> BoxFuture<'a, Result<()>> {
    // Boxed, and the iterator used up first, so that callers' closures do not live in the future.
    let rows: Vec<Vec<Value>> =
        members.into_iter().map(|(target, person)| vec![kind.name().into(), target.into(), person.into()]).collect();
    Box::pin(async move {
        let keep = "ON CONFLICT (kind, target_id, person_id) DO NOTHING";
        db::insert_rows(txn, "person_scope", &["kind", "target_id", "person_id"], rows, keep).await?;
        Ok(())
    })
}

/// Ends the belonging of people to one cohort, class or base.
///
/// # Errors
/// What the database reports.
pub async fn leave(txn: &DatabaseTransaction, kind: Kind, target_id: i64, people: &[i64]) -> Result<()> {
    for chunk in people.chunks(db::CHUNK) {
        person_scope::Entity::delete_many()
            .filter(person_scope::Column::Kind.eq(kind.name()))
            .filter(person_scope::Column::TargetId.eq(target_id))
            .filter(person_scope::Column::PersonId.is_in(chunk.iter().copied()))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// The ids of one kind that a person belongs to.
///
/// # Errors
/// What the database reports.
pub async fn targets(db: &impl ConnectionTrait, kind: Kind, person_id: i64) -> Result<Vec<i64>> {
    let rows = person_scope::Entity::find()
        .filter(person_scope::Column::PersonId.eq(person_id))
        .filter(person_scope::Column::Kind.eq(kind.name()))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|r| r.target_id).collect())
}
