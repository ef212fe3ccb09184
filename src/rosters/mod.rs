//! The roster import: one file makes people, their enrolments in a cohort, their classes and their placements, all in
//! one transaction.
//!
//! Invariants: the same file again changes nothing; an undo takes back exactly what the import made or changed, or says
//! what stands in the way; whoever comes in gets their scope rows and pipeline facts in the same transaction.
//!
//! Decisions: a number on record under another name refuses the row (`id_used_with_other_name`), as within one file. A
//! base that no ledger names refuses the row (`unknown_base`); where no ledger has been imported at all, the person is
//! kept with that code as a warning and without a placement: import the ledger, then the roster again.

mod follow;
pub mod import;
mod room;
mod rows;
mod undo;
