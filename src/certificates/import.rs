//! The kind `certificates`: lists of certified people (合格人员名单) and lists of certificates (证书名单). People who are
//! in no earlier list are made. A person with two levels has two rows.

use std::collections::HashSet;

use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::{Column as C, Entity};
use super::ops;
use super::rules::{self, Dates, Fault};
use super::storing::store;
use crate::core::{Error, Result, Role};
use crate::db;
use crate::directory::ops::regions;
use crate::importing::{Ask, Column, Job, Kind, Params, Problem, Row, Table, Undo};
use crate::people::intake::{self, PersonInput, columns as person};
use crate::pipeline::{self, Change};
use crate::schemes::{self, Scheme};

/// The kind `certificates`.
#[derive(Clone, Copy, Debug)]
pub struct Certificates;

static COLUMNS: &[Column] = &[
    person::NO,
    person::NAME,
    person::SEX,
    person::ETHNICITY,
    person::BIRTH,
    person::ID_TYPE,
    person::ID_NO,
    Column { label: "级别", ..person::LEVEL }.required(),
    Column::new("exam_year", "考试年度", &["合格年度", "取得年度", "年度", "考试年份", "合格年份", "取得年份"]),
    Column::new(
        "number",
        "管理号",
        &["证书管理号", "证书编号", "证书号", "证书号码", "资格证书编号", "资格证书管理号"],
    )
    .required(),
    Column::new(
        "approved_on",
        "批准日期",
        &["批准时间", "取得日期", "取得时间", "发证日期", "签发日期", "证书取得时间", "批准日"],
    )
    .required(),
    person::EDUCATION,
    person::UNIT,
    person::JOB_TITLE,
    person::EMPLOYMENT,
    person::TOWN,
    Column::new("first_registered_on", "首次登记日期", &["首次登记时间", "登记日期", "登记时间", "首次登记"]),
    Column::new(
        "registered_until",
        "登记有效期至",
        &["登记有效期", "有效期至", "登记有效期止", "有效期止", "登记到期日"],
    ),
    person::PHONE,
    person::EMAIL,
    person::NOTE,
];

/// A good row: the person and their certificate.
pub(super) struct Line<'t> {
    pub(super) row: &'t Row,
    pub(super) input: PersonInput,
    pub(super) number: String,
    pub(super) dates: Dates,
}

#[async_trait]
impl Kind for Certificates {
    fn name(&self) -> &'static str {
        "certificates"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn all_sheets(&self) -> bool {
        true
    }

    fn roles(&self) -> &'static [Role] {
        &[Role::Administrator]
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask::Scheme, Ask::Region]
    }

    async fn load(&self, job: &mut Job<'_>) -> Result<()> {
        let schemes = schemes::of(job.cx)?;
        let code = Params::need("scheme", job.params.scheme.as_deref())?;
        let scheme = schemes.scheme(&code).map_err(|e| match e {
            Error::NotFound(msg) => Error::field("scheme", msg),
            other => other,
        })?;
        let region = match job.params.region.as_deref().map(str::trim).filter(|r| !r.is_empty()) {
            Some(code) => regions::ensure(job.txn, job.cx, job.who, code).await?.code,
            None => job.who.scope.regions.first().cloned().unwrap_or_default(),
        };
        let towns = regions::towns_below(job.txn, &region).await?;
        for table in job.tables {
            let (lines, problems) = judge(job, scheme, table);
            job.problems(problems);
            store(job, scheme, &region, &towns, table, lines).await?;
        }
        Ok(())
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        let (cx, txn) = (undo.cx, undo.txn);
        let rows = [undo.ids("certificate", "insert"), undo.ids("certificate", "update")].concat();
        let created: HashSet<i64> = undo.ids("person", "insert").into_iter().collect();
        let mut people: HashSet<i64> = created.iter().copied().chain(undo.ids("person", "update")).collect();
        for chunk in rows.chunks(db::CHUNK) {
            let holders: Vec<i64> = Entity::find()
                .filter(C::Id.is_in(chunk.iter().copied()))
                .select_only()
                .column(C::PersonId)
                .into_tuple()
                .all(txn)
                .await?;
            people.extend(holders);
        }
        let people: Vec<i64> = people.into_iter().collect();
        let before = pipeline::open(txn, &people).await?;
        undo.walk(&["certificate"]).await?;
        if !created.is_empty() {
            pipeline::forget(txn, &created.iter().copied().collect::<Vec<_>>()).await?;
        }
        undo.walk(&["person"]).await?;
        let stay: Vec<i64> = people.into_iter().filter(|id| !created.contains(id)).collect();
        let schemes = schemes::of(cx)?;
        let mut changes: Vec<(i64, Change)> = stay.iter().map(|id| (*id, Change::Person)).collect();
        changes.extend(ops::facts(txn, &schemes, &stay).await?);
        before.close(txn, cx, changes).await
    }
}

/// Judges the rows of a table by themselves.
fn judge<'t>(job: &Job<'_>, scheme: &Scheme, table: &'t Table) -> (Vec<Line<'t>>, Vec<Problem>) {
    let today = job.cx.today();
    let level = |text: &str| scheme.level_by_name(text).map(|l| l.code.clone());
    let options = intake::Options { today, level: &level };
    let intake::Intake { people, mut problems } = intake::judge_alone(table, &options);
    let mut lines = Vec::with_capacity(people.len());
    for input in people {
        let Some(row) = table.rows.get(input.index) else { continue };
        let mut faults: Vec<(&'static str, Problem)> = Vec::new();
        if input.level.is_empty() {
            faults.push(("level", Problem::error("certificate_level_missing")));
        }
        let number = rules::number(&table.cell(row, "number").show());
        if let Err(f) = number {
            faults.push(("number", Problem::error(f.code()).with("value", table.cell(row, "number").show())));
        }
        let dates = dates(table, row, &mut faults);
        if let Some(d) = &dates {
            faults.extend(rules::dates(d, today).into_iter().map(|f| (f.field(), Problem::error(f.code()))));
        }
        let wrong = !faults.is_empty();
        problems.extend(faults.into_iter().map(|(key, p)| table.problem(p, row, key)));
        if let (false, Ok(number), Some(dates)) = (wrong, number, dates) {
            lines.push(Line { row, input, number, dates });
        }
    }
    (lines, problems)
}

fn dates(table: &Table, row: &Row, faults: &mut Vec<(&'static str, Problem)>) -> Option<Dates> {
    let mut day = |key: &'static str| {
        let cell = table.cell(row, key);
        match cell.to_date() {
            Ok(None) => None,
            Ok(Some(d)) => {
                let day = d.day();
                if day.is_none() {
                    faults.push((key, Problem::error("date_unreadable").with("value", cell.show())));
                }
                day
            }
            Err(code) => {
                faults.push((key, Problem::error(code).with("value", cell.show())));
                None
            }
        }
    };
    let approved = day("approved_on");
    let first_registered_on = day("first_registered_on");
    let registered_until = day("registered_until");
    if approved.is_none() && table.cell(row, "approved_on").is_blank() {
        faults.push(("approved_on", Problem::error("approved_missing")));
    }
    let cell = table.cell(row, "exam_year");
    let shown = cell.show();
    let exam_year = match shown.trim_end_matches(['年', '度']) {
        "" => 0,
        text => text.parse().unwrap_or_else(|_| {
            faults.push(("exam_year", Problem::error(Fault::YearRange.code()).with("value", &shown)));
            0
        }),
    };
    Some(Dates { exam_year, approved_on: approved?, first_registered_on, registered_until })
}
