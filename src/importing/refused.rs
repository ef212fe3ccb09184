//! Files the importer gives back: the refused rows with their reasons, and an empty form of each kind.
//!
//! Every cell is written as text, so that an ID number stays whole and no cell can run as a formula.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, Format, Workbook};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::entity::{import_problem, import_run};
use super::run::to_problem;
use super::table::Column;
use crate::core::{Error, Lang, Msg, Result};
use crate::db::Cx;

/// The refused rows of a run as an xlsx file: the sheets and headers of the original, the reasons in a column in front, so
/// that the rows can be mended and the same file be uploaded again.
///
/// # Errors
/// What the database reports.
pub async fn refused_rows(cx: &Cx, run: &import_run::Model, lang: Lang) -> Result<Vec<u8>> {
    let rows = import_problem::Entity::find()
        .filter(import_problem::Column::ImportId.eq(run.id))
        .filter(import_problem::Column::RowNo.is_not_null())
        .order_by_asc(import_problem::Column::Seq)
        .all(cx.read())
        .await?;
    let headers: BTreeMap<String, Vec<String>> = serde_json::from_str(&run.headers).unwrap_or_default();
    let mut sheets: BTreeMap<String, BTreeMap<i64, Refused>> = BTreeMap::new();
    for r in rows {
        let Some(no) = r.row_no else { continue };
        let row = sheets.entry(r.sheet.clone()).or_default().entry(no).or_default();
        if let Some(sealed) = &r.cells {
            row.cells = serde_json::from_str(&cx.seal.open(sealed)?).unwrap_or_default();
        }
        let p = to_problem(r);
        row.error |= p.is_error();
        row.reasons.push(format!("{}（{}）", p.message(lang), p.code));
    }
    let mut book = Workbook::new();
    let bold = Format::new().set_bold().set_background_color(Color::RGB(0x00E8_EDF2)).set_text_wrap();
    let wrap = Format::new().set_text_wrap();
    let text = Format::new().set_num_format("@");
    for (name, rows) in sheets.iter().filter(|(_, rows)| rows.values().any(|r| r.error)) {
        let sheet = book.add_worksheet();
        if !name.is_empty() {
            // A name that the format does not take is not worth losing the file for.
            let _ = sheet.set_name(name);
        }
        let first = [Msg::new("import-refused-row").text(lang), Msg::new("import-refused-reason").text(lang)];
        let heads = first.iter().chain(headers.get(name).into_iter().flatten());
        for (c, h) in (0_u16..).zip(heads) {
            sheet.write_string_with_format(0, c, h, &bold).map_err(Error::internal)?;
            sheet.set_column_width(c, if c == 1 { 60.0 } else { 16.0 }).map_err(Error::internal)?;
        }
        for (at, (no, row)) in (1_u32..).zip(rows.iter().filter(|(_, r)| r.error)) {
            sheet.write_string(at, 0, no.to_string()).map_err(Error::internal)?;
            sheet.write_string_with_format(at, 1, row.reasons.join("\n"), &wrap).map_err(Error::internal)?;
            for (c, cell) in (2_u16..).zip(&row.cells) {
                sheet.write_string_with_format(at, c, cell, &text).map_err(Error::internal)?;
            }
        }
        sheet.set_freeze_panes(1, 0).map_err(Error::internal)?;
    }
    if book.worksheets().is_empty() {
        book.add_worksheet();
    }
    book.save_to_buffer().map_err(Error::internal)
}

#[derive(Default)]
struct Refused {
    error: bool,
    reasons: Vec<String>,
    cells: Vec<String>,
}

/// An empty form: the headers a kind knows, the required ones marked, all columns as text.
///
/// # Errors
/// None that input can cause.
pub fn form(columns: &[Column]) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold().set_background_color(Color::RGB(0x00E8_EDF2)).set_num_format("@");
    let text = Format::new().set_num_format("@");
    let sheet = book.add_worksheet();
    for (c, column) in (0_u16..).zip(columns) {
        let label = if column.required { format!("{}*", column.label) } else { column.label.to_owned() };
        sheet.set_column_format(c, &text).map_err(Error::internal)?;
        sheet.set_column_width(c, 16.0).map_err(Error::internal)?;
        sheet.write_string_with_format(0, c, &label, &bold).map_err(Error::internal)?;
    }
    sheet.set_freeze_panes(1, 0).map_err(Error::internal)?;
    book.save_to_buffer().map_err(Error::internal)
}
