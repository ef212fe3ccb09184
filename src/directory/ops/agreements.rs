//! Agreements between campus and base (校政合作协议): the register, one, add and change.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};

use super::super::entity::{agreement, base, bases_visible_to, campus, supervisor};
use super::Agreement;
use crate::audit;
use crate::core::page::Page;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::list::{Order, Slice, Sort, Where, page};
use crate::db::{self, Cx};
use crate::records;

/// An agreement with the names around it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct AgreementView {
    pub id: i64,
    pub version: i64,
    pub campus_id: i64,
    pub campus_name: String,
    pub base_id: i64,
    pub base_name: String,
    pub number: String,
    pub campus_mentor: String,
    pub supervisor_id: Option<i64>,
    pub supervisor_name: Option<String>,
    pub fields: String,
    pub note: String,
    pub capacity: Option<i64>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
}

impl AgreementView {
    /// Whether it holds on a day; an absent end is open.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// What narrows the register.
#[derive(Clone, Debug, Default)]
pub struct FindAgreements {
    /// Part of a name or number.
    pub text: String,
    pub base_id: Option<i64>,
    pub campus_id: Option<i64>,
    /// Only those that hold on this day.
    pub valid_on: Option<NaiveDate>,
}

/// The orders of the register.
pub const ORDERS: [Order; 4] = [
    Order::text("base", "b.name"),
    Order::text("campus", "c.name"),
    Order::text("number", "a.number"),
    Order::text("valid_to", "COALESCE(CAST(a.valid_to AS TEXT), '9999')"),
];

const FROM: &str = "agreement a JOIN base b ON b.id = a.base_id JOIN campus c ON c.id = a.campus_id \
                    LEFT JOIN supervisor s ON s.id = a.supervisor_id";

const COLUMNS: &str = "a.id, a.version, a.campus_id, c.name AS campus_name, a.base_id, b.name AS base_name, a.number, \
                       a.campus_mentor, a.supervisor_id, s.name AS supervisor_name, a.fields, a.note, a.capacity, \
                       a.valid_from, a.valid_to";

/// Those of bases that the actor sees: a region's for the administrator, all for a trainer, their own for a supervisor.
fn scope(who: &Actor) -> Result<Where> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Supervisor])?;
    let mut w = Where::default();
    w.scope(who, "b.region_code");
    if who.role == Role::Supervisor {
        let bases = &who.scope.bases;
        w.and("b.active = ?", [true.into()]);
        match bases.len() {
            0 => w.and("1 = 0", []),
            n => w.and(&format!("b.id IN ({})", db::places(n)), bases.iter().map(|b| (*b).into())),
        }
    }
    Ok(w)
}

/// The register.
///
/// # Errors
/// Forbidden for interns and observers.
pub async fn list(
    db: &impl ConnectionTrait,
    who: &Actor,
    find: &FindAgreements,
    sort: &str,
    slice: &Slice,
) -> Result<Page<AgreementView>> {
    let mut w = scope(who)?;
    w.contains(&["b.name", "c.name", "a.number", "a.campus_mentor"], &find.text);
    if let Some(id) = find.base_id {
        w.and("a.base_id = ?", [id.into()]);
    }
    if let Some(id) = find.campus_id {
        w.and("a.campus_id = ?", [id.into()]);
    }
    if let Some(day) = find.valid_on {
        w.and("(a.valid_from IS NULL OR a.valid_from <= ?)", [day.into()]);
        w.and("(a.valid_to IS NULL OR a.valid_to >= ?)", [day.into()]);
    }
    page(db, COLUMNS, FROM, "a.id", w, Sort::of(&ORDERS, sort), slice).await
}

/// One agreement.
///
/// # Errors
/// Not found, also when its base is not the actor's to see.
pub async fn get(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<AgreementView> {
    let mut w = scope(who)?;
    w.and("a.id = ?", [id.into()]);
    let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE {}", w.sql);
    let row = db::rows(db, &sql, w.values).await?.into_iter().next();
    row.ok_or_else(|| Error::not_found("error-not-found"))
}

/// An agreement to be added or changed; campus and base stay as they are in a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgreementInput {
    pub campus_id: i64,
    pub base_id: i64,
    pub number: String,
    pub campus_mentor: String,
    pub supervisor_id: Option<i64>,
    /// Typed with any separator; kept joined by "、".
    pub fields: String,
    pub note: String,
    pub capacity: Option<i64>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
}

fn tidy(mut a: AgreementInput) -> Result<AgreementInput> {
    for s in [&mut a.number, &mut a.campus_mentor, &mut a.note] {
        *s = s.trim().to_owned();
    }
    let parts: Vec<&str> =
        a.fields.split(['、', ',', '，', ';', '；', '\n']).map(str::trim).filter(|p| !p.is_empty()).collect();
    a.fields = parts.join("、");
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if a.number.is_empty() {
        bad("number", Msg::new("agreement-number-missing"));
    }
    if a.valid_from.zip(a.valid_to).is_some_and(|(from, to)| to < from) {
        bad("valid_to", Msg::new("agreement-ends-before-starts"));
    }
    if a.capacity.is_some_and(|c| !(0..=100_000).contains(&c)) {
        bad("capacity", Msg::new("base-capacity-range"));
    }
    for (field, text, most) in [
        ("number", &a.number, 80),
        ("campus_mentor", &a.campus_mentor, 80),
        ("fields", &a.fields, 400),
        ("note", &a.note, 2000),
    ] {
        if text.chars().count() > most {
            bad(field, Msg::new("agreement-text-long").with("most", most));
        }
    }
    if wrong.is_empty() { Ok(a) } else { Err(Error::Invalid(wrong)) }
}

async fn check_supervisor(db: &impl ConnectionTrait, base: i64, id: Option<i64>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let row = supervisor::Entity::find_by_id(id).one(db).await?;
    match row.filter(|s| s.base_id == base) {
        Some(_) => Ok(()),
        None => Err(Error::field("supervisor_id", Msg::new("agreement-supervisor-unknown"))),
    }
}

/// Adds an agreement.
///
/// # Errors
/// Forbidden for all but those who run the training; wrong fields; the number that campus and base have already.
pub async fn add(cx: &Cx, who: &Actor, input: AgreementInput) -> Result<Agreement> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let a = tidy(input)?;
    let txn = cx.begin().await?;
    let base = bases_visible_to(who).filter(base::Column::Id.eq(a.base_id)).one(&txn).await?;
    let base = base.ok_or_else(|| Error::field("base_id", Msg::new("agreement-base-unknown")))?;
    if !base.active {
        return Err(Error::field("base_id", Msg::new("agreement-base-retired")));
    }
    let campus = campus::Entity::find_by_id(a.campus_id).one(&txn).await?;
    campus.ok_or_else(|| Error::field("campus_id", Msg::new("agreement-campus-unknown")))?;
    check_supervisor(&txn, base.id, a.supervisor_id).await?;
    let same = agreement::Entity::find()
        .filter(agreement::Column::BaseId.eq(a.base_id))
        .filter(agreement::Column::CampusId.eq(a.campus_id))
        .filter(agreement::Column::Number.eq(a.number.as_str()));
    if same.one(&txn).await?.is_some() {
        return Err(Error::field("number", Msg::new("agreement-number-taken")));
    }
    let now = cx.now();
    let row = agreement::Model {
        id: 0,
        campus_id: a.campus_id,
        base_id: a.base_id,
        number: a.number,
        campus_mentor: a.campus_mentor,
        supervisor_id: a.supervisor_id,
        fields: a.fields,
        note: a.note,
        capacity: a.capacity,
        valid_from: a.valid_from,
        valid_to: a.valid_to,
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: None,
        updated_by: None,
    };
    let row = records::insert(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(row)
}

/// Changes an agreement; placements made under it stay.
///
/// # Errors
/// As [`add`]; not found; changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: AgreementInput, version: i64) -> Result<Agreement> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let a = tidy(input)?;
    let txn = cx.begin().await?;
    get(&txn, who, id).await?;
    let old = agreement::Entity::find_by_id(id).one(&txn).await?;
    let old = old.ok_or_else(|| Error::not_found("error-not-found"))?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    check_supervisor(&txn, old.base_id, a.supervisor_id).await?;
    let new = agreement::Model {
        number: a.number,
        campus_mentor: a.campus_mentor,
        supervisor_id: a.supervisor_id,
        fields: a.fields,
        note: a.note,
        capacity: a.capacity,
        valid_from: a.valid_from,
        valid_to: a.valid_to,
        ..old.clone()
    };
    let new = records::update(&txn, cx, who, &old, new, audit::Change::new("update", "agreement", id, 0)).await?;
    txn.commit().await?;
    Ok(new)
}
