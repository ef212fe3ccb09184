//! Files from many hands, against the verdicts that the samples list: reading, header, rows and the person columns. Runs
//! on `../shared/data/samples` where that folder is there; the small files of `tests/fixtures/reading` always.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use yanzhen::core::Lang;
use yanzhen::importing::{Column, FileProblem, Limits, Problem, Table, find_tables, read};
use yanzhen::people::intake::{self, PersonInput, columns};

use crate::harness::samples;

fn expected(dir: &Path) -> Vec<Value> {
    let all: Value = serde_json::from_str(&std::fs::read_to_string(dir.join("expected.json")).unwrap()).unwrap();
    all["files"].as_array().unwrap().clone()
}

fn level(text: &str) -> Option<String> {
    let level = match text {
        "初级" | "助理社会工作师" => "初级",
        "中级" | "社会工作师" => "中级",
        "高级" | "高级社会工作师" => "高级",
        _ => return None,
    };
    Some(level.to_owned())
}

fn options() -> intake::Options<'static> {
    intake::Options { today: chrono::NaiveDate::from_ymd_opt(2026, 6, 1).unwrap(), level: &level }
}

fn tables(bytes: &[u8], name: &str, columns: &'static [Column], all: bool) -> Result<Vec<Table>, FileProblem> {
    find_tables(read(bytes, name, &Limits::default())?, columns, all)
}

/// The value that `normalised` lists under a column.
fn shown(p: &PersonInput, column: &str) -> String {
    match column {
        "姓名" => p.name.clone(),
        "身份证号" => p.id_no.clone(),
        "证件类型" => p.id_type.label().to_owned(),
        "出生年月" => p.birth.map(|b| b.to_string()).unwrap_or_default(),
        "性别" => p.sex.map(|s| s.label().to_owned()).unwrap_or_default(),
        "报考级别" => p.level.clone(),
        "联系电话" => p.phone.clone(),
        "工作单位" => p.unit.clone(),
        other => panic!("no field for {other}"),
    }
}

fn text<'v>(v: &'v Value, key: &str) -> &'v str {
    v[key].as_str().unwrap_or("")
}

fn check_roster(dir: &Path, want: &Value) {
    let file = text(want, "file");
    let bytes = std::fs::read(dir.join(file)).unwrap();
    let got = tables(&bytes, file, columns::ALL, false);
    if text(want, "file_verdict") == "reject" {
        let p = got.map(|_| ()).unwrap_err();
        assert_eq!(p.code, text(want, "code"), "{file}");
        if p.code == "missing_required_column" {
            let message = p.message(Lang::ZhCn);
            assert!(message.contains("身份证号") && message.contains("乡镇(街道)"), "{message}");
        }
        return;
    }
    let table = got.unwrap_or_else(|p| panic!("{file}: {p:?}")).remove(0);
    let rows: Vec<u64> = match &want["header_row"] {
        Value::Array(a) => a.iter().filter_map(Value::as_u64).collect(),
        one => one.as_u64().into_iter().collect(),
    };
    assert_eq!(u64::from(table.header_rows.0), rows[0], "{file}");
    assert_eq!(u64::from(table.header_rows.1), *rows.last().unwrap(), "{file}");
    assert_eq!(table.rows.len() as u64, want["data_rows"].as_u64().unwrap(), "{file}");
    if let Some(sheet) = want["sheet"].as_str() {
        assert_eq!(table.sheet, sheet);
    }
    check_not_data(file, want, &[&table]);
    check_headers(file, want, &table);

    let intake = intake::judge(&table, &options());
    let mut errors: BTreeMap<u32, Vec<&Problem>> = BTreeMap::new();
    let mut warnings: Vec<&Problem> = Vec::new();
    for p in &intake.problems {
        assert_texts(p);
        if p.is_error() { errors.entry(p.row.unwrap()).or_default().push(p) } else { warnings.push(p) }
    }
    assert_eq!(intake.people.len() as u64, want["good"].as_u64().unwrap(), "{file}: {errors:?}");
    assert_eq!(errors.len() as u64, want["bad"].as_u64().unwrap(), "{file}");
    for bad in want["bad_rows"].as_array().unwrap() {
        let row = u32::try_from(bad["row"].as_u64().unwrap()).unwrap();
        let got = errors.get(&row).unwrap_or_else(|| panic!("{file} row {row}: nothing, not {bad}"));
        same(file, got[0], bad);
        if let Some(line) = bad["line"].as_u64() {
            assert_eq!(got[0].arg("line"), Some(line.to_string().as_str()), "{file}");
        }
        if let Some(also) = bad["also"].as_str() {
            assert!(got.iter().skip(1).any(|p| p.code == also), "{file} row {row}: {also}");
        } else {
            assert_eq!(got.len(), 1, "{file} row {row}: {got:?}");
        }
        if let Some(suggest) = bad["suggest"].as_str() {
            assert_eq!(got[0].arg("suggest").unwrap()[14..], suggest[14..], "{file}");
        }
    }
    let listed = want["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), listed.len(), "{file}: {warnings:?}");
    for w in listed {
        let row = w["row"].as_u64().unwrap();
        let got = warnings.iter().find(|p| p.row.map(u64::from) == Some(row) && p.code == text(w, "code"));
        same(file, got.unwrap_or_else(|| panic!("{file}: {w} among {warnings:?}")), w);
    }
    for n in want["normalised"].as_array().unwrap() {
        let row = n["row"].as_u64().unwrap();
        let person =
            intake.people.iter().find(|p| u64::from(p.row) == row).unwrap_or_else(|| panic!("{file} row {row}"));
        assert_eq!(shown(person, text(n, "column")), text(n, "value"), "{file} row {row}");
    }
}

fn same(file: &str, got: &Problem, want: &Value) {
    assert_eq!(got.code, text(want, "code"), "{file} {want}");
    assert_eq!(got.column, text(want, "column"), "{file} {want}");
    if let Some(peer) = want["peer_row"].as_u64() {
        assert_eq!(got.peer_row().map(u64::from), Some(peer), "{file} {want}");
    }
}

#[test]
fn every_code_of_the_samples_has_its_sentence() {
    let Some(dir) = samples() else { return };
    let text = std::fs::read_to_string(dir.join("expected.json")).unwrap();
    let codes: BTreeSet<&str> = text.split("\"code\": \"").skip(1).filter_map(|p| p.split('"').next()).collect();
    assert!(codes.len() > 60);
    for lang in Lang::ALL {
        let file = format!("{}/config/locales/{}/importing.ftl", env!("CARGO_MANIFEST_DIR"), lang.tag());
        let texts = std::fs::read_to_string(file).unwrap();
        for code in &codes {
            assert!(texts.contains(&format!("\n{} = ", Problem::key(code))), "{code}");
        }
    }
}

/// Every problem has its sentence in both languages, with every argument filled in.
fn assert_texts(p: &Problem) {
    for lang in Lang::ALL {
        let message = p.message(lang);
        assert!(!message.is_empty() && !message.contains("import-code-") && !message.contains("{$"), "{message}");
    }
}

fn check_not_data(file: &str, want: &Value, tables: &[&Table]) {
    let listed: BTreeSet<(String, u64, String)> = want["not_data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| (text(n, "sheet").to_owned(), n["row"].as_u64().unwrap(), text(n, "kind").to_owned()))
        .collect();
    let by_sheet = listed.iter().any(|(s, _, _)| !s.is_empty());
    let got: BTreeSet<(String, u64, String)> = tables
        .iter()
        .flat_map(|t| {
            let sheet = if by_sheet { t.sheet.clone() } else { String::new() };
            t.not_data.iter().map(move |n| (sheet.clone(), u64::from(n.row), n.kind.name().to_owned()))
        })
        .collect();
    assert_eq!(got, listed, "{file}");
}

fn check_headers(file: &str, want: &Value, table: &Table) {
    let label = |i: usize| columns::ALL[i].label;
    match &want["headers_read_as"] {
        Value::Object(map) => {
            for (header, canonical) in map {
                let found =
                    table.headers.iter().find(|h| h.text == *header).unwrap_or_else(|| panic!("{file}: {header}"));
                assert_eq!(found.column.map(label), canonical.as_str(), "{file}");
            }
        }
        Value::Array(list) => {
            let got: Vec<&str> = table.headers.iter().map(|h| h.text.as_str()).collect();
            let want: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            // A leaf that stands alone is given as written; the list names what it means.
            for (g, w) in table.headers.iter().zip(&want) {
                assert!(g.text == *w || g.column.map(label) == Some(w), "{file}: {got:?}");
            }
            assert_eq!(got.len(), want.len());
        }
        _ => {}
    }
    let listed: BTreeSet<(&str, &str)> = want["file_warnings"]
        .as_array()
        .map(|l| l.iter().map(|w| (text(w, "code"), text(w, "column"))).collect())
        .unwrap_or_default();
    let got: BTreeSet<(&str, &str)> = table.warnings.iter().map(|w| (w.code.as_ref(), w.column.as_str())).collect();
    assert_eq!(got, listed, "{file}");
}

#[test]
fn every_file_of_set_d_comes_out_as_listed() {
    let Some(dir) = samples() else { return };
    let (mut n, mut bad) = (0, Vec::new());
    let all = expected(&dir);
    for want in all.iter().filter(|f| text(f, "file").starts_with("set_d/")) {
        n += 1;
        if std::panic::catch_unwind(|| check_roster(&dir, want)).is_err() {
            bad.push(text(want, "file"));
        }
    }
    assert!(bad.is_empty(), "{bad:?}");
    assert!(n > 35, "{n} files");
}

const fn c(label: &'static str) -> Column {
    Column::new(label, label, &[])
}

static ORGANISATIONS: &[Column] = &[
    c("单位名称").required(),
    c("统一社会信用代码").required(),
    c("组织类型"),
    c("登记日期"),
    c("业务主管单位"),
    c("所在苏木镇"),
    c("负责人"),
    c("联系电话"),
    c("状态"),
];
static PASSED: &[Column] = &[
    columns::NAME,
    columns::ID_NO,
    columns::SEX,
    columns::ETHNICITY,
    columns::LEVEL,
    c("合格年度"),
    c("管理号").required(),
    c("批准日期"),
    columns::UNIT,
    columns::EMPLOYMENT,
    columns::TOWN,
    columns::PHONE,
    columns::NOTE,
];
static BASES: &[Column] = &[
    c("基地编码").required(),
    c("基地名称").required(),
    c("基地类型"),
    c("乡镇(街道)"),
    c("合作高校"),
    c("协议编号"),
    c("协议起"),
    c("协议止"),
    c("容量"),
    c("学校督导"),
    c("机构督导"),
    c("年度考核结果"),
];
static PROJECTS: &[Column] = &[
    c("项目编号").required(),
    c("项目名称"),
    c("服务对象"),
    c("实施站点"),
    c("开始日期"),
    c("结束日期"),
    c("负责人"),
    c("状态"),
];
static INTERNS: &[Column] = &[
    columns::NAME,
    columns::SEX,
    columns::ETHNICITY,
    columns::ID_NO,
    columns::STUDENT_NO,
    c("学院"),
    columns::MAJOR,
    c("年级"),
    c("培养层次"),
    c("学校督导"),
    c("实习基地"),
    c("实习开始"),
    c("实习结束"),
    c("要求时数"),
    columns::PHONE,
    columns::EMAIL,
    columns::NOTE,
];
static CLASS_ROSTER: &[Column] = &[
    columns::NAME,
    columns::SEX,
    columns::ETHNICITY,
    columns::BIRTH,
    columns::ID_TYPE,
    columns::ID_NO,
    columns::EDUCATION,
    columns::SCHOOL,
    columns::MAJOR,
    columns::GRADUATED,
    columns::UNIT,
    columns::JOB_TITLE,
    columns::WORK_YEARS,
    columns::LEVEL,
    c("报考科目"),
    c("是否首次报考"),
    columns::PHONE,
    columns::TOWN,
    columns::NOTE,
    columns::CLASS,
];
static STAFF: &[Column] =
    &[columns::NAME, columns::ID_NO, c("人员类别"), c("所在站点"), c("到岗日期"), c("是否持证"), columns::PHONE];
static ATTENDANCE: &[Column] =
    &[columns::NAME, columns::UNIT, columns::PHONE, c("签到").required(), c("签退"), columns::NOTE];
static HOURS: &[Column] = &[
    c("记录编号").required(),
    columns::STUDENT_NO,
    columns::NAME,
    c("基地编码"),
    c("日期").required(),
    c("起"),
    c("止"),
    c("时数").required(),
    c("工作内容"),
    c("项目编号"),
    c("服务对象"),
    c("服务人次"),
    c("督导时数"),
    c("督导"),
    c("确认状态"),
    columns::NOTE,
];
static REGISTRATIONS: &[Column] = &[
    c("报名序号"),
    columns::NAME,
    columns::SEX,
    columns::ID_TYPE,
    columns::ID_NO,
    columns::LEVEL,
    c("报考科目"),
    columns::EDUCATION,
    columns::MAJOR,
    columns::GRADUATED,
    columns::WORK_YEARS,
    columns::UNIT,
    columns::PHONE,
    c("报名时间"),
    c("审核状态"),
    c("缴费状态"),
    columns::NOTE,
];
static RESULTS: &[Column] = &[
    columns::NAME,
    columns::ID_NO,
    c("档案号"),
    columns::LEVEL,
    c("社会工作法规与政策"),
    c("社会工作综合能力"),
    c("社会工作实务"),
    columns::NOTE,
];
static CERTIFICATES: &[Column] = &[
    columns::NAME,
    columns::SEX,
    columns::ID_NO,
    columns::LEVEL,
    c("管理号").required(),
    c("考试年度"),
    c("批准日期"),
    columns::UNIT,
    c("首次登记日期"),
    c("登记有效期至"),
    columns::PHONE,
    columns::NOTE,
];

#[test]
fn the_files_of_sets_a_and_b_are_read_under_their_headers() {
    let Some(dir) = samples() else { return };
    let kinds: &[(&str, &'static [Column], bool)] = &[
        ("社会组织名录", ORGANISATIONS, false),
        ("合格人员名单", PASSED, false),
        ("实习基地台账", BASES, false),
        ("服务项目清单", PROJECTS, false),
        ("学校实习生名单", INTERNS, false),
        ("培训报名汇总表", CLASS_ROSTER, false),
        ("站点人员名册", STAFF, false),
        ("培训签到表", ATTENDANCE, true),
        ("实习时数记录", HOURS, false),
        ("考试报名", REGISTRATIONS, false),
        ("考试成绩", RESULTS, true),
        ("证书名单", CERTIFICATES, false),
    ];
    let mut n = 0;
    for want in &expected(&dir) {
        let file = text(want, "file");
        let Some((_, columns, all)) = kinds.iter().find(|(name, _, _)| file.contains(name)) else { continue };
        n += 1;
        let bytes = std::fs::read(dir.join(file)).unwrap();
        let found = tables(&bytes, file, columns, *all).unwrap_or_else(|p| panic!("{file}: {p:?}"));
        for t in &found {
            assert_eq!(u64::from(t.header_rows.0), want["header_row"].as_u64().unwrap(), "{file}");
            assert!(t.warnings.is_empty(), "{file}: {:?}", t.warnings);
        }
        let rows: usize = found.iter().map(|t| t.rows.len()).sum();
        assert_eq!(rows as u64, want["data_rows"].as_u64().unwrap(), "{file}");
        check_not_data(file, want, &found.iter().collect::<Vec<_>>());
        if file.contains("签到表_第一期") {
            let t = &found[0];
            assert_eq!((t.sheet.as_str(), found.len()), ("0321上", 6));
            let day = t.title_value("日期").unwrap().to_date().unwrap().unwrap();
            assert_eq!(day.to_string(), "2026-03-21");
            assert_eq!(t.title_value("场次").unwrap().show(), "上午");
            assert_eq!(t.title_value("学时").unwrap().to_hundredths(), Ok(Some(400)));
            assert_eq!(t.title_value("授课人").unwrap().show(), "潘文晓");
            assert_eq!(t.cell(&t.rows[0], "签到").to_minutes(), Ok(Some(502)));
        }
        if file.contains("培训报名汇总表") {
            let intake = intake::judge(&found[0], &options());
            let got: Vec<(u32, &str)> = intake.problems.iter().map(|p| (p.row.unwrap(), p.code.as_ref())).collect();
            assert_eq!(got, [(6, "namesake"), (33, "namesake")]);
            assert_eq!(intake.people.len(), 120);
        }
        if file.contains("学校实习生名单") {
            assert_eq!(intake::judge(&found[0], &options()).people.len(), 60);
        }
    }
    assert_eq!(n, 15);
}
