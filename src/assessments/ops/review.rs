//! Reviews (复核): an intern asks for a published result to be looked at again, the trainer answers.

use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Value};

use super::super::entity::review;
use super::load::{Book, locked};
use super::plan::ROLES;
use crate::audit;
use crate::classes::entity::{class_enrolment, visible_to};
use crate::classes::ops as classes;
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::records;

/// A request with who asks.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ReviewView {
    pub id: i64,
    pub version: i64,
    pub enrolment_id: i64,
    pub class_id: i64,
    pub class_name: String,
    pub person_id: i64,
    pub person_name: String,
    /// open, upheld or changed.
    pub state: String,
    pub reason: String,
    pub answer: String,
    pub answered_by: String,
    /// The total when it was asked for.
    pub total: Option<i64>,
    pub created_at: chrono::DateTime<chrono::Utc>,
    pub answered_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// The requests of a class (0: of every class the actor runs, only open ones), those that wait first; of interns their own.
///
/// # Errors
/// Forbidden for supervisors and observers.
pub async fn reviews(db: &impl ConnectionTrait, who: &Actor, class_id: i64) -> Result<Vec<ReviewView>> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Intern])?;
    let (scope, mut values) = visible_to(who);
    let own = if who.role == Role::Intern { who.person_id.unwrap_or(-1) } else { 0 };
    values.extend([Value::from(class_id), class_id.into(), class_id.into(), own.into(), own.into()]);
    let sql = format!(
        "SELECT r.id, r.version, r.enrolment_id, r.class_id, c.name AS class_name, ce.person_id, p.name AS person_name, \
         r.state, r.reason, r.answer, r.answered_by, r.total, r.created_at, r.answered_at FROM assessment_review r \
         JOIN class c ON c.id = r.class_id JOIN class_enrolment ce ON ce.id = r.enrolment_id \
         JOIN person p ON p.id = ce.person_id WHERE {scope} AND (? = 0 OR r.class_id = ?) \
         AND (? <> 0 OR r.state = 'open') AND (? = 0 OR ce.person_id = ?) \
         ORDER BY CASE WHEN r.state = 'open' THEN 0 ELSE 1 END, r.id DESC LIMIT 500"
    );
    db::rows(db, &sql, values).await
}

fn text_of(field: &str, text: &str, missing: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::field(field, Msg::new(missing)));
    }
    if text.chars().count() > 1000 {
        return Err(Error::field(field, Msg::new("assessment-text-long")));
    }
    Ok(text.to_owned())
}

/// Asks for a review of one's own published result; one open request at a time.
///
/// # Errors
/// Forbidden for all but interns; not found for others' results; not published; a missing reason; asked already.
pub async fn ask(cx: &Cx, who: &Actor, enrolment_id: i64, reason: &str) -> Result<i64> {
    who.require(&[Role::Intern])?;
    let reason = text_of("reason", reason, "assessment-review-reason")?;
    let txn = cx.begin().await?;
    let enrolment = class_enrolment::Entity::find_by_id(enrolment_id).one(&txn).await?;
    let mine = enrolment.filter(|e| who.person_id == Some(e.person_id));
    let mine = mine.ok_or_else(|| Error::not_found("error-not-found"))?;
    let assessment = locked(&txn, mine.class_id).await?;
    if assessment.state != "published" {
        return Err(Error::conflict("assessment-not-published"));
    }
    let sql = "SELECT COUNT(*) FROM assessment_review WHERE open_key = ?";
    if db::int(&txn, sql, [enrolment_id.into()]).await? > Some(0) {
        return Err(Error::conflict("assessment-review-open"));
    }
    let total = Book::of(&txn, cx, assessment).await?.total(mine.id, mine.person_id);
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    let row = review::Model {
        id: 0,
        enrolment_id,
        class_id: mine.class_id,
        state: "open".to_owned(),
        reason,
        answer: String::new(),
        answered_by: String::new(),
        answered_at: None,
        total,
        open_key: Some(enrolment_id),
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    };
    let made = records::insert(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(made.id)
}

/// Answers a request. Whether the result was changed follows from the total then and now: the correction itself is made on
/// the sheet, with its own reason.
///
/// # Errors
/// Forbidden; not found; a missing answer; answered already; changed meanwhile.
pub async fn answer(cx: &Cx, who: &Actor, id: i64, version: i64, text: &str) -> Result<()> {
    who.require(ROLES)?;
    let text = text_of("answer", text, "assessment-review-answer-missing")?;
    let txn = cx.begin().await?;
    let old = review::Entity::find_by_id(id).one(&txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    classes::class_row(&txn, who, old.class_id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if old.state != "open" {
        return Err(Error::conflict("assessment-review-answered"));
    }
    let assessment = locked(&txn, old.class_id).await?;
    let enrolment = class_enrolment::Entity::find_by_id(old.enrolment_id).one(&txn).await?;
    let person_id = enrolment.map_or(0, |e| e.person_id);
    let now = Book::of(&txn, cx, assessment).await?.total(old.enrolment_id, person_id);
    let row = review::Model {
        state: if now == old.total { "upheld" } else { "changed" }.to_owned(),
        answer: text,
        answered_by: who.name.clone(),
        answered_at: Some(cx.now()),
        open_key: None,
        ..old.clone()
    };
    records::update(&txn, cx, who, &old, row, audit::Change::new("answer", "assessment_review", id, 0)).await?;
    txn.commit().await?;
    Ok(())
}
