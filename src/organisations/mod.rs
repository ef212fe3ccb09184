//! Organisations (社会组织): associations, service agencies and foundations with their unified social credit codes, the
//! incubation park they grow in, and who runs them.
//!
//! Invariants: a credit code is 18 characters with the check character of GB 32100-2015 and stands once; an organisation
//! without one is known by its name within the county's register. `region_code` is the town's once the town is known,
//! else the county's.

pub mod api;
pub mod entity;
pub mod import;
pub mod ops;
pub mod pages;
pub mod rules;
