//! Where people work and projects are carried out: a station or an organisation, found by the name a file has for it.

use sea_orm::ConnectionTrait;

use super::Index;
use crate::core::{Actor, Result};
use crate::organisations::ops::Index as Organisations;

/// A workplace that is in a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workplace {
    pub station_id: Option<i64>,
    pub organisation_id: Option<i64>,
    pub region_code: String,
}

/// Stations and organisations by name.
#[derive(Clone, Debug, Default)]
pub struct Workplaces {
    stations: Index,
    organisations: Organisations,
}

impl Workplaces {
    /// Reads those of a region and below it (`county` empty: all the actor sees).
    ///
    /// # Errors
    /// What the database reports.
    pub async fn load(db: &impl ConnectionTrait, who: &Actor, county: &str) -> Result<Self> {
        Ok(Self {
            stations: Index::load(db, who, county).await?,
            organisations: Organisations::load(db, county).await?,
        })
    }

    /// The one of this name; none when there are several or none.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Workplace> {
        if let Some(s) = self.stations.name(name).or_else(|| self.stations.code(name)) {
            let region_code = s.region_code.clone();
            return Some(Workplace { station_id: Some(s.id), organisation_id: None, region_code });
        }
        let (id, region) = self.organisations.find(name)?;
        Some(Workplace { station_id: None, organisation_id: Some(id), region_code: region.to_owned() })
    }
}
