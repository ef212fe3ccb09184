//! Pages: the start page, the tally with its exports and the people behind each figure, alarms.

mod alarms;
mod home;
mod tally;

use crate::web::{Pages, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/", home::home)
        .get("/tally", tally::show)
        .get("/tally/export", tally::download)
        .get("/tally/people", tally::people)
        .get("/alarms", alarms::list)
        .post("/alarms/repair", alarms::repair)
        .post("/alarms/:id/clear", alarms::clear)
}

/// A rate as people read it: "38.2 %", a dash for none.
fn percent(rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".to_owned(), |r| format!("{:.1}%", r * 100.0))
}

/// The banner of open alarms, for the pages with figures.
async fn open_alarms(ui: &Ui) -> crate::core::Result<usize> {
    Ok(super::alarm::open_alarms(&ui.cx, ui.actor()?).await?.len())
}
