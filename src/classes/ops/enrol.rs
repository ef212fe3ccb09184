//! Making classes and putting people into them.

use std::collections::{HashMap, HashSet};

use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

use super::super::entity::{class, class_enrolment};
use crate::audit;
use crate::core::{Actor, Error, Result};
use crate::db::{self, Cx};
use crate::people::scope;

/// A class that a roster names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClass {
    /// Unique over all classes; the roster makes it of the cohort's code and the class's name.
    pub code: String,
    pub name: String,
    pub cohort_id: Option<i64>,
    pub region_code: String,
}

/// Makes the classes that are not there yet, in the caller's transaction. The answers (id, made now) stand in the order of
/// `list`; a class is the same when its code is.
///
/// # Errors
/// What the database reports.
pub async fn ensure_classes(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    import_id: Option<i64>,
    list: &[NewClass],
) -> Result<Vec<(i64, bool)>> {
    let codes: Vec<&str> = list.iter().map(|c| c.code.as_str()).collect::<HashSet<_>>().into_iter().collect();
    let mut known: HashMap<String, i64> = HashMap::new();
    for chunk in codes.chunks(db::CHUNK) {
        let rows = class::Entity::find().filter(class::Column::Code.is_in(chunk.iter().copied())).all(txn).await?;
        known.extend(rows.into_iter().map(|r| (r.code, r.id)));
    }
    let now = cx.now();
    let required_percent = super::super::completion::config::of(cx)?.completion.attendance_percent.value;
    let mut changes = Vec::new();
    let mut out = Vec::with_capacity(list.len());
    for c in list {
        if let Some(id) = known.get(&c.code) {
            out.push((*id, false));
            continue;
        }
        let row = class::Model {
            id: 0,
            code: c.code.clone(),
            name: c.name.clone(),
            region_code: c.region_code.clone(),
            note: String::new(),
            cohort_id: c.cohort_id,
            capacity: None,
            required_percent,
            fee_note: String::new(),
            materials: String::new(),
            join_key: String::new(),
            starts_on: None,
            ends_on: None,
            state: "planned".to_owned(),
            version: 1,
            created_at: now,
            updated_at: now,
            created_by: who.user_id,
            updated_by: who.user_id,
        };
        let mut active = row.into_active_model().reset_all();
        active.id = sea_orm::ActiveValue::NotSet;
        let made = active.insert(txn).await?;
        changes.push(audit::Change::new("create", "class", made.id, 1).after(&made).import(import_id));
        known.insert(c.code.clone(), made.id);
        out.push((made.id, true));
    }
    audit::record(txn, cx, who, changes).await?;
    Ok(out)
}

/// One person for one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EnrolPerson {
    pub class_id: i64,
    pub person_id: i64,
}

/// What became of one [`EnrolPerson`]; the id is the class enrolment's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolled {
    New(i64),
    Same(i64),
}

impl Enrolled {
    #[must_use]
    pub fn id(self) -> i64 {
        match self {
            Self::New(id) | Self::Same(id) => id,
        }
    }
}

/// Puts many people into classes in the caller's transaction, with scope rows and audit entries. Who is in the class in
/// any state stays as they are. The caller opens the pipeline before and closes it with [`super::facts()`] after.
///
/// # Errors
/// What the database reports.
pub async fn enrol_many(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    import_id: Option<i64>,
    list: &[EnrolPerson],
) -> Result<Vec<Enrolled>> {
    let people: Vec<i64> = list.iter().map(|e| e.person_id).collect::<HashSet<_>>().into_iter().collect();
    let mut known: HashMap<EnrolPerson, i64> = HashMap::new();
    for chunk in people.chunks(db::CHUNK) {
        let rows = class_enrolment::Entity::find()
            .filter(class_enrolment::Column::PersonId.is_in(chunk.iter().copied()))
            .all(txn)
            .await?;
        known.extend(rows.into_iter().map(|r| (EnrolPerson { class_id: r.class_id, person_id: r.person_id }, r.id)));
    }
    let now = cx.now();
    let mut seen = HashSet::new();
    let fresh: Vec<&EnrolPerson> = list.iter().filter(|e| !known.contains_key(e) && seen.insert(**e)).collect();
    let mut changes = Vec::new();
    let mut new_ids = HashSet::new();
    for chunk in fresh.chunks(400) {
        let rows = chunk.iter().map(|e| {
            let row = class_enrolment::Model {
                id: 0,
                class_id: e.class_id,
                person_id: e.person_id,
                state: "active".to_owned(),
                version: 1,
                created_at: now,
                updated_at: now,
                created_by: who.user_id,
                updated_by: who.user_id,
            };
            let mut active = row.into_active_model().reset_all();
            active.id = sea_orm::ActiveValue::NotSet;
            active
        });
        for made in class_enrolment::Entity::insert_many(rows).exec_with_returning(txn).await? {
            changes.push(audit::Change::new("create", "class_enrolment", made.id, 1).after(&made).import(import_id));
            new_ids.insert(made.id);
            known.insert(EnrolPerson { class_id: made.class_id, person_id: made.person_id }, made.id);
        }
    }
    audit::record(txn, cx, who, changes).await?;
    let at: Vec<(i64, i64)> = fresh.iter().map(|e| (e.class_id, e.person_id)).collect();
    scope::join(txn, scope::Kind::Class, at).await?;
    list.iter()
        .map(|e| {
            let id = known.get(e).copied().ok_or_else(|| Error::internal("class enrolment not written"))?;
            Ok(if new_ids.remove(&id) { Enrolled::New(id) } else { Enrolled::Same(id) })
        })
        .collect()
}
