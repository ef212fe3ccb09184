//! Reading without the samples: small files of our own for every format, and damage of every kind.

use std::io::Write as _;
use std::path::Path;

use proptest::prelude::*;
use yanzhen::importing::{Cell, FileProblem, Format, Limits, Merged, Table, Workbook, find_tables, read};
use yanzhen::people::intake::{self, Intake, columns};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reading").join(name)).unwrap()
}

fn book(bytes: &[u8]) -> Result<Workbook, FileProblem> {
    read(bytes, "a", &Limits::default())
}

fn roster(bytes: &[u8]) -> (Table, Intake) {
    let table = find_tables(book(bytes).unwrap(), columns::ALL, false).unwrap().remove(0);
    let intake = judge(&table);
    (table, intake)
}

fn judge(table: &Table) -> Intake {
    let level = |t: &str| matches!(t, "初级" | "中级").then(|| t.to_owned());
    intake::judge(
        table,
        &intake::Options { today: chrono::NaiveDate::from_ymd_opt(2026, 6, 1).unwrap(), level: &level },
    )
}

fn codes(intake: &Intake) -> Vec<(u32, &str)> {
    intake.problems.iter().map(|p| (p.row.unwrap(), p.code.as_ref())).collect()
}

/// A smallest workbook around the XML of one sheet.
fn xlsx(sheet: &str) -> Vec<u8> {
    xlsx_with(sheet, "", "")
}

fn xlsx_with(sheet: &str, workbook: &str, cells: &str) -> Vec<u8> {
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let rels = |inside: &str| format!("<Relationships>{inside}</Relationships>");
    let parts = [
        ("_rels/.rels", rels(&format!("<Relationship Id=\"a\" Type=\"{rel}/officeDocument\" Target=\"xl/workbook.xml\"/>"))),
        (
            "xl/workbook.xml",
            format!("<workbook xmlns:r=\"{rel}\">{workbook}<sheets><sheet name=\"表\" sheetId=\"1\" r:id=\"b\"/></sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            rels(&format!(
                "<Relationship Id=\"b\" Type=\"{rel}/worksheet\" Target=\"worksheets/s.xml\"/><Relationship Id=\"c\" Type=\"{rel}/styles\" \
                 Target=\"/xl/styles.xml\"/><Relationship Id=\"d\" Type=\"{rel}/sharedStrings\" Target=\"t.xml\"/>"
            )),
        ),
        (
            "xl/styles.xml",
            "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;\"/></numFmts><cellXfs><xf \
             numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"20\"/><xf numFmtId=\"170\"/></cellXfs></styleSheet>"
                .to_owned(),
        ),
        ("xl/t.xml", format!("<sst>{cells}</sst>")),
        ("xl/worksheets/s.xml", format!("<worksheet>{sheet}</worksheet>")),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in parts {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_roster_reads_alike_from_every_format() {
    for (name, format) in [("roster.xls", Format::Xls), ("roster.ods", Format::Ods)] {
        let bytes = fixture(name);
        assert_eq!(book(&bytes).unwrap().format, format);
        let (table, intake) = roster(&bytes);
        assert_eq!((table.sheet.as_str(), table.header_rows), ("报名表", (2, 2)), "{name}");
        assert_eq!(codes(&intake), [(4, "hidden_row")], "{name}");
        let warnings: Vec<(&str, &str)> = table.warnings.iter().map(|w| (w.code.as_ref(), w.column.as_str())).collect();
        assert_eq!(warnings, [("hidden_column", "身份证号")], "{name}");
        let names: Vec<&str> = intake.people.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["张三", "李四", "王五"], "{name}");
        let second = &intake.people[1];
        assert_eq!((second.phone.as_str(), second.birth.unwrap().to_string().as_str()), ("19900008002", "1988-12-12"));
        assert!(intake.people.iter().all(|p| p.unit.contains("办事处") && p.unit == intake.people[0].unit), "{name}");
    }
    assert!(roster(&fixture("roster.ods")).1.people[0].unit.contains("样例 街道&办事处"));
    let (_, intake) = roster(&fixture("gb18030.csv"));
    assert_eq!(codes(&intake), [(5, "duplicate_row"), (6, "name_characters"), (7, "id_scientific_text")]);
}

#[test]
fn long_texts_of_an_old_workbook_go_over_record_ends() {
    let book = book(&fixture("long_texts.xls")).unwrap();
    let rows = &book.sheets[0].rows;
    for (i, row) in rows.iter().enumerate().take(41).skip(1) {
        let text = row.cell(1).show().into_owned();
        let fill = if (i - 1) % 2 == 1 { '长' } else { 'x' };
        assert!(text.starts_with(&format!("第{i}行：")), "{text}");
        assert_eq!(text.chars().filter(|c| *c == fill).count(), 900 + i - 1);
    }
    assert_eq!(rows[41].cell(0), &Cell::Bool(true));
    assert_eq!(rows[42].cell(0).to_minutes(), Ok(Some(504)));
    assert_eq!(rows[42].cell(1).to_whole(), Ok(Some(-7)));
}

#[test]
fn locked_and_foreign_files_are_named_as_such() {
    for (bytes, code) in [
        (fixture("locked.xlsx"), "password_protected"),
        (fixture("locked.ods"), "password_protected"),
        (fixture("repeats.ods"), "too_many_rows"),
        (b"%PDF-1.7 a,b\n".to_vec(), "not_a_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), "not_a_spreadsheet"),
        (b"<html><body>no table</body></html>".to_vec(), "not_a_spreadsheet"),
        (Vec::new(), "empty_file"),
        (b"\xef\xbb\xbf".to_vec(), "empty_file"),
        (b"\n\n,,\n".to_vec(), "empty_file"),
        (b"PK\x03\x04".to_vec(), "damaged_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "damaged_file"),
        (b"a,\xff\xff\n".to_vec(), "text_encoding"),
        ("张,三\n\u{d5}".as_bytes()[..10].iter().copied().chain([0xd5]).collect(), "text_encoding"),
    ] {
        assert_eq!(book(&bytes).map(|_| ()).unwrap_err().code, code, "{:?}", bytes.get(..20));
    }
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("readme.txt", zip::write::SimpleFileOptions::default()).unwrap();
    assert_eq!(book(&zip.finish().unwrap().into_inner()).unwrap_err().code, "not_a_spreadsheet");
}

#[test]
fn cells_of_a_workbook_keep_their_kind() {
    let sheet = "<cols><col min=\"3\" max=\"4\" hidden=\"1\"/></cols><sheetData><row r=\"2\" hidden=\"1\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" \
                 t=\"s\"><v>9</v></c><c r=\"C2\" t=\"inlineStr\"><is><r><t>甲</t></r><rPh><t>jia</t></rPh><r><t xml:space=\"preserve\"> \
                 &lt;乙&gt;</t></r></is></c><c r=\"D2\" t=\"b\"><v>1</v></c><c r=\"E2\" s=\"1\"><v>38461</v></c><c r=\"F2\" \
                 s=\"2\"><v>0.35</v></c><c r=\"G2\"><v>0.1</v></c></row><row><c t=\"e\"><f>1/0</f><v>#DIV/0!</v></c><c><f>A1</f><v/></c><c \
                 t=\"str\"><f>B</f><v>x_x000D_y</v></c><c s=\"3\"><v>33000</v></c><c><f>Z</f></c><c t=\"d\"><v>2026-03-01T09:30:00</v></c></row><row \
                 r=\"1048576\"><c r=\"A1048576\" s=\"1\"/></row></sheetData><mergeCells><mergeCell ref=\"A2:A3\"/></mergeCells>";
    let book = book(&xlsx_with(sheet, "", "<si><t>共</t></si>")).unwrap();
    let s = &book.sheets[0];
    assert_eq!((s.name.as_str(), s.rows.len()), ("表", 2));
    assert_eq!(s.hidden_columns, [(2, 3)]);
    assert_eq!(s.merged, [Merged { first_row: 2, last_row: 3, first_column: 0, last_column: 0 }]);
    let (a, b) = (&s.rows[0], &s.rows[1]);
    assert!(a.hidden && !b.hidden && (a.number, b.number) == (2, 3));
    let day = |y, m, d| chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap();
    let time = |h, m| chrono::NaiveTime::from_hms_opt(h, m, 0).unwrap();
    assert_eq!(a.cell(0), &Cell::text("共"));
    assert_eq!(a.cell(1), &Cell::Empty);
    assert_eq!(a.cell(2).show(), "甲 <乙>");
    assert_eq!(a.cell(3), &Cell::Bool(true));
    assert_eq!(a.cell(4), &Cell::Date(day(2005, 4, 19), None));
    assert_eq!(a.cell(5), &Cell::Time(time(8, 24)));
    assert_eq!(a.cell(6).show(), "0.1");
    assert_eq!(b.cell(0), &Cell::Error("#DIV/0!".into()));
    assert_eq!(b.cell(1), &Cell::FormulaWithoutResult);
    assert_eq!(b.cell(2), &Cell::text("x\ry"));
    assert_eq!(b.cell(3), &Cell::Date(day(1990, 5, 7), None));
    assert_eq!(b.cell(4), &Cell::FormulaWithoutResult);
    assert_eq!(b.cell(5), &Cell::Date(day(2026, 3, 1), Some(time(9, 30))));

    let old = xlsx_with(
        "<sheetData><row><c s=\"1\"><v>36999</v></c><c><v>36999</v></c></row></sheetData>",
        "<workbookPr date1904=\"1\"/>",
        "",
    );
    let old = self::book(&old).unwrap();
    let row = &old.sheets[0].rows[0];
    assert_eq!(row.cell(0), &Cell::Date(day(2005, 4, 19), None));
    assert_eq!(row.cell(1).to_date().unwrap().unwrap().day(), Some(day(2005, 4, 19)));
}

#[test]
fn limits_hold_whatever_the_file_says() {
    let limits = Limits { max_unpacked_bytes: 200_000, max_rows: 100, max_columns: 50, ..Limits::default() };
    let rows = |n: usize| format!("<sheetData>{}</sheetData>", "<row><c><v>1</v></c></row>".repeat(n));
    let code = |sheet: &str| read(&xlsx(sheet), "a", &limits).map(|_| "fine").unwrap_or_else(|p| p.code);
    assert_eq!(code(&rows(100)), "fine");
    assert_eq!(code(&rows(101)), "too_many_rows");
    assert_eq!(code(&rows(50_000)), "too_large_unpacked");
    assert_eq!(code("<sheetData><row r=\"7\"><c r=\"XFD7\"><v>1</v></c></row></sheetData>"), "too_many_columns");
    assert_eq!(
        code("<sheetData><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>"),
        "too_large_unpacked"
    );
    assert_eq!(code("<sheetData><row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c></row></sheetData>"), "fine");
    assert_eq!(code("<sheetData><row r=\"1048577\"><c><v>1</v></c></row></sheetData>"), "damaged_file");
    let small = Limits { max_bytes: 10, ..limits };
    assert_eq!(read(b"a,b\n1,2\n3,4\n", "a", &small).unwrap_err().code, "too_large");
    // Few bytes, two hundred columns wide and very long: cells are counted, not bytes.
    let wide = "<row><c r=\"GR1\"><v>1</v></c></row>";
    let many = Limits { max_unpacked_bytes: 100 << 20, ..Limits::default() };
    let got = read(&xlsx(&format!("<sheetData>{}</sheetData>", wide.repeat(30_000))), "a", &many);
    assert_eq!(got.unwrap_err().code, "too_large_unpacked");
}

#[test]
fn headers_are_found_under_other_names_and_levels() {
    let text = "填报说明：请如实填写\n,,,,\n基本信息,,证件,,报考\n姓名\n";
    assert_eq!(
        find_tables(book(text.as_bytes()).unwrap(), columns::ALL, false).unwrap_err().code,
        "missing_required_column"
    );
    let text = "某县报名表,,,,,\n,基本信息,,证件,,备 注\n序号,姓 名*,\"性\n别\",类型,号码,\n1,张三,男,身份证,99030119900305123X,\n合计：,1人,,,,\n";
    let table = find_tables(book(text.as_bytes()).unwrap(), columns::ALL, false).unwrap().remove(0);
    assert_eq!((table.header_rows, table.rows.len()), ((2, 3), 1));
    for key in ["name", "sex", "id_type", "id_no", "note"] {
        assert!(table.has(key), "{key}");
    }
    // The header again in the middle, as programs print it on every page; a footer-like name is no footer.
    let text = "备注,姓名,身份证号\n,张三,a\n备注,姓名,身份证号\n说明：补报,李四,b\n说明：共2人,,\n";
    let table = find_tables(book(text.as_bytes()).unwrap(), columns::ALL, false).unwrap().remove(0);
    assert_eq!(table.rows.iter().map(|r| r.number).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(
        table.not_data.iter().map(|n| (n.row, n.kind.name())).collect::<Vec<_>>(),
        [(3, "header"), (5, "footer")]
    );
}

#[test]
fn a_sheet_that_nearly_has_the_header_is_named() {
    let row = |cells: &str| format!("<tr><td>{}</table>", cells.replace(',', "<td>").replace('\n', "<tr><td>"));
    let html = format!("<table>{}<table>{}", row("姓名,身份证号\n张三,a"), row("姓名,学历\n李四,本科"));
    let tables = find_tables(book(html.as_bytes()).unwrap(), columns::ALL, true).unwrap();
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0].warnings[0].code, "sheet_passed_over");
    assert!(tables[0].warnings[0].message(yanzhen::core::Lang::ZhCn).contains("身份证号"));
}

/// Whatever comes in, an answer comes out.
fn survives(bytes: &[u8]) {
    let limits = Limits { max_unpacked_bytes: 4 << 20, max_rows: 5_000, ..Limits::default() };
    for all in [false, true] {
        if let Ok(book) = read(bytes, "x.xlsx", &limits)
            && let Ok(tables) = find_tables(book, columns::ALL, all)
        {
            for t in &tables {
                let _ = judge(t);
            }
        }
    }
}

fn originals() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> =
        ["roster.xls", "roster.ods", "repeats.ods", "locked.xlsx", "gb18030.csv"].iter().map(|n| fixture(n)).collect();
    all.push(xlsx("<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>姓名</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>身份证号</t></is></c></row><row><c><v>5</v></c><c s=\"1\"><v>40000</v></c></row></sheetData><mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells>"));
    all.push(
        "<table><tr><td colspan=3 rowspan=2>报名<tr><th>姓名<th>身份证号<tr><td>张三<td>1</table>".as_bytes().to_vec(),
    );
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chance_bytes_never_panic(kind in 0usize..6, bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let start: &[u8] = [&b""[..], b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<table>", b"\xff\xfe", b"\xef\xbb\xbf"][kind];
        survives(&[start, &bytes].concat());
    }

    #[test]
    fn chance_text_never_panics(text in "[姓名身份证号,;\t\n\r\"'0-9Xx年月日.:/=+@<td> -]{0,300}") {
        survives(format!("姓名,身份证号,出生年月,证件类型,联系电话\n{text}").as_bytes());
        let html: String = text.chars().map(|c| match c { '0' => "<td colspan=9>".to_owned(), '1' => "<tr>".to_owned(), '2' => "<table>".to_owned(), '3' => "</table>".to_owned(), c => c.to_string() }).collect();
        survives(format!("<table>{html}").as_bytes());
    }

    #[test]
    fn cut_and_changed_files_never_panic(which in 0usize..7, cut in 0.0f64..1.0, changes in proptest::collection::vec((0.0f64..1.0, any::<u8>()), 0..12)) {
        let mut bytes = originals().swap_remove(which);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a small file")]
        let place = |f: f64, n: usize| ((f * n as f64) as usize).min(n.saturating_sub(1));
        for (at, to) in changes {
            let i = place(at, bytes.len());
            bytes[i] = to;
        }
        if cut < 0.3 {
            let n = place(cut / 0.3, bytes.len());
            bytes.truncate(n);
        }
        survives(&bytes);
    }

    #[test]
    fn changed_sheets_in_sound_archives_never_panic(xml in "(<row( r=\"[0-9]{1,8}\")?>|</row>|<c( r=\"[A-Z]{0,4}[0-9]{0,8}\")?( s=\"[0-9]\")?( t=\"(s|b|e|d|str|inlineStr)\")?>|</c>|<v>[-0-9.eE#]{0,20}</v>|<f/>|<is><t>姓名&#x[0-9a-f]{1,6};&lt;</t></is>|<mergeCell ref=\"[A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7}\"/>|<col min=\"[0-9]{1,9}\" max=\"[0-9]{1,9}\" hidden=\"1\"/>){0,40}") {
        survives(&xlsx(&xml));
    }
}
