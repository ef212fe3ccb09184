//! What the pipeline is told of people's certificates.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, Months, NaiveDate};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::certificates::entity::{Column, Entity, Model};
use crate::certificates::rules::{Held, highest, rank};
use crate::core::Result;
use crate::db;
use crate::pipeline::Change;
use crate::schemes::Schemes;

/// For each person the highest valid certificate and the registration of it; somebody without one is told with rank 0.
///
/// # Errors
/// What the database reports.
pub async fn facts(db: &impl ConnectionTrait, schemes: &Schemes, person_ids: &[i64]) -> Result<Vec<(i64, Change)>> {
    let mut valid: BTreeMap<i64, Vec<Model>> = person_ids.iter().map(|id| (*id, Vec::new())).collect();
    let ids: Vec<i64> = valid.keys().copied().collect();
    for chunk in ids.chunks(db::CHUNK) {
        let rows = Entity::find()
            .filter(Column::PersonId.is_in(chunk.iter().copied()))
            .filter(Column::RevokedOn.is_null())
            .all(db)
            .await?;
        for row in rows {
            valid.entry(row.person_id).or_default().push(row);
        }
    }
    Ok(valid.into_iter().map(|(id, rows)| (id, change(schemes, &rows))).collect())
}

fn change(schemes: &Schemes, rows: &[Model]) -> Change {
    let held: Vec<Held> = rows
        .iter()
        .map(|m| Held { id: m.id, scheme: m.scheme.clone(), level: m.level.clone(), approved_on: m.approved_on })
        .collect();
    let until: HashMap<i64, Option<NaiveDate>> = rows.iter().map(|m| (m.id, m.registered_until)).collect();
    let Some(top) = highest(&held, schemes) else {
        return Change::Certificates {
            highest_scheme: String::new(),
            highest_level: String::new(),
            highest_rank: 0,
            registered_until: None,
            due_from: None,
        };
    };
    let registered_until = until.get(&top.id).copied().flatten();
    Change::Certificates {
        highest_scheme: top.scheme.clone(),
        highest_level: top.level.clone(),
        highest_rank: rank(schemes, &top.scheme, &top.level),
        due_from: registered_until.and_then(|u| due_from(schemes, top, u)),
        registered_until,
    }
}

/// The first day on which a renewal is accepted: the scheme's last months before the registration runs out.
fn due_from(schemes: &Schemes, top: &Held, until: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    let level = schemes.scheme(&top.scheme).ok()?.level(&top.level)?;
    let months = level.registration_in(until.year())?.renewal_opens_months;
    until.checked_add_days(Days::new(1))?.checked_sub_months(Months::new(months))
}
