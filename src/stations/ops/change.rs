//! Adding and changing a station.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{Station, list};
use crate::audit;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::directory::entity::region;
use crate::directory::ops::regions;
use crate::directory::rules as places;
use crate::records;
use crate::stations::rules::{Level, PHASES};

/// A station to be added or changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StationInput {
    pub code: String,
    pub name: String,
    pub level: String,
    /// `built` when empty.
    pub phase: String,
    /// `active` when empty.
    pub state: String,
    pub county_code: String,
    pub town: String,
    pub parent_id: Option<i64>,
    pub head: String,
    pub phone: String,
    pub address: String,
    pub note: String,
    pub opened_on: Option<NaiveDate>,
}

/// Towns and villages below a region, by which a station finds its own.
#[derive(Clone, Debug, Default)]
pub struct Places {
    towns: HashMap<String, String>,
    /// By the code of the town: key of the village's name and its code.
    villages: HashMap<String, Vec<(String, String)>>,
}

impl Places {
    /// Reads them.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn load(db: &impl ConnectionTrait, county: &str) -> Result<Self> {
        let mut out = Self { towns: regions::towns_below(db, county).await?, ..Self::default() };
        if !county.is_empty() {
            let (from, to) = db::prefix_range(county);
            let rows = region::Entity::find()
                .filter(region::Column::Code.gt(from))
                .filter(region::Column::Code.lt(to))
                .filter(region::Column::Level.eq(5))
                .all(db)
                .await?;
            for r in rows {
                let town = r.code.get(..9).unwrap_or_default().to_owned();
                out.villages.entry(town).or_default().push((places::key(&r.name), r.code));
            }
        }
        Ok(out)
    }

    /// The finest region known of a station: its village when the name says which, its town, or the county.
    #[must_use]
    pub fn region(&self, i: &StationInput) -> String {
        let Some(town) = self.towns.get(&places::key(&i.town)).filter(|_| i.level != Level::County.name()) else {
            return i.county_code.clone();
        };
        let name = places::key(&i.name);
        let villages = self.villages.get(town).filter(|_| i.level == Level::Village.name());
        let mut named = villages.into_iter().flatten().filter(|(village, _)| name.contains(village.as_str()));
        match (named.next(), named.next()) {
            (Some((_, code)), None) => code.clone(),
            _ => town.clone(),
        }
    }
}

/// Adds a station.
///
/// # Errors
/// [`Error::Invalid`] with the wrong fields, [`Error::Conflict`] when the code is taken in that register,
/// [`Error::Forbidden`] outside the actor's regions.
pub async fn add(cx: &Cx, who: &Actor, input: StationInput) -> Result<Station> {
    who.require(&[Role::Administrator])?;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    parent_fits(&txn, who, 0, &input).await?;
    let region = Places::load(&txn, &input.county_code).await?.region(&input);
    let row = records::insert(&txn, cx, who, model(input, region)).await?;
    txn.commit().await?;
    Ok(row)
}

/// Changes a station.
///
/// # Errors
/// As [`add`], and [`Error::NotFound`], and [`Error::Conflict`] when it was changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: StationInput, version: i64) -> Result<Station> {
    who.require(&[Role::Administrator])?;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    let old = list::visible(&txn, who, id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    parent_fits(&txn, who, id, &input).await?;
    let region = Places::load(&txn, &input.county_code).await?.region(&input);
    let new = merged(&old, model(input, region));
    let new = records::update(&txn, cx, who, &old, new, audit::Change::new("update", "", 0, 0)).await?;
    txn.commit().await?;
    Ok(new)
}

/// The station above is of a higher level, so that no station can come to stand above itself.
async fn parent_fits(txn: &DatabaseTransaction, who: &Actor, id: i64, input: &StationInput) -> Result<()> {
    let level = Level::parse(&input.level);
    if let Some(parent) = input.parent_id {
        let wrong = || Error::field("parent_id", Msg::new("station-parent-wrong"));
        let above = list::visible(txn, who, parent).await.map_err(|_| wrong())?;
        if Level::parse(&above.level) >= level {
            return Err(wrong());
        }
    }
    // Nor may it sink to the level of one below it.
    if id != 0 {
        use crate::stations::entity::station;
        let below = station::Entity::find().filter(station::Column::ParentId.eq(id)).all(txn).await?;
        if below.iter().any(|s| Level::parse(&s.level) <= level) {
            return Err(Error::field("level", Msg::new("station-level-below")));
        }
    }
    Ok(())
}

/// The new fields on the old row.
pub(in crate::stations) fn merged(old: &Station, new: Station) -> Station {
    Station {
        id: old.id,
        version: old.version,
        created_at: old.created_at,
        updated_at: old.updated_at,
        created_by: old.created_by,
        updated_by: old.updated_by,
        ..new
    }
}

/// The row of an input whose fields are right.
pub(in crate::stations) fn model(i: StationInput, region_code: String) -> Station {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    let or = |s: String, other: &str| if s.is_empty() { other.to_owned() } else { s };
    Station {
        id: 0,
        name_key: places::key(&i.name),
        code: i.code,
        name: i.name,
        county_code: i.county_code,
        region_code,
        town: i.town,
        head: i.head,
        phone: i.phone,
        address: i.address,
        note: i.note,
        level: i.level,
        phase: or(i.phase, "built"),
        state: or(i.state, "active"),
        parent_id: i.parent_id,
        opened_on: i.opened_on,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}

fn tidy(who: &Actor, mut i: StationInput) -> Result<StationInput> {
    for s in [
        &mut i.code,
        &mut i.name,
        &mut i.level,
        &mut i.phase,
        &mut i.state,
        &mut i.county_code,
        &mut i.town,
        &mut i.head,
        &mut i.phone,
        &mut i.address,
        &mut i.note,
    ] {
        *s = s.trim().to_owned();
    }
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if i.code.is_empty() {
        bad("code", Msg::new("station-code-missing"));
    }
    if i.name.is_empty() {
        bad("name", Msg::new("station-name-missing"));
    }
    if Level::parse(&i.level).is_none() {
        bad("level", Msg::new("station-level-unknown"));
    }
    if !i.phase.is_empty() && !PHASES.contains(&i.phase.as_str()) {
        bad("phase", Msg::new("station-phase-unknown"));
    }
    if !matches!(i.state.as_str(), "" | "active" | "closed") {
        bad("state", Msg::new("station-state-unknown"));
    }
    if !i.county_code.is_empty() && places::level(&i.county_code).is_none() {
        bad("county_code", Msg::new("region-code-form").with("code", &i.county_code));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if !places::within(&who.scope.regions, &i.county_code) {
        return Err(Error::Forbidden);
    }
    Ok(i)
}
