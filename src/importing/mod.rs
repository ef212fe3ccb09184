//! Tables from any file an office really has. [`read`](read::read) turns bytes into sheets of typed cells, whatever the
//! file is called; [`find_tables`] finds header and records under titles, merged cells and footers; each kind of import
//! then judges the rows of a [`Table`]. That half is pure: no database, no clock. [`Kind`] is what a feature implements to take a
//! kind of file; [`run`] carries it from upload over preview to commit, in one transaction, and [`undo`] back.
//!
//! Invariants: memory is bounded by [`Limits`] whatever the file claims of itself; row numbers are those a spreadsheet
//! program shows; a number in a cell never becomes an ID number; no input panics.
//!
//! ```
//! use yanzhen::importing::{Column, Limits, find_tables, read};
//! static COLUMNS: &[Column] = &[Column::new("name", "姓名", &["学员姓名"]).required(), Column::new("unit", "工作单位", &[])];
//! let book = read("报名表\n序号,姓 名,工作单位\n1,张三,东园村\n合计,1人\n".as_bytes(), "a.csv", &Limits::default()).unwrap();
//! let table = find_tables(book, COLUMNS, false).unwrap().remove(0);
//! assert_eq!(table.header_rows, (2, 2));
//! assert_eq!(table.cell(&table.rows[0], "name").show(), "张三");
//! assert_eq!(table.rows.len(), 1);
//! ```

pub mod api;
pub mod background;
pub mod cell;
pub mod cells;
pub mod date;
pub mod entity;
mod files;
mod footer;
pub mod header;
pub mod kind;
mod merged;
pub mod outcome;
pub mod pages;
pub mod problem;
pub mod progress;
pub mod read;
pub mod refused;
pub mod run;
pub mod table;
pub mod text;
pub mod undo;
pub mod value;
mod work;

pub use cell::Cell;
pub use header::find_tables;
pub use kind::{Ask, Job, Kind, Params, upload_page};
pub use outcome::{Outcome, State};
pub use problem::{FileProblem, Problem, Severity};
pub use read::read;
pub use run::Kinds;
pub use table::{Column, Format, Header, Limits, Merged, NotData, NotDataKind, Row, Sheet, Table, Workbook};
pub use undo::{Before, Undo};
