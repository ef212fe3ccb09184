//! The use cases of certificates, split by verb.

mod facts;
mod list;
mod record;
mod revoke;

pub use facts::facts;
pub use list::{CertificateView, Find, Standing, by_person, get, list, timeline};
pub(super) use record::renew;
pub use record::{CorrectCertificate, RecordCertificate, correct, record};
pub use revoke::{RevokeCertificate, revoke};

use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::entity::{ActiveModel, Column, Entity, Model};
use super::rules::{Dates, Fault, Known};
use crate::core::{Error, FieldError, Msg, Result};

/// The dates of a row.
pub(super) fn dates_of(m: &Model) -> Dates {
    Dates {
        exam_year: m.exam_year,
        approved_on: m.approved_on,
        first_registered_on: m.first_registered_on,
        registered_until: m.registered_until,
    }
}

/// A row as far as another certificate is judged against it.
pub(super) fn known(m: &Model) -> Known {
    Known {
        id: m.id,
        person: m.person_id,
        number: m.number.clone(),
        dates: dates_of(m),
        revoked: m.revoked_on.is_some(),
    }
}

/// The sentence of a fault.
pub(super) fn msg(fault: Fault) -> Msg {
    Msg::new(&format!("certificates-fault-{}", fault.code().replace('_', "-")))
}

fn invalid(faults: Vec<Fault>) -> Error {
    Error::Invalid(faults.into_iter().map(|f| FieldError { field: f.field().to_owned(), msg: msg(f) }).collect())
}

/// Writes a changed row whose version is the one seen, and gives it back with the next version.
pub(super) async fn save(txn: &DatabaseTransaction, old: &Model, mut new: Model) -> Result<Model> {
    new.version = old.version + 1;
    let done = Entity::update_many()
        .set(all_set(&new))
        .filter(Column::Id.eq(old.id))
        .filter(Column::Version.eq(old.version))
        .exec(txn)
        .await?;
    if done.rows_affected == 1 { Ok(new) } else { Err(Error::conflict("error-changed-meanwhile")) }
}

/// The row without its id, to be inserted.
pub(super) fn insertable(m: &Model) -> ActiveModel {
    ActiveModel { id: NotSet, ..all_set(m) }
}

fn all_set(m: &Model) -> ActiveModel {
    ActiveModel {
        id: Unchanged(m.id),
        person_id: Set(m.person_id),
        scheme: Set(m.scheme.clone()),
        level: Set(m.level.clone()),
        number: Set(m.number.clone()),
        unit: Set(m.unit.clone()),
        area: Set(m.area.clone()),
        note: Set(m.note.clone()),
        exam_year: Set(m.exam_year),
        approved_on: Set(m.approved_on),
        first_registered_on: Set(m.first_registered_on),
        registered_until: Set(m.registered_until),
        revoked_on: Set(m.revoked_on),
        revoked_why: Set(m.revoked_why.clone()),
        version: Set(m.version),
        created_at: Set(m.created_at),
        updated_at: Set(m.updated_at),
        created_by: Set(m.created_by),
        updated_by: Set(m.updated_by),
    }
}
