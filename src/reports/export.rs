//! The tally as a file: xlsx for the office, CSV with a BOM so that spreadsheet programs read it as UTF-8.
//!
//! Names come from imported files. A cell of a CSV that a spreadsheet program would take for a formula gets an apostrophe
//! in front; in xlsx texts are written as texts.

use rust_xlsxwriter::{Format, Workbook};

use super::tally::{Line, Tally};
use crate::core::{Error, Result};

fn figures(l: &Line) -> [i64; 5] {
    let f = &l.figures;
    [f.people, f.registered, f.sat, f.passed, f.certified]
}

fn rates(l: &Line) -> [Option<f64>; 3] {
    [l.pass_rate_sat, l.pass_rate_registered, l.certification_rate]
}

/// `heads` names key and label first, then the figures and rates.
///
/// # Errors
/// [`Error::Internal`] when the file cannot be made.
pub fn xlsx(heads: &[String], total: &str, t: &Tally) -> Result<Vec<u8>> {
    let fail = |e: rust_xlsxwriter::XlsxError| Error::internal(e);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let bold = Format::new().set_bold();
    let rate = Format::new().set_num_format("0.0%");
    for (c, h) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(0, c, h, &bold).map_err(fail)?;
    }
    let rows = t.rows.iter().map(|r| (r.key.as_str(), r.label.as_str(), &r.line));
    for (r, (key, label, line)) in (1_u32..).zip(rows.chain([("", total, &t.total)])) {
        sheet.write_string(r, 0, key).map_err(fail)?;
        sheet.write_string(r, 1, label).map_err(fail)?;
        for (c, n) in (2_u16..).zip(figures(line)) {
            #[expect(clippy::cast_precision_loss, reason = "counts of people stay far below 2^52")]
            sheet.write_number(r, c, n as f64).map_err(fail)?;
        }
        for (c, value) in (7_u16..).zip(rates(line)) {
            if let Some(v) = value {
                sheet.write_number_with_format(r, c, v, &rate).map_err(fail)?;
            }
        }
    }
    sheet.set_freeze_panes(1, 0).map_err(fail)?;
    sheet.autofit();
    book.save_to_buffer().map_err(fail)
}

/// As [`xlsx`]; rates are plain numbers.
///
/// # Errors
/// [`Error::Internal`] when the file cannot be made.
pub fn csv(heads: &[String], total: &str, t: &Tally) -> Result<Vec<u8>> {
    let mut out =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    let write = |out: &mut csv::Writer<Vec<u8>>, cells: Vec<String>| out.write_record(cells).map_err(Error::internal);
    write(&mut out, heads.to_vec())?;
    let rows = t.rows.iter().map(|r| (r.key.as_str(), r.label.as_str(), &r.line));
    for (key, label, line) in rows.chain([("", total, &t.total)]) {
        let mut cells = vec![safe(key), safe(label)];
        cells.extend(figures(line).map(|n| n.to_string()));
        cells.extend(rates(line).map(|r| r.map(|r| r.to_string()).unwrap_or_default()));
        write(&mut out, cells)?;
    }
    out.into_inner().map_err(Error::internal)
}

/// A text that no spreadsheet program takes for a formula.
#[must_use]
pub fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::tally::{Figures, Row};

    fn sample() -> Tally {
        let line: Line = Figures { people: 4, registered: 3, sat: 2, passed: 1, certified: 2 }.into();
        Tally {
            as_of: "2026-11-25".parse().unwrap(),
            by: "cohort",
            year: Some(2026),
            rows: vec![Row { key: "=1+1".into(), label: "@SUM(A1)".into(), line, group: "1".into() }],
            total: line,
            counted: false,
        }
    }

    #[test]
    fn csv_is_read_as_utf8_and_starts_no_formula() {
        let heads: Vec<String> = (0..10).map(|i| format!("列{i}")).collect();
        let text = String::from_utf8(csv(&heads, "合计", &sample()).unwrap()).unwrap();
        assert!(text.starts_with("\u{feff}列0,"));
        assert!(text.contains("\r\n'=1+1,'@SUM(A1),4,3,2,1,2,0.5,0.3333,0.5\r\n,合计,4,"), "{text}");
    }

    #[test]
    fn xlsx_keeps_texts_as_texts() {
        let heads: Vec<String> = (0..10).map(|i| format!("h{i}")).collect();
        let bytes = xlsx(&heads, "合计", &sample()).unwrap();
        let book = crate::importing::read(&bytes, "a.xlsx", &crate::importing::Limits::default()).unwrap();
        let rows = &book.sheets[0].rows;
        assert_eq!(rows[1].cell(0).show(), "=1+1");
        assert_eq!(rows[2].cell(2).show(), "4");
    }
}
