//! Tables of a web page, which many systems export under the name `.xls`. Every table with rows is a sheet.

use scraper::{Html, Node};

use super::grid::Grid;
use crate::importing::cell::Cell;
use crate::importing::problem::FileProblem;
use crate::importing::table::{Format, Limits, Merged, Row, Sheet, Workbook};
use crate::importing::text::trim;

/// A page is built up in memory as a tree of some ten times its size.
const MAX_BYTES: usize = 12 << 20;
/// Elements within elements. Reading takes the square of it where a table holds what it may not, so a small file could
/// keep a processor busy for minutes; exports nest some ten deep.
const MAX_DEPTH: usize = 256;
/// A span beyond it is a slip or an attack.
const MAX_SPAN: usize = 1_000;

/// Whether a text is a page rather than separated values.
pub(super) fn is_page(text: &str) -> bool {
    let start = text.trim_start().as_bytes();
    start.first() == Some(&b'<') && start.get(1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'!' | b'?'))
}

/// Elements that need no end tag: they say nothing of the depth.
const UNCLOSED: &[&str] = &[
    "area", "base", "body", "br", "caption", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img",
    "input", "li", "link", "meta", "optgroup", "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead",
    "tr", "wbr",
];

/// How deep elements are left open in a page, by its tags alone.
fn depth(text: &str) -> usize {
    let (mut now, mut most) = (0usize, 0);
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (end, name) = rest.strip_prefix('/').map_or((false, rest), |name| (true, name));
        let name: String = name.chars().take_while(char::is_ascii_alphanumeric).take(20).collect();
        if name.is_empty() || UNCLOSED.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        now = if end { now.saturating_sub(1) } else { now + 1 };
        most = most.max(now);
    }
    most
}

#[derive(Default)]
struct Open {
    sheet: Sheet,
    row: Option<Row>,
    /// Rows that columns are still taken by a cell above.
    taken: Vec<u32>,
    column: usize,
    cell: Option<(String, usize, u32)>,
    number: u32,
}

pub(super) fn read(text: &str, limits: &Limits) -> Result<Workbook, FileProblem> {
    if text.len() > MAX_BYTES {
        return Err(FileProblem::new("too_large").with("limit", MAX_BYTES >> 20));
    }
    if depth(text) > MAX_DEPTH {
        return Err(FileProblem::new("too_nested").with("limit", MAX_DEPTH));
    }
    let html = Html::parse_document(text);
    let mut grid = Grid::new(limits);
    let mut open: Vec<Open> = Vec::new();
    let mut sheets = Vec::new();
    // A walk of our own over the tree: pages may be nested deeper than a stack of calls allows.
    let mut node = html.tree.root();
    'walk: loop {
        enter(node.value(), &mut open);
        if let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            leave(node.value(), &mut open, &mut grid, &mut sheets)?;
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) => node = parent,
                None => break 'walk,
            }
        }
    }
    if sheets.is_empty() {
        return Err(FileProblem::new("not_a_spreadsheet"));
    }
    Ok(Workbook { format: Format::Html, sheets })
}

fn enter(node: &Node, open: &mut Vec<Open>) {
    match node {
        Node::Element(e) if e.name() == "table" => open.push(Open::default()),
        Node::Element(e) => {
            let Some(t) = open.last_mut() else { return };
            let span = |name| e.attr(name).and_then(|v| v.trim().parse().ok()).unwrap_or(1usize).clamp(1, MAX_SPAN);
            match e.name() {
                "tr" => {
                    t.number = t.number.saturating_add(1);
                    t.column = 0;
                    let style = e.attr("style").unwrap_or_default().replace(' ', "").to_lowercase();
                    t.row = Some(Row { number: t.number, hidden: style.contains("display:none"), ..Row::default() });
                }
                "td" | "th" => {
                    let rows = u32::try_from(span("rowspan")).unwrap_or(1);
                    t.cell = Some((String::new(), span("colspan"), rows));
                }
                "br" | "p" | "div" => {
                    if let Some((text, _, _)) = &mut t.cell
                        && !text.is_empty()
                    {
                        text.push('\n');
                    }
                }
                _ => {}
            }
        }
        Node::Text(s) => {
            if let Some((text, _, _)) = open.last_mut().and_then(|t| t.cell.as_mut()) {
                // Runs of blanks in a page's source mean one.
                for c in s.chars() {
                    if !c.is_ascii_whitespace() {
                        text.push(c);
                    } else if !text.ends_with([' ', '\n']) {
                        text.push(' ');
                    }
                }
            }
        }
        _ => {}
    }
}

fn leave(node: &Node, open: &mut Vec<Open>, grid: &mut Grid<'_>, sheets: &mut Vec<Sheet>) -> Result<(), FileProblem> {
    let Node::Element(e) = node else { return Ok(()) };
    match e.name() {
        "table" => {
            if let Some(t) = open.pop()
                && !t.sheet.rows.is_empty()
            {
                sheets.push(t.sheet);
            }
        }
        "tr" => {
            if let Some(t) = open.last_mut()
                && let Some(row) = t.row.take()
            {
                for n in &mut t.taken {
                    *n = n.saturating_sub(1);
                }
                grid.keep(&mut t.sheet, row)?;
            }
        }
        "td" | "th" => {
            let Some(t) = open.last_mut() else { return Ok(()) };
            let (Some((text, across, down)), Some(row)) = (t.cell.take(), t.row.as_mut()) else { return Ok(()) };
            while t.taken.get(t.column).is_some_and(|n| *n > 0) {
                t.column += 1;
            }
            let first = t.column;
            t.column = t.column.saturating_add(across);
            if down > 1 && t.column <= MAX_SPAN {
                if t.taken.len() < t.column {
                    t.taken.resize(t.column, 0);
                }
                // This row is counted off with the others when it ends.
                for n in t.taken.iter_mut().skip(first).take(across) {
                    *n = down;
                }
            }
            if across > 1 || down > 1 {
                let last_row = row.number.saturating_add(down - 1);
                t.sheet.merged.push(Merged {
                    first_row: row.number,
                    last_row,
                    first_column: first,
                    last_column: t.column - 1,
                });
            }
            grid.put(row, first, Cell::text(trim(&text)))?;
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> Vec<Vec<String>> {
        let book = read(html, &Limits::default()).unwrap();
        book.sheets[0].rows.iter().map(|r| r.cells.iter().map(|c| c.show().into_owned()).collect()).collect()
    }

    #[test]
    fn a_page_nested_without_end_is_refused_before_it_is_read() {
        for open in ["<div>", "<font color=x>", "<table>", "<DIV\n>"] {
            let page = format!("<html><table>{}</table>", open.repeat(20_000));
            let refused = read(&page, &Limits::default()).unwrap_err();
            assert_eq!(refused.to_problem().code, "too_nested", "{open}");
        }
        // Elements that need no end tag do not nest, however many there are, and comments hide what they hold.
        let rows = "<tr><td>1<td>2<p>x<br>".repeat(2_000);
        assert_eq!(read(&format!("<table>{rows}"), &Limits::default()).unwrap().sheets[0].rows.len(), 2_000);
        assert_eq!(depth(&format!("<table><!-- {} --><tr>", "<div>".repeat(500))), 1);
        assert_eq!(depth("<b><i>x</i></b><b>y</b> a < b <"), 2);
    }

    #[test]
    fn spans_keep_columns_in_place() {
        let got = shown(
            "<table><tr><td rowspan=2>a<td colspan=2>b</tr><tr><td>c<td>d&amp;e<br>f</tr><tr><td>&nbsp;</td><td>g</td></tr></table>",
        );
        assert_eq!(got, vec![vec!["a", "b"], vec!["", "c", "d&e\nf"], vec!["", "g"]]);
    }

    #[test]
    fn a_page_without_a_table_is_no_spreadsheet() {
        assert_eq!(read("<html><p>x", &Limits::default()).unwrap_err().code, "not_a_spreadsheet");
        assert!(is_page("\n <!DOCTYPE html>") && is_page("<table>") && !is_page("<张三>,1") && !is_page("a<b"));
    }
}
