//! Registrations: the list, and the change of payment or state by hand.

use chrono::NaiveDate;
use sea_orm::{EntityTrait, FromQueryResult, Value};

use super::super::entity::registration;
use super::super::facts;
use super::super::rules::Payment;
use super::{Cycle, EDITORS, READERS, bulk, cycle_by_id, visible};
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Lang, Msg, Result};
use crate::db::{self, Cx};
use crate::people::scope;
use crate::pipeline;
use crate::schemes;

/// Which registrations of a cycle.
#[derive(Clone, Debug, Default)]
pub struct RegistrationFilter {
    pub level: Option<String>,
    /// `active` or `withdrawn`.
    pub state: Option<String>,
    /// The beginning of a name.
    pub name: Option<String>,
}

/// A registration as shown.
#[derive(Clone, Debug)]
pub struct RegistrationView {
    pub id: i64,
    pub person_id: i64,
    pub name: String,
    pub id_tail: String,
    pub level: String,
    pub level_name: String,
    pub subject_names: Vec<String>,
    pub number: String,
    pub registered_on: NaiveDate,
    pub payment: String,
    pub state: String,
    pub review: String,
    pub unit: String,
    pub education: String,
    pub major: String,
    pub work_years: Option<i64>,
    pub version: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    person_id: i64,
    name: String,
    id_tail: String,
    level: String,
    subjects: String,
    number: String,
    registered_on: NaiveDate,
    payment: String,
    state: String,
    review: String,
    unit: String,
    education: String,
    major: String,
    work_years: Option<i64>,
    version: i64,
}

const SELECT: &str = "SELECT r.id, r.person_id, p.name, p.id_tail, r.level, r.subjects, r.number, r.registered_on, r.payment, \
     r.state, r.review, r.unit, r.education, r.major, r.work_years, r.version FROM registration r \
     JOIN person p ON p.id = r.person_id";

/// Registrations of a cycle, of the people the actor sees, in the order in which they were recorded.
///
/// # Errors
/// [`Error::Forbidden`] for roles that see no names; [`Error::NotFound`] for an unknown cycle.
pub async fn registrations(
    cx: &Cx,
    who: &Actor,
    cycle_id: i64,
    filter: &RegistrationFilter,
    page: &PageReq,
    lang: Lang,
) -> Result<Page<RegistrationView>> {
    who.require(READERS)?;
    let cycle = cycle_by_id(cx.read(), cycle_id).await?;
    let (scope, scoped) = scope::sql(who);
    let mut sql = format!("{SELECT} WHERE r.cycle_id = ? AND r.id > ? AND {scope}");
    let mut values: Vec<Value> = vec![cycle_id.into(), page.after_id().unwrap_or(0).into()];
    values.extend(scoped);
    for (column, wanted) in [("r.level", &filter.level), ("r.state", &filter.state)] {
        if let Some(wanted) = wanted {
            sql.push_str(&format!(" AND {column} = ?"));
            values.push(wanted.as_str().into());
        }
    }
    super::candidates::by_name(&mut sql, &mut values, filter.name.as_deref());
    sql.push_str(" ORDER BY r.id LIMIT ?");
    values.push(i64::try_from(page.limit() + 1).unwrap_or(i64::MAX).into());
    let rows: Vec<Row> = db::rows(cx.read(), &sql, values).await?;
    let page = Page::cut(rows, page.limit(), |r| r.id.to_string());
    let schemes = schemes::of(cx)?;
    Ok(page.map(|r| view(&schemes, &cycle, r, lang)))
}

/// One registration.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or its person is out of the actor's scope.
pub async fn registration(cx: &Cx, who: &Actor, id: i64, lang: Lang) -> Result<(Cycle, RegistrationView)> {
    who.require(READERS)?;
    let (scope, scoped) = scope::sql(who);
    let sql = format!("{SELECT} WHERE r.id = ? AND {scope}");
    let found: Vec<Row> = db::rows(cx.read(), &sql, std::iter::once(id.into()).chain(scoped)).await?;
    let row = found.into_iter().next().ok_or_else(|| Error::not_found("error-not-found"))?;
    let model = registration::Entity::find_by_id(id).one(cx.read()).await?;
    let model = model.ok_or_else(|| Error::not_found("error-not-found"))?;
    let cycle = cycle_by_id(cx.read(), model.cycle_id).await?;
    let schemes = schemes::of(cx)?;
    let shown = view(&schemes, &cycle, row, lang);
    Ok((cycle, shown))
}

fn view(schemes: &schemes::Schemes, cycle: &Cycle, r: Row, lang: Lang) -> RegistrationView {
    let level = schemes.scheme(&cycle.scheme).ok().and_then(|s| s.level(&r.level));
    let subject_name = |code: &str| {
        let subject = level.and_then(|l| l.subject(code));
        subject.map_or_else(|| code.to_owned(), |s| s.name.text(lang).to_owned())
    };
    RegistrationView {
        id: r.id,
        person_id: r.person_id,
        name: r.name,
        id_tail: r.id_tail,
        level_name: schemes.level_name(&cycle.scheme, &r.level, lang),
        subject_names: r.subjects.split(',').filter(|s| !s.is_empty()).map(subject_name).collect(),
        level: r.level,
        number: r.number,
        registered_on: r.registered_on,
        payment: r.payment,
        state: r.state,
        review: r.review,
        unit: r.unit,
        education: r.education,
        major: r.major,
        work_years: r.work_years,
        version: r.version,
    }
}

/// A registration corrected by hand.
#[derive(Clone, Debug)]
pub struct ChangeRegistration {
    pub id: i64,
    /// The version seen.
    pub version: i64,
    pub payment: Payment,
    /// Withdrawn by the candidate, whatever was paid.
    pub withdrawn: bool,
    pub why: String,
}

/// Changes payment and state; unpaid is withdrawn. Files no longer change them.
///
/// # Errors
/// [`Error::Invalid`] without a reason, [`Error::Conflict`] when somebody else changed it meanwhile.
pub async fn change_registration(cx: &Cx, who: &Actor, input: ChangeRegistration) -> Result<()> {
    who.require(EDITORS)?;
    let why = input.why.trim();
    if why.is_empty() {
        return Err(Error::field("why", Msg::new("exams-why-missing")));
    }
    let txn = cx.begin().await?;
    let old = registration::Entity::find_by_id(input.id).one(&txn).await?;
    let old = old.ok_or_else(|| Error::not_found("error-not-found"))?;
    visible(&txn, who, old.person_id).await?;
    if old.version != input.version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let gone = input.withdrawn || input.payment == Payment::Unpaid;
    let mut new = old.clone();
    input.payment.name().clone_into(&mut new.payment);
    new.state = if gone { "withdrawn" } else { "active" }.to_owned();
    new.corrected = true;
    let before = pipeline::open(&txn, &[old.person_id]).await?;
    bulk::update_registration(&txn, cx, who, &old, new, why, None).await?;
    let changes = facts::of(&txn, &*schemes::of(cx)?, &[old.person_id]).await?;
    before.close(&txn, cx, changes).await?;
    Ok(txn.commit().await?)
}
