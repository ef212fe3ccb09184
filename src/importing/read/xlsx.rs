//! Workbooks of Office Open XML, streamed: names and order of the sheets, relations, shared texts; the cells are read
//! by [`super::xlsx_sheet`].

use quick_xml::events::Event;

use super::grid::Grid;
use super::xlsx_sheet::{self, Context};
use super::xlsx_styles::{self, Style};
use super::xml;
use super::zipped::{Budget, Parts};
use crate::importing::cell::CellText;
use crate::importing::problem::FileProblem;
use crate::importing::table::{Format, Limits, Sheet, Workbook};

/// Sheets read; more are nobody's roster.
const MAX_SHEETS: usize = 200;

pub(super) fn read(mut parts: Parts<'_>, limits: &Limits) -> Result<Workbook, FileProblem> {
    let budget = Budget::new(limits);
    let main = relations(&mut parts, "_rels/.rels", "", &budget)?
        .into_iter()
        .find(|r| r.kind == "officeDocument")
        .map_or_else(|| "xl/workbook.xml".to_owned(), |r| r.target);
    let (folder, file) = main.rsplit_once('/').unwrap_or(("", &main));
    let (names, from_1904) = sheets(&mut parts, &main, &budget)?;
    let rels = relations(&mut parts, &format!("{folder}/_rels/{file}.rels"), folder, &budget)?;
    let part = |kind: &str| rels.iter().find(|r| r.kind == kind).map(|r| r.target.clone());

    let shared = match part("sharedStrings") {
        Some(name) => shared_texts(&mut parts, &name, &budget)?,
        None => Vec::new(),
    };
    let styles: Vec<Style> = match part("styles") {
        Some(name) => xlsx_styles::read(&mut parts, &name, &budget)?,
        None => Vec::new(),
    };

    let context = Context { shared: &shared, styles: &styles, from_1904, budget: &budget };
    let mut grid = Grid::new(limits);
    let mut out = Vec::new();
    for name in names.into_iter().take(MAX_SHEETS) {
        let Some(rel) = rels.iter().find(|r| r.id == name.relation && r.kind == "worksheet") else { continue };
        let mut sheet = Sheet { name: name.name, hidden: name.hidden, ..Sheet::default() };
        let Some(reader) = parts.reader(&rel.target, &budget)? else {
            return Err(FileProblem::new("damaged_file"));
        };
        xlsx_sheet::read(reader, &context, &mut grid, &mut sheet)?;
        out.push(sheet);
    }
    if out.is_empty() {
        return Err(FileProblem::new("damaged_file"));
    }
    Ok(Workbook { format: Format::Xlsx, sheets: out })
}

struct Relation {
    id: String,
    /// The last word of the type's address.
    kind: String,
    /// The part's full name.
    target: String,
}

fn relations(parts: &mut Parts<'_>, name: &str, folder: &str, budget: &Budget) -> Result<Vec<Relation>, FileProblem> {
    let mut out = Vec::new();
    let Some(reader) = parts.reader(name, budget)? else { return Ok(out) };
    let mut xml = xml::reader(reader);
    let mut buf = Vec::new();
    loop {
        match xml::next(&mut xml, &mut buf, budget)? {
            Event::Start(e) | Event::Empty(e) if e.local_name().into_inner() == "Relationship" => {
                let kind = xml::attr(&e, "Type").unwrap_or_default();
                let target = xml::attr(&e, "Target").unwrap_or_default();
                out.push(Relation {
                    id: xml::attr(&e, "Id").unwrap_or_default(),
                    kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                    target: join(folder, &target),
                });
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
    }
}

/// A target as written in a relation, from the folder of the part that has it.
fn join(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|s| !s.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            s => steps.push(s),
        }
    }
    steps.join("/")
}

struct SheetName {
    name: String,
    relation: String,
    hidden: bool,
}

fn sheets(parts: &mut Parts<'_>, main: &str, budget: &Budget) -> Result<(Vec<SheetName>, bool), FileProblem> {
    let Some(reader) = parts.reader(main, budget)? else { return Err(FileProblem::new("not_a_spreadsheet")) };
    let mut xml = xml::reader(reader);
    let mut buf = Vec::new();
    let mut out = Vec::new();
    let mut from_1904 = false;
    loop {
        match xml::next(&mut xml, &mut buf, budget)? {
            Event::Start(e) | Event::Empty(e) => match e.local_name().into_inner() {
                "workbookPr" => from_1904 = xml::is_true(xml::attr(&e, "date1904")),
                "sheet" => {
                    // Two attributes end in "id"; the relation's one has a prefix.
                    let mut all = e.attributes();
                    all.with_checks(false);
                    let relation = all
                        .flatten()
                        .find(|a| a.key.prefix().is_some() && a.key.local_name().into_inner() == "id")
                        .map(|a| a.value.into_owned());
                    out.push(SheetName {
                        name: xml::attr(&e, "name").unwrap_or_default(),
                        relation: relation.unwrap_or_default(),
                        hidden: xml::attr(&e, "state").is_some_and(|s| s != "visible"),
                    });
                }
                _ => {}
            },
            Event::Eof => return Ok((out, from_1904)),
            _ => {}
        }
    }
}

fn shared_texts(parts: &mut Parts<'_>, name: &str, budget: &Budget) -> Result<Vec<CellText>, FileProblem> {
    let mut out = Vec::new();
    let Some(reader) = parts.reader(name, budget)? else { return Ok(out) };
    let mut xml = xml::reader(reader);
    let mut buf = Vec::new();
    let mut text = xlsx_sheet::RichText::default();
    loop {
        match xml::next(&mut xml, &mut buf, budget)? {
            Event::Start(e) if e.local_name().into_inner() == "si" => text.clear(),
            Event::Empty(e) if e.local_name().into_inner() == "si" => out.push(CellText::from("")),
            Event::End(e) if e.local_name().into_inner() == "si" => out.push(CellText::from(text.take())),
            Event::Eof => return Ok(out),
            e => text.event(&e),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn targets_are_joined_as_paths() {
        assert_eq!(super::join("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(super::join("xl", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(super::join("xl", "../a/./b.xml"), "a/b.xml");
        assert_eq!(super::join("", "xl/workbook.xml"), "xl/workbook.xml");
    }
}
