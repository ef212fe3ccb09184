//! One person by hand: seen, changed, deactivated, their number looked at.

use std::collections::HashSet;

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
};

use super::super::entity::person;
use super::super::rules::name;
use super::super::scope;
use super::super::timeline::TimelineItem;
use super::merge::changed;
use super::rows;
use super::{Person, area};
use crate::audit;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role, civil};
use crate::db::{self, Cx};
use crate::directory;
use crate::pipeline::{self, Change};

/// A person with what hangs on their row directly.
#[derive(Clone, Debug)]
pub struct PersonView {
    pub person: Person,
    pub region_name: String,
    pub campus_name: String,
    /// Empty until anything but the person is on record.
    pub stage: String,
    pub highest_scheme: String,
    pub highest_level: String,
    pub required_minutes: i64,
    pub confirmed_minutes: i64,
}

/// What may be changed; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct EditPerson {
    pub name: Option<String>,
    pub ethnicity: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub education: Option<String>,
    pub school: Option<String>,
    pub major: Option<String>,
    pub graduated_on: Option<String>,
    pub unit: Option<String>,
    pub job_title: Option<String>,
    pub student_no: Option<String>,
    pub region_code: Option<String>,
    pub town: Option<String>,
    pub employment_kind: Option<String>,
    pub note: Option<String>,
    pub work_years: Option<Option<i64>>,
    pub campus_id: Option<Option<i64>>,
}

/// The person's row, if the actor sees it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for an observer.
pub async fn visible(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<Person> {
    if !who.sees_identities() {
        return Err(Error::Forbidden);
    }
    let found = scope::visible_to(who).filter(person::Column::Id.eq(id)).one(db).await?;
    found.ok_or_else(|| Error::not_found("error-not-found"))
}

/// One person.
///
/// # Errors
/// As [`visible`].
pub async fn get(cx: &Cx, who: &Actor, id: i64) -> Result<PersonView> {
    #[derive(FromQueryResult)]
    struct Facts {
        stage: String,
        highest_scheme: String,
        highest_level: String,
        required_minutes: i64,
        confirmed_minutes: i64,
    }
    let db = cx.read();
    let person = visible(db, who, id).await?;
    let sql = "SELECT stage, highest_scheme, highest_level, required_minutes, confirmed_minutes FROM person_facts \
               WHERE person_id = ?";
    let facts = db::rows::<Facts>(db, sql, [id.into()]).await?.pop();
    let names = directory::ops::regions::names(db, std::slice::from_ref(&person.region_code)).await?;
    let campus_name = match person.campus_id {
        Some(c) => directory::entity::campus::Entity::find_by_id(c).one(db).await?.map(|c| c.name).unwrap_or_default(),
        None => String::new(),
    };
    let mut view = PersonView {
        region_name: names.get(&person.region_code).cloned().unwrap_or_default(),
        campus_name,
        person,
        stage: String::new(),
        highest_scheme: String::new(),
        highest_level: String::new(),
        required_minutes: 0,
        confirmed_minutes: 0,
    };
    if let Some(f) = facts {
        view.stage = f.stage;
        view.highest_scheme = f.highest_scheme;
        view.highest_level = f.highest_level;
        view.required_minutes = f.required_minutes;
        view.confirmed_minutes = f.confirmed_minutes;
    }
    Ok(view)
}

/// Changes a person. The paper and its number cannot be changed here: another number is another person.
///
/// # Errors
/// As [`visible`]; [`Error::Conflict`] when it was changed meanwhile; [`Error::Invalid`] with the wrong fields;
/// [`Error::Forbidden`] for moving the person out of the actor's regions.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: EditPerson, version: i64) -> Result<Person> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let txn = cx.begin().await?;
    let old = visible(&txn, who, id).await?;
    let new = apply(who, &old, input)?;
    if let Some(c) = new.campus_id.filter(|c| Some(*c) != old.campus_id)
        && directory::entity::campus::Entity::find_by_id(c).one(&txn).await?.is_none()
    {
        return Err(Error::field("campus_id", Msg::new("people-campus-unknown")));
    }
    check_region(&txn, who, &old, &new).await?;
    let new = save(&txn, cx, who, &old, new, version, "update", "").await?;
    txn.commit().await?;
    Ok(new)
}

/// A person moves only to a region on record; out of the county only an administrator moves them, since the county's
/// figures and its administrator lose them.
async fn check_region(txn: &DatabaseTransaction, who: &Actor, old: &Person, new: &Person) -> Result<()> {
    if old.region_code == new.region_code {
        return Ok(());
    }
    let wrong = |key: &str| Err(Error::field("region_code", Msg::new(key).with("code", &new.region_code)));
    if !new.region_code.is_empty() && !directory::ops::regions::exists(txn, &new.region_code).await? {
        return wrong("people-region-unknown");
    }
    let county = directory::rules::county;
    let leaves = !old.region_code.is_empty() && county(&old.region_code) != county(&new.region_code);
    if who.role == Role::Trainer && leaves {
        return wrong("people-region-other-county");
    }
    Ok(())
}

/// Takes a person out of the lists (or back in). The whole record stays.
///
/// # Errors
/// As [`edit`]; only an administrator may.
pub async fn set_active(cx: &Cx, who: &Actor, id: i64, active: bool, version: i64, why: &str) -> Result<Person> {
    who.require(&[Role::Administrator])?;
    let txn = cx.begin().await?;
    let old = visible(&txn, who, id).await?;
    let new = Person { active, ..old.clone() };
    let action = if active { "reactivate" } else { "deactivate" };
    let new = save(&txn, cx, who, &old, new, version, action, why.trim()).await?;
    txn.commit().await?;
    Ok(new)
}

#[expect(clippy::too_many_arguments, reason = "one private place where a change of a person is written")]
async fn save(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &Person,
    mut new: Person,
    version: i64,
    action: &'static str,
    why: &str,
) -> Result<Person> {
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if changed(old, &new).is_empty() {
        return Ok(new);
    }
    let counted = pipeline::open(txn, &[old.id]).await?;
    new.version = old.version + 1;
    new.updated_at = cx.now();
    new.updated_by = who.user_id;
    rows::update(txn, &new).await?;
    let entry = audit::Change::new(action, "person", new.id, new.version).before(old).after(&new).why(why);
    audit::record(txn, cx, who, [entry]).await?;
    counted.close(txn, cx, vec![(new.id, Change::Person)]).await?;
    if area::differs(cx, old, &new)? {
        area::tell(txn, cx, &[new.id]).await?;
    }
    Ok(new)
}

fn apply(who: &Actor, old: &Person, e: EditPerson) -> Result<Person> {
    let mut p = old.clone();
    let set = |to: &mut String, from: Option<String>| {
        if let Some(v) = from {
            v.trim().clone_into(to);
        }
    };
    set(&mut p.name, e.name);
    set(&mut p.ethnicity, e.ethnicity);
    set(&mut p.phone, e.phone);
    set(&mut p.email, e.email);
    set(&mut p.education, e.education);
    set(&mut p.school, e.school);
    set(&mut p.major, e.major);
    set(&mut p.graduated_on, e.graduated_on);
    set(&mut p.unit, e.unit);
    set(&mut p.job_title, e.job_title);
    set(&mut p.student_no, e.student_no);
    set(&mut p.region_code, e.region_code);
    set(&mut p.town, e.town);
    set(&mut p.employment_kind, e.employment_kind);
    set(&mut p.note, e.note);
    if let Some(y) = e.work_years {
        p.work_years = y;
    }
    if let Some(c) = e.campus_id {
        p.campus_id = c;
    }
    p.name_key = name::key(&p.name);
    let wrong = check(&p);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if who.role == Role::Administrator && !directory::rules::within(&who.scope.regions, &p.region_code) {
        return Err(Error::Forbidden);
    }
    Ok(p)
}

/// What a person's fields must be whatever their source: the same limits for page and API.
fn check(p: &Person) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if p.name_key.is_empty() {
        bad("name", Msg::new("people-name-missing"));
    }
    if p.name.chars().count() > 100 {
        bad("name", Msg::new("people-too-long").with("max", 100));
    }
    let phone_fits = p.phone.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')'));
    if !p.phone.is_empty() && (!phone_fits || !(5..=25).contains(&p.phone.chars().count())) {
        bad("phone", Msg::new("people-phone-form"));
    }
    let email_fits = p.email.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.'))
        && !p.email.chars().any(|c| c.is_whitespace() || c.is_control());
    if !p.email.is_empty() && (!email_fits || p.email.len() > 254) {
        bad("email", Msg::new("people-email-form"));
    }
    if !p.region_code.is_empty() && directory::rules::level(&p.region_code).is_none() {
        bad("region_code", Msg::new("region-code-form").with("code", &p.region_code));
    }
    if p.work_years.is_some_and(|y| !(0..=80).contains(&y)) {
        bad("work_years", Msg::new("people-work-years-range"));
    }
    let rest = [
        ("ethnicity", &p.ethnicity),
        ("education", &p.education),
        ("school", &p.school),
        ("major", &p.major),
        ("graduated_on", &p.graduated_on),
        ("unit", &p.unit),
        ("job_title", &p.job_title),
        ("student_no", &p.student_no),
        ("town", &p.town),
        ("employment_kind", &p.employment_kind),
    ];
    for (field, text) in rest {
        if text.chars().count() > 200 {
            bad(field, Msg::new("people-too-long").with("max", 200));
        }
    }
    if p.note.chars().count() > 2000 {
        bad("note", Msg::new("people-too-long").with("max", 2000));
    }
    wrong
}

/// The whole ID number, for those who must write it into a form. Leaves an audit entry each time.
///
/// # Errors
/// As [`visible`]; only administrator and trainer may.
pub async fn reveal(cx: &Cx, who: &Actor, id: i64) -> Result<String> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let txn = cx.begin().await?;
    let p = visible(&txn, who, id).await?;
    let number = cx.seal.open(&p.id_sealed)?;
    audit::record(&txn, cx, who, [audit::Change::new("reveal", "person", id, p.version)]).await?;
    txn.commit().await?;
    Ok(number)
}

/// The person's own part of the timeline: recorded, changed, number looked at.
pub fn timeline<'a>(
    cx: &'a Cx,
    who: &'a Actor,
    person_id: i64,
) -> futures_util::future::BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        let entries = audit::entity::Entity::find()
            .filter(audit::entity::Column::Entity.eq("person"))
            .filter(audit::entity::Column::EntityId.eq(person_id))
            .order_by_asc(audit::entity::Column::Id)
            .all(cx.read())
            .await?;
        let imports: Vec<i64> = entries.iter().filter_map(|e| e.import_id).collect();
        let opens = crate::importing::run::seen_among(cx.read(), who, &imports).await?;
        Ok(entries.iter().map(|e| item(e, civil::date_in(e.at, cx.zone()), who, &opens)).collect())
    })
}

fn item(e: &audit::entity::Model, on: NaiveDate, who: &Actor, opens: &HashSet<i64>) -> TimelineItem {
    let key = match (e.action.as_str(), e.import_id) {
        ("create", Some(_)) => "people-timeline-created-import",
        ("create", None) => "people-timeline-created",
        ("deactivate", _) => "people-timeline-deactivated",
        ("reactivate", _) => "people-timeline-reactivated",
        ("reveal", _) => "people-timeline-revealed",
        (_, Some(_)) => "people-timeline-changed-import",
        _ => "people-timeline-changed",
    };
    let text = Msg::new(key)
        .with("who", Actor::shown_name(&e.actor_name, who.lang))
        .with("import", e.import_id.unwrap_or_default());
    let mut item = TimelineItem { order: e.id, ..TimelineItem::new(on, "person", text) };
    if let Some(id) = e.import_id.filter(|id| opens.contains(id)) {
        item.href = format!("/imports/{id}");
    }
    let fields = fields_changed(e.before.as_deref(), e.after.as_deref());
    if e.action != "create" && !fields.is_empty() {
        for f in fields {
            item = item.detail(Msg::new(&format!("people-field-{}", f.replace('_', "-"))));
        }
    }
    if let Some(why) = e.why.as_deref().filter(|w| !w.is_empty()) {
        item = item.detail(Msg::new("people-timeline-why").with("why", why));
    }
    item
}

/// Fields in which two audited rows differ and that a reader can name.
fn fields_changed(before: Option<&str>, after: Option<&str>) -> Vec<String> {
    let read = |s: Option<&str>| -> serde_json::Map<String, serde_json::Value> {
        s.and_then(|s| serde_json::from_str(s).ok()).unwrap_or_default()
    };
    let (before, after) = (read(before), read(after));
    let hidden =
        ["version", "updated_at", "updated_by", "created_at", "created_by", "name_key", "id", "id_tail", "active"];
    let mut names: Vec<String> = before
        .keys()
        .chain(after.keys())
        .filter(|k| !hidden.contains(&k.as_str()) && before.get(*k) != after.get(*k))
        .cloned()
        .collect();
    names.sort();
    names.dedup();
    names
}
