//! Judges the person columns of a table, row by row and rows against each other: pure, so that every import of people
//! says the same of the same row. What a kind has besides (cohort, base, marks) it reads itself from
//! `table.rows[input.index]`.
//!
//! Of two rows that repeat or contradict each other only the later is refused, and only a good row can be the earlier.

mod fields;
mod peers;

use chrono::NaiveDate;

use super::ops::batch::Incoming;
use super::rules::id_no::Sex;
use super::rules::id_type::IdType;
use crate::importing::date::DateValue;
use crate::importing::{Column, Problem, Table};

/// The columns of a person. A kind puts those it knows into its own list, with [`Column::required`] and other labels as
/// its form has them; the keys are what counts here.
pub mod columns {
    use super::Column;

    pub const NO: Column = Column::new("no", "序号", &["编号", "行号", "No", "No."]);
    pub const NAME: Column = Column::new(
        "name",
        "姓名",
        &["学员姓名", "学生姓名", "考生姓名", "人员姓名", "真实姓名", "名字", "姓名全称", "name"],
    )
    .required();
    pub const SEX: Column = Column::new("sex", "性别", &["男女", "gender", "sex"]);
    pub const ETHNICITY: Column = Column::new("ethnicity", "民族", &["族别"]);
    pub const BIRTH: Column = Column::new(
        "birth",
        "出生年月",
        &["出生日期", "生日", "出生年月日", "出生时间", "出生", "date of birth", "birth"],
    );
    pub const ID_TYPE: Column =
        Column::new("id_type", "证件类型", &["证件种类", "证件类别", "证件名称", "身份证件类型"]);
    pub const ID_NO: Column = Column::new(
        "id_no",
        "身份证号",
        &[
            "身份证号码",
            "证件号码",
            "证件号",
            "公民身份号码",
            "公民身份证号码",
            "公民身份证号",
            "居民身份证号",
            "居民身份证号码",
            "身份证件号码",
            "身份证件号",
            "有效证件号码",
            "有效证件号",
            "身份号码",
            "身份证",
            "id number",
            "id no",
        ],
    )
    .required();
    pub const STUDENT_NO: Column = Column::new("student_no", "学号", &["学生学号", "学籍号"]);
    pub const EDUCATION: Column = Column::new("education", "学历", &["文化程度", "最高学历", "培养层次", "学历层次"]);
    pub const SCHOOL: Column =
        Column::new("school", "毕业院校", &["毕业学校", "学校", "院校", "就读院校", "所在学校", "毕业院校名称"]);
    pub const MAJOR: Column = Column::new("major", "所学专业", &["专业", "毕业专业", "专业名称"]);
    pub const GRADUATED: Column =
        Column::new("graduated_on", "毕业时间", &["毕业日期", "毕业年月", "毕业年份", "预计毕业时间", "预毕业时间"]);
    pub const UNIT: Column = Column::new(
        "unit",
        "工作单位",
        &["单位", "所在单位", "单位名称", "工作单位名称", "就职单位", "现工作单位", "任职单位"],
    );
    pub const JOB_TITLE: Column =
        Column::new("job_title", "职务", &["岗位", "职位", "职务职称", "职务/职称", "现任职务", "工作岗位"]);
    pub const WORK_YEARS: Column = Column::new(
        "work_years",
        "从事社会工作年限",
        &["从业年限", "工作年限", "社会工作年限", "从事社工年限", "从事社会工作时间", "社工年限", "从事相关工作年限"],
    );
    pub const LEVEL: Column =
        Column::new("level", "报考级别", &["申报级别", "报名级别", "级别", "考试级别", "报考等级", "级别名称"]);
    pub const PHONE: Column = Column::new(
        "phone",
        "联系电话",
        &[
            "手机号",
            "手机号码",
            "移动电话",
            "电话",
            "手机",
            "联系方式",
            "电话号码",
            "联系手机",
            "本人电话",
            "phone",
            "mobile",
        ],
    );
    pub const EMAIL: Column = Column::new("email", "电子邮箱", &["邮箱", "电子邮件", "E-mail", "email", "邮箱地址"]);
    pub const TOWN: Column = Column::new(
        "town",
        "乡镇(街道)",
        &[
            "所属乡镇",
            "乡镇",
            "街道",
            "乡镇街道",
            "镇街",
            "所在乡镇",
            "所属镇街",
            "所属街道",
            "所在苏木镇",
            "所在镇街",
            "乡镇/街道",
            "所属乡镇(街道)",
            "所在乡镇(街道)",
        ],
    );
    pub const EMPLOYMENT: Column = Column::new("employment_kind", "从业情况", &["从业状态", "专兼职", "人员类别"]);
    pub const CLASS: Column = Column::new("class", "班次", &["班级", "培训班次", "培训班", "期次", "培训期次"]);
    pub const NOTE: Column = Column::new("note", "备注", &["说明", "备注说明", "其他", "note", "remarks"]);

    /// The roster of set D and of most counties: a person and the level they aim at.
    pub static ALL: &[Column] = &[
        NO, NAME, SEX, ETHNICITY, BIRTH, ID_TYPE, ID_NO, STUDENT_NO, EDUCATION, SCHOOL, MAJOR, GRADUATED, UNIT,
        JOB_TITLE, WORK_YEARS, LEVEL, PHONE, EMAIL, TOWN, EMPLOYMENT, CLASS, NOTE,
    ];
}

/// What the judge must be told.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// Nobody is born after it.
    pub today: NaiveDate,
    /// The level that a text names, by the scheme of the import; `None` refuses the row with `level_unknown_value`.
    pub level: &'o (dyn Fn(&str) -> Option<String> + Sync),
}

/// A row that may be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonInput {
    /// Which of the table's rows.
    pub index: usize,
    /// The number a spreadsheet program shows.
    pub row: u32,
    pub id_type: IdType,
    pub id_no: String,
    pub name: String,
    pub name_key: String,
    pub sex: Option<Sex>,
    pub birth: Option<DateValue>,
    pub ethnicity: String,
    pub education: String,
    pub school: String,
    pub major: String,
    /// `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or empty.
    pub graduated_on: String,
    pub unit: String,
    pub job_title: String,
    pub student_no: String,
    pub employment_kind: String,
    pub work_years: Option<i64>,
    /// As [`Options::level`] gave it; empty when none was written.
    pub level: String,
    pub phone: String,
    pub email: String,
    pub town: String,
    pub note: String,
    /// The class as written, where the sheet has such a column.
    pub class: String,
}

impl PersonInput {
    /// The date of birth: of a resident's number the whole date, which the sheet may give as a month only.
    fn full_birth(&self) -> String {
        let of_id = |a, b| self.id_no.get(a..b).unwrap_or_default();
        if self.id_type.is_eighteen() {
            return format!("{}-{}-{}", of_id(6, 10), of_id(10, 12), of_id(12, 14));
        }
        self.birth.map(|b| b.to_string()).unwrap_or_default()
    }

    /// The form in which people are stored; region, campus and ownership are the caller's to add.
    #[must_use]
    pub fn to_incoming(&self) -> Incoming {
        self.clone().into_incoming()
    }

    /// As [`PersonInput::to_incoming`], for those who need the input no longer.
    #[must_use]
    pub fn into_incoming(self) -> Incoming {
        let birth = self.full_birth();
        Incoming {
            id_type: self.id_type.code().to_owned(),
            id_no: self.id_no,
            name: self.name,
            name_key: self.name_key,
            sex: self.sex.map_or("", Sex::code).to_owned(),
            birth,
            ethnicity: self.ethnicity,
            phone: self.phone,
            email: self.email,
            education: self.education,
            school: self.school,
            major: self.major,
            graduated_on: self.graduated_on,
            unit: self.unit,
            job_title: self.job_title,
            student_no: self.student_no,
            town: self.town,
            employment_kind: self.employment_kind,
            note: self.note,
            work_years: self.work_years,
            ..Incoming::default()
        }
    }
}

/// The verdict on a table.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    /// The good rows, in the order of the sheet.
    pub people: Vec<PersonInput>,
    /// Errors of the refused rows and warnings of the good ones, in the order of rows. A refused row carries no warnings.
    pub problems: Vec<Problem>,
}

/// Judges every row of a table by itself and against the rows before it: each person stands once.
#[must_use]
pub fn judge(table: &Table, options: &Options<'_>) -> Intake {
    judge_with(table, options, Some(peers::Peers::default()))
}

/// Judges every row of a table by itself, for lists in which a person may stand more than once (certificates).
#[must_use]
pub fn judge_alone(table: &Table, options: &Options<'_>) -> Intake {
    judge_with(table, options, None)
}

fn judge_with(table: &Table, options: &Options<'_>, mut peers: Option<peers::Peers>) -> Intake {
    let reader = fields::Reader::new(table, options);
    let mut out = Intake { people: Vec::with_capacity(table.rows.len()), problems: Vec::new() };
    let mut problems = Vec::new();
    for (index, row) in table.rows.iter().enumerate() {
        problems.clear();
        let input = reader.read(index, row, &mut problems);
        let refused = problems.iter().any(Problem::is_error);
        if let Some(input) = input.filter(|_| !refused) {
            if let Some(peers) = &mut peers {
                peers.compare(table, row, &input, &out.people, &mut problems);
            }
            if !problems.iter().any(Problem::is_error) {
                out.people.push(input);
                if let Some(peers) = &mut peers {
                    peers.add(&out.people);
                }
                out.problems.append(&mut problems);
                continue;
            }
        }
        out.problems.extend(problems.drain(..).filter(Problem::is_error));
    }
    if let Some(peers) = peers {
        out.problems.extend(peers.later(table, &out.people));
    }
    out.problems.sort_by_key(|p| p.row);
    out
}
