//! What number formats say of a cell: a plain number, a date, or a time of day.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::xml;
use super::zipped::{Budget, Parts};
use crate::importing::problem::FileProblem;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Style {
    #[default]
    Plain,
    Date,
    Time,
}

/// The style of every cell format, by its number.
pub(super) fn read(parts: &mut Parts<'_>, name: &str, budget: &Budget) -> Result<Vec<Style>, FileProblem> {
    let mut out = Vec::new();
    let Some(reader) = parts.reader(name, budget)? else { return Ok(out) };
    let mut xml = xml::reader(reader);
    let mut buf = Vec::new();
    let mut own: HashMap<u32, Style> = HashMap::new();
    let mut in_formats = false;
    loop {
        match xml::next(&mut xml, &mut buf, budget)? {
            Event::Start(e) | Event::Empty(e) => match e.local_name().into_inner() {
                "numFmt" => {
                    let id = xml::attr(&e, "numFmtId").and_then(|v| v.parse().ok());
                    if let (Some(id), Some(code)) = (id, xml::attr(&e, "formatCode")) {
                        own.insert(id, of_code(&code));
                    }
                }
                "cellXfs" => in_formats = true,
                "xf" if in_formats && out.len() < 100_000 => {
                    let id: u32 = xml::attr(&e, "numFmtId").and_then(|v| v.parse().ok()).unwrap_or(0);
                    out.push(own.get(&id).copied().unwrap_or_else(|| built_in(id)));
                }
                _ => {}
            },
            Event::End(e) if e.local_name().into_inner() == "cellXfs" => in_formats = false,
            Event::Eof => return Ok(out),
            _ => {}
        }
    }
}

/// Formats that every program knows by number; those of 27-36 and 50-58 are the East Asian ones.
pub(super) fn built_in(id: u32) -> Style {
    match id {
        14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58 => Style::Date,
        18..=21 | 32..=35 | 45..=47 | 55 | 56 => Style::Time,
        _ => Style::Plain,
    }
}

/// The style of a format code, by the letters outside quotes and brackets of its first section.
pub(super) fn of_code(code: &str) -> Style {
    if code.eq_ignore_ascii_case("general") {
        return Style::Plain;
    }
    let (mut date, mut time, mut month, mut digits) = (false, false, false, false);
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                for q in chars.by_ref() {
                    if q == '"' {
                        break;
                    }
                }
            }
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => {
                // [h], [mm] and [ss] are spans of time; the rest are colours, conditions and places.
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let low = inside.to_ascii_lowercase();
                time |= !low.is_empty() && low.chars().all(|c| matches!(c, 'h' | 'm' | 's'));
            }
            ';' => break,
            'y' | 'Y' | 'd' | 'D' | '年' | '日' => date = true,
            'h' | 'H' | 's' | 'S' => time = true,
            'm' | 'M' => month = true,
            '#' | '?' => digits = true,
            _ => {}
        }
    }
    if digits {
        Style::Plain
    } else if date || (month && !time) {
        Style::Date
    } else if time {
        Style::Time
    } else {
        Style::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::{Style, built_in, of_code};

    #[test]
    fn format_codes() {
        for code in [
            "yyyy/m/d",
            "yyyy\"年\"m\"月\"d\"日\"",
            "[$-804]yyyy-mm-dd;@",
            "m/d",
            "yyyy-mm-dd hh:mm:ss",
            "d-mmm-yy",
            "yyyy.mm",
        ] {
            assert_eq!(of_code(code), Style::Date, "{code}");
        }
        for code in ["h:mm", "[h]:mm:ss", "hh:mm AM/PM", "mm:ss"] {
            assert_eq!(of_code(code), Style::Time, "{code}");
        }
        for code in
            ["General", "0.00", "#,##0", "@", "0.00E+00", "[Red]0", "\"d\"0", "0_m", "#,##0\"元\"", "[$¥-804]#,##0.00"]
        {
            assert_eq!(of_code(code), Style::Plain, "{code}");
        }
        assert_eq!(built_in(14), Style::Date);
        assert_eq!(built_in(20), Style::Time);
        assert_eq!(built_in(49), Style::Plain);
    }
}
