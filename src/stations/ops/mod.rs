//! Use cases of stations, split by verb: the only writer of their tables.

mod change;
mod checks;
mod coverage;
mod list;
mod workplaces;

pub use change::{Places, StationInput, add, edit};
pub(super) use change::{merged, model};
pub use checks::{CheckDetail, CheckInput, check, check_of, checks};
pub use coverage::{Coverage, CoverageRow, LevelCoverage, coverage, coverage_below};
pub use list::{Find, Index, ORDERS, StationRow, count, get, list, names, visible};

pub use workplaces::{Workplace, Workplaces};

pub use super::entity::station::Model as Station;
pub use super::entity::station_check::Model as StationCheck;
