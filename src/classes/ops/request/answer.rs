//! Answering requests, putting people on the waiting list, giving up.

use sea_orm::{DatabaseTransaction, EntityTrait};

use super::super::super::entity::{class, class_request};
use super::super::class::{ROLES, find};
use super::ask::Applicant;
use super::promote::{email_of, free, promote, seat};
use super::{fresh, key_of, known, turn};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::people::ops::{Batch, Incoming};
use crate::people::rules::name;
use crate::{pipeline, records};

/// What staff say to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A place if one is free and nobody waits before them, else the end of the waiting list.
    Accept,
    Refuse,
}

async fn request_of(
    txn: &DatabaseTransaction,
    who: &Actor,
    id: i64,
    version: i64,
) -> Result<(class::Model, class_request::Model)> {
    let row = class_request::Entity::find_by_id(id).one(txn).await?;
    let row = row.ok_or_else(|| Error::not_found("error-not-found"))?;
    let class = find(txn, who, row.class_id).await?;
    // Who takes the last place is decided under the lock, so what was read before it is read again.
    db::lock_rows(txn, "class", &[class.id]).await?;
    let row = class_request::Entity::find_by_id(id).one(txn).await?;
    let row = row.filter(|r| r.version == version).ok_or_else(|| Error::conflict("error-changed-meanwhile"))?;
    Ok((class, row))
}

/// Answers a request; the person is told by mail. Gives the state it has now: `accepted`, `waiting` or `refused`.
///
/// # Errors
/// Not found; changed meanwhile; a closed class; a refusal without a reason; a number on record under another name.
pub async fn answer(
    cx: &Cx,
    who: &Actor,
    id: i64,
    version: i64,
    answer: Answer,
    reason: &str,
) -> Result<class_request::Model> {
    who.require(ROLES)?;
    let reason = reason.trim();
    if answer == Answer::Refuse && !(1..=500).contains(&reason.chars().count()) {
        return Err(Error::field("reason", Msg::new("classes-refusal-reason")));
    }
    let txn = cx.begin().await?;
    let (class, old) = request_of(&txn, who, id, version).await?;
    if !["asked", "waiting"].contains(&old.state.as_str()) {
        return Err(Error::conflict("classes-request-answered"));
    }
    if answer == Answer::Accept && class.state == "closed" {
        return Err(Error::conflict("classes-closed"));
    }
    let done = match answer {
        Answer::Refuse => {
            let address = match old.person_id {
                Some(p) => email_of(&txn, p).await?,
                None => details(cx, &old)?.map(|d| d.email),
            };
            let new = class_request::Model { state: "refused".into(), reason: reason.to_owned(), ..old.clone() };
            turn(&txn, cx, who, &class, &old, new, address).await?
        }
        Answer::Accept => accept(&txn, cx, who, &class, &old).await?,
    };
    txn.commit().await?;
    Ok(done)
}

async fn accept(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    class: &class::Model,
    old: &class_request::Model,
) -> Result<class_request::Model> {
    let person = match old.person_id {
        Some(p) => p,
        None => on_record(txn, cx, who, class, old).await?,
    };
    let sql = "SELECT COUNT(*) FROM class_request WHERE class_id = ? AND state = 'waiting' AND id <> ? \
               AND (queued_at < ? OR (queued_at = ? AND id < ?))";
    let values = [class.id.into(), old.id.into(), old.queued_at.into(), old.queued_at.into(), old.id.into()];
    let before = db::int(txn, sql, values).await?.unwrap_or(0);
    let there = "SELECT COUNT(*) FROM class_enrolment WHERE class_id = ? AND person_id = ? AND state <> 'withdrawn'";
    let there = db::int(txn, there, [class.id.into(), person.into()]).await? != Some(0);
    // Who is in the class already needs no place.
    let room = there || free(txn, class).await?.is_none_or(|n| n > 0);
    // By hand somebody on the list may be taken out of turn: that is the trainer's decision, and it is in the log.
    let now = room && (there || before == 0 || old.state == "waiting");
    if !now && old.state == "waiting" {
        return Err(Error::conflict("classes-full"));
    }
    let state = if now { "accepted" } else { "waiting" };
    if now {
        seat(txn, cx, who, class.id, person).await?;
    }
    let new = class_request::Model { state: state.to_owned(), person_id: Some(person), ..old.clone() };
    turn(txn, cx, who, class, old, new, email_of(txn, person).await?).await
}

fn details(cx: &Cx, row: &class_request::Model) -> Result<Option<Applicant>> {
    if row.details.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&cx.seal.open(&row.details)?).map_err(Error::internal)?))
}

/// Finds or makes the person who asked by the link.
async fn on_record(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    class: &class::Model,
    old: &class_request::Model,
) -> Result<i64> {
    let d = details(cx, old)?.ok_or_else(|| Error::internal("a request without a person and without details"))?;
    let key = name::key(&d.name);
    let row = Incoming {
        id_type: d.id_type,
        id_no: d.id_no,
        name: d.name,
        name_key: key.clone(),
        phone: d.phone,
        email: d.email,
        unit: d.unit,
        region_code: class.region_code.clone(),
        ..Incoming::default()
    };
    let batch = Batch::find(txn, cx, vec![row]).await?;
    if batch.known(0).is_some_and(|p| p.name_key != key) {
        return Err(Error::conflict("classes-request-other-name"));
    }
    let open = pipeline::open(txn, &batch.known_ids()).await?;
    let stored = batch.store(txn, cx, who, None).await?;
    open.close(txn, cx, Vec::new()).await?;
    let person = stored.first().map(|s| s.id).ok_or_else(|| Error::internal("person not stored"))?;
    let twin = known(txn, class.id, &key_of(person)).await?;
    if twin.is_some_and(|t| ["asked", "waiting", "accepted"].contains(&t.state.as_str())) {
        return Err(Error::conflict("classes-request-twice"));
    }
    Ok(person)
}

/// Puts people of the actor into a class as far as there is room, and the others, in the order given, on its waiting
/// list. Gives how many got a place and how many wait.
///
/// # Errors
/// Not found for a class or person that is not the actor's; a closed class.
pub async fn queue(cx: &Cx, who: &Actor, class_id: i64, people: &[i64]) -> Result<(usize, usize)> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let class = find(&txn, who, class_id).await?;
    if class.state == "closed" {
        return Err(Error::conflict("classes-closed"));
    }
    let mut room = free(&txn, &class).await?;
    let sql = "SELECT COUNT(*) FROM class_request WHERE class_id = ? AND state = 'waiting'";
    if db::int(&txn, sql, [class_id.into()]).await?.unwrap_or(0) > 0 {
        // Those who wait come first.
        room = Some(0);
    }
    let (mut seated, mut waiting) = (0, 0);
    for person_id in people {
        let person = crate::people::ops::visible(&txn, who, *person_id).await?;
        let sql = "SELECT COUNT(*) FROM class_enrolment WHERE class_id = ? AND person_id = ? AND state <> 'withdrawn'";
        if db::int(&txn, sql, [class_id.into(), person.id.into()]).await? != Some(0) {
            continue;
        }
        if room.is_none_or(|n| n > 0) {
            seat(&txn, cx, who, class_id, person.id).await?;
            room = room.map(|n| n - 1);
            seated += 1;
            continue;
        }
        let address = Some(person.email.clone());
        match known(&txn, class_id, &key_of(person.id)).await? {
            Some(old) if old.state == "waiting" => continue,
            Some(old) => {
                let new = class_request::Model { state: "waiting".into(), queued_at: cx.now(), ..old.clone() };
                turn(&txn, cx, who, &class, &old, new, address).await?;
            }
            None => {
                let mut row = fresh(cx, class_id, key_of(person.id), "staff", "asked");
                row.person_id = Some(person.id);
                row.name = person.name;
                let old = records::insert(&txn, cx, who, row).await?;
                let new = class_request::Model { state: "waiting".into(), ..old.clone() };
                turn(&txn, cx, who, &class, &old, new, address).await?;
            }
        }
        waiting += 1;
    }
    txn.commit().await?;
    Ok((seated, waiting))
}

/// Gives a request up: by its person, or by staff for them. Who asks again later waits at the end.
///
/// # Errors
/// Not found, also for somebody else's; changed meanwhile; answered already.
pub async fn leave(cx: &Cx, who: &Actor, id: i64, version: i64) -> Result<()> {
    let txn = cx.begin().await?;
    let (class, old) = if who.role == Role::Intern {
        let row = class_request::Entity::find_by_id(id).one(&txn).await?;
        let own = row.filter(|r| r.person_id.is_some() && r.person_id == who.person_id);
        let row = own.ok_or_else(|| Error::not_found("error-not-found"))?;
        let class = class::Entity::find_by_id(row.class_id).one(&txn).await?;
        db::lock_rows(&txn, "class", &[row.class_id]).await?;
        (class.ok_or_else(|| Error::not_found("error-not-found"))?, row)
    } else {
        who.require(ROLES)?;
        request_of(&txn, who, id, version).await?
    };
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if !["asked", "waiting"].contains(&old.state.as_str()) {
        return Err(Error::conflict("classes-request-answered"));
    }
    let new = class_request::Model { state: "left".to_owned(), ..old.clone() };
    turn(&txn, cx, who, &class, &old, new, None).await?;
    promote(&txn, cx, who, class.id).await?;
    txn.commit().await?;
    Ok(())
}
