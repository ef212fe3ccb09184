//! Links by which a supervisor without an account decides: signed, for the entries of one base as they were when it was
//! sent, valid until a day, and good for one decision.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Value};

use super::super::entity::{confirm_link, visible_to};
use super::super::programme;
use super::super::rules::State;
use super::decide::{Ask, Decided, MOST, Mark, check_reason, decide_in};
use super::view::{EntryView, entries_of};
use crate::audit;
use crate::core::actor::{Scope, Via};
use crate::core::{Actor, Error, Lang, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::directory::entity::supervisor;
use crate::mail::{NewMail, plan};
use crate::people::rules::mail::is_address;
use crate::records;

/// The purpose of the signature: a link for something else does not open this.
const PURPOSE: &str = "confirm-hours";

/// What waits at one base for one supervisor (or for none in particular).
#[derive(Clone, Debug, FromQueryResult)]
pub struct Waiting {
    pub base_id: i64,
    pub base_name: String,
    pub supervisor_id: Option<i64>,
    pub supervisor_name: Option<String>,
    pub entries: i64,
    pub oldest: NaiveDate,
    /// The last link sent there.
    pub address: Option<String>,
    pub link_state: Option<String>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Where hours wait to be confirmed, the longest first.
///
/// # Errors
/// Forbidden for all but those who run the training.
pub async fn waiting_by_base(cx: &Cx, who: &Actor) -> Result<Vec<Waiting>> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let (scope, values) = visible_to(who);
    // What was for a supervisor who has left is for nobody in particular.
    let sql = format!(
        "SELECT w.base_id, b.name AS base_name, w.supervisor_id, s.name AS supervisor_name, w.entries, w.oldest, \
         l.address, l.state AS link_state, l.expires_at FROM \
         (SELECT pl.base_id, y.id AS supervisor_id, COUNT(*) AS entries, MIN(h.worked_on) AS oldest FROM hour_entry h \
         JOIN placement pl ON pl.id = h.placement_id JOIN person p ON p.id = pl.person_id \
         LEFT JOIN supervisor y ON y.id = pl.supervisor_id AND y.active = ? \
         WHERE h.state = 'submitted' AND pl.state <> 'withdrawn' AND {scope} GROUP BY pl.base_id, y.id) w \
         JOIN base b ON b.id = w.base_id LEFT JOIN supervisor s ON s.id = w.supervisor_id \
         LEFT JOIN confirm_link l ON l.id = (SELECT MAX(x.id) FROM confirm_link x WHERE x.base_id = w.base_id \
         AND COALESCE(x.supervisor_id, 0) = COALESCE(w.supervisor_id, 0)) ORDER BY w.oldest, w.base_id LIMIT 200"
    );
    db::rows(cx.read(), &sql, std::iter::once(Value::from(true)).chain(values)).await
}

/// A link to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendLink {
    pub base_id: i64,
    pub supervisor_id: Option<i64>,
    pub address: String,
    /// Needed where no supervisor is named.
    pub name: String,
    pub lang: Lang,
}

/// The signed part of the address of a link.
#[must_use]
pub fn token(cx: &Cx, link: &confirm_link::Model) -> String {
    let value = format!("{}:{}:{}", link.id, link.expires_at.timestamp(), link.address);
    format!("{}-{}", link.id, cx.seal.sign(PURPOSE, &value))
}

/// Sends a link for everything that waits there now; an older one of the same sender to the same supervisor is no longer
/// good.
///
/// # Errors
/// Forbidden for all but those who run the training; a wrong address, or one that belongs to the office or to an intern whose
/// hours they are: a link is for the base's own supervisor; a supervisor who has left; nothing waits.
pub async fn send_link(cx: &Cx, who: &Actor, input: SendLink) -> Result<i64> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let address = input.address.trim().to_owned();
    if !is_address(&address) || address.chars().count() > 200 {
        return Err(Error::field("address", Msg::new("practicum-link-address")));
    }
    let txn = cx.begin().await?;
    let name = match input.supervisor_id {
        None => input.name.trim().to_owned(),
        Some(id) => {
            let row = supervisor::Entity::find_by_id(id).one(&txn).await?;
            let row = row.filter(|s| s.base_id == input.base_id).ok_or_else(|| Error::not_found("error-not-found"))?;
            if !row.active {
                return Err(Error::conflict("practicum-link-supervisor-left"));
            }
            row.name
        }
    };
    if name.is_empty() || name.chars().count() > 80 {
        return Err(Error::field("name", Msg::new("practicum-link-name")));
    }
    let (scope, values) = visible_to(who);
    let sql = format!(
        "SELECT h.id, h.version, h.person_id FROM hour_entry h JOIN placement pl ON pl.id = h.placement_id \
         JOIN person p ON p.id = pl.person_id LEFT JOIN supervisor y ON y.id = pl.supervisor_id AND y.active = ? \
         WHERE h.state = 'submitted' AND pl.state <> 'withdrawn' AND pl.base_id = ? AND COALESCE(y.id, 0) = ? AND {scope} \
         ORDER BY h.worked_on, h.id LIMIT ?"
    );
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let first: [Value; 3] = [true.into(), input.base_id.into(), input.supervisor_id.unwrap_or(0).into()];
    let values = first.into_iter().chain(values).chain([most.into()]);
    let marks: Vec<Sent> = db::rows(&txn, &sql, values).await?;
    if marks.is_empty() {
        return Err(Error::conflict("practicum-link-nothing"));
    }
    let people: Vec<i64> = marks.iter().map(|m| m.person_id).collect();
    if let Some(key) = not_theirs(&txn, &address, people).await? {
        return Err(Error::field("address", Msg::new(key)));
    }
    let older = confirm_link::Entity::find()
        .filter(confirm_link::Column::BaseId.eq(input.base_id))
        .filter(confirm_link::Column::State.eq("open"))
        .all(&txn)
        .await?;
    // Somebody else's link to the same supervisor is for people of theirs, which this one may not hold.
    let own = |o: &confirm_link::Model| o.supervisor_id == input.supervisor_id && o.created_by == who.user_id;
    for old in older.into_iter().filter(own) {
        let new = confirm_link::Model { state: "replaced".to_owned(), ..old.clone() };
        records::update(&txn, cx, who, &old, new, audit::Change::new("replace", "confirm_link", old.id, 0)).await?;
    }
    let expires_at = cx.now() + Duration::days(programme::of(cx)?.link_days);
    let row = confirm_link::Model {
        id: 0,
        base_id: input.base_id,
        supervisor_id: input.supervisor_id,
        name,
        address: address.clone(),
        state: "open".to_owned(),
        expires_at,
        used_at: None,
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    };
    let link = records::insert(&txn, cx, who, row).await?;
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(marks.len());
    for m in &marks {
        rows.push(vec![link.id.into(), m.id.into(), m.version.into()]);
    }
    db::insert_rows(&txn, "confirm_link_entry", &["link_id", "entry_id", "entry_version"], rows, "").await?;
    let mail = NewMail {
        rule: PURPOSE.to_owned(),
        occasion: format!("link:{}", link.id),
        template: super::super::letters::CONFIRM,
        payload: serde_json::json!({ "link": link.id }).to_string(),
        person_id: None,
        address,
        lang: input.lang,
        due_at: cx.now(),
        expires_at: Some(expires_at),
    };
    plan(&txn, cx, &[mail]).await?;
    txn.commit().await?;
    Ok(link.id)
}

/// Why an address cannot be that of the base's supervisor: an account of the office has it, or an intern of these hours.
async fn not_theirs(db: &impl ConnectionTrait, address: &str, mut people: Vec<i64>) -> Result<Option<&'static str>> {
    let address = address.to_lowercase();
    let sql = "SELECT COUNT(*) FROM user_account WHERE LOWER(email) = ? AND role <> 'supervisor'";
    if db::int(db, sql, [address.clone().into()]).await?.unwrap_or(0) > 0 {
        return Ok(Some("practicum-link-own-address"));
    }
    people.sort_unstable();
    people.dedup();
    for chunk in people.chunks(db::CHUNK) {
        let sql = format!("SELECT COUNT(*) FROM person WHERE LOWER(email) = ? AND id IN ({})", db::places(chunk.len()));
        let values = std::iter::once(Value::from(address.clone())).chain(chunk.iter().map(|i| Value::from(*i)));
        if db::int(db, &sql, values).await?.unwrap_or(0) > 0 {
            return Ok(Some("practicum-link-intern-address"));
        }
    }
    Ok(None)
}

/// An entry that a link is sent for.
#[derive(Clone, Copy, Debug, FromQueryResult)]
struct Sent {
    id: i64,
    version: i64,
    person_id: i64,
}

#[derive(Clone, Copy, Debug, FromQueryResult)]
struct Line {
    id: i64,
    version: i64,
}

/// Whether a link is still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    Open,
    Used,
    Expired,
    /// A newer one was sent.
    Replaced,
    /// Its supervisor no longer works at the base.
    SupervisorLeft,
}

impl LinkState {
    /// The name in texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Replaced => "replaced",
            Self::SupervisorLeft => "supervisor-left",
        }
    }
}

/// A link with what it is for.
#[derive(Clone, Debug)]
pub struct Link {
    pub row: confirm_link::Model,
    pub state: LinkState,
    pub base_name: String,
    /// Those that stand as they did when the link was sent; nothing when it is no longer good.
    pub entries: Vec<EntryView>,
}

/// Opens a link.
///
/// # Errors
/// Not found when the signature is not ours: cut off, changed, made up.
pub async fn link(cx: &Cx, sent: &str) -> Result<Link> {
    let row = signed(cx, cx.read(), sent).await?;
    let state = state_of(cx, cx.read(), &row).await?;
    let names = crate::directory::ops::bases::names(cx.read(), &[row.base_id]).await?;
    let base_name = names.get(&row.base_id).cloned().unwrap_or_default();
    let mut entries = Vec::new();
    if state == LinkState::Open {
        let lines = lines(cx.read(), row.id).await?;
        let ids: Vec<i64> = lines.iter().map(|l| l.id).collect();
        entries = entries_of(cx.read(), &ids).await?;
        let same = |e: &EntryView| {
            e.state == State::Submitted.name() && lines.iter().any(|l| (l.id, l.version) == (e.id, e.version))
        };
        entries.retain(same);
    }
    Ok(Link { row, state, base_name, entries })
}

async fn state_of(cx: &Cx, db: &impl ConnectionTrait, row: &confirm_link::Model) -> Result<LinkState> {
    Ok(match row.state.as_str() {
        "used" => LinkState::Used,
        "replaced" => LinkState::Replaced,
        _ if row.expires_at <= cx.now() => LinkState::Expired,
        _ => match row.supervisor_id {
            Some(id) if supervisor::Entity::find_by_id(id).one(db).await?.is_none_or(|s| !s.active) => {
                LinkState::SupervisorLeft
            }
            _ => LinkState::Open,
        },
    })
}

async fn signed(cx: &Cx, db: &impl ConnectionTrait, sent: &str) -> Result<confirm_link::Model> {
    let unknown = || Error::not_found("practicum-link-unknown");
    let id: i64 = sent.split_once('-').and_then(|(id, _)| id.parse().ok()).ok_or_else(unknown)?;
    let row = confirm_link::Entity::find_by_id(id).one(db).await?.ok_or_else(unknown)?;
    let same: bool = subtle::ConstantTimeEq::ct_eq(token(cx, &row).as_bytes(), sent.as_bytes()).into();
    if same { Ok(row) } else { Err(unknown()) }
}

async fn lines(db: &impl ConnectionTrait, link: i64) -> Result<Vec<Line>> {
    let sql =
        "SELECT entry_id AS id, entry_version AS version FROM confirm_link_entry WHERE link_id = ? ORDER BY entry_id";
    db::rows(db, sql, [link.into()]).await
}

/// How many entries each of these links is for.
///
/// # Errors
/// What the database reports.
pub async fn entries_of_links(db: &impl ConnectionTrait, links: &[i64]) -> Result<HashMap<i64, i64>> {
    #[derive(FromQueryResult)]
    struct Count {
        link_id: i64,
        n: i64,
    }
    let mut out = HashMap::new();
    for chunk in links.chunks(db::CHUNK) {
        let sql = format!(
            "SELECT link_id, COUNT(*) AS n FROM confirm_link_entry WHERE link_id IN ({}) GROUP BY link_id",
            db::places(chunk.len())
        );
        let rows: Vec<Count> = db::rows(db, &sql, chunk.iter().map(|i| Value::from(*i))).await?;
        out.extend(rows.into_iter().map(|c| (c.link_id, c.n)));
    }
    Ok(out)
}

/// What the supervisor ticked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkDecision {
    pub confirm: Vec<i64>,
    pub give_back: Vec<i64>,
    /// Needed for what is given back.
    pub reason: String,
}

/// Decides on entries of a link, all in one transaction with the link's end: it works once. `visitor` is whoever is signed
/// in in the browser that it was opened with.
///
/// # Errors
/// Not found for a link that is not ours; conflict for one that is used, expired or replaced, whose supervisor has left, or
/// that is opened by its own sender or an intern; nothing ticked, a missing reason.
pub async fn decide_by_link(cx: &Cx, visitor: Option<&Actor>, sent: &str, input: &LinkDecision) -> Result<Decided> {
    if input.confirm.is_empty() && input.give_back.is_empty() {
        return Err(Error::field("entries", Msg::new("practicum-none-chosen")));
    }
    let reason = input.reason.trim();
    if !input.give_back.is_empty() {
        check_reason(reason)?;
    }
    let txn = cx.begin().await?;
    let row = signed(cx, &txn, sent).await?;
    if let Some(v) = visitor
        && (v.role == Role::Intern || (v.user_id.is_some() && v.user_id == row.created_by))
    {
        return Err(Error::conflict("practicum-link-not-yours"));
    }
    let state = state_of(cx, &txn, &row).await?;
    if state == LinkState::SupervisorLeft {
        return Err(Error::conflict(&format!("practicum-link-{}", state.name())));
    }
    let who = Actor {
        user_id: None,
        login: String::new(),
        name: row.name.clone(),
        role: Role::Supervisor,
        lang: Lang::ZhCn,
        person_id: None,
        scope: Scope { bases: vec![row.base_id], ..Scope::default() },
        via: Via::Page,
        one_time: false,
    };
    // Two clicks at once: one of them finds it open.
    let sql = "UPDATE confirm_link SET state = 'used', used_at = ?, updated_at = ?, version = version + 1 \
               WHERE id = ? AND state = 'open' AND expires_at > ?";
    let values: [Value; 4] = [cx.now().into(), cx.now().into(), row.id.into(), cx.now().into()];
    if db::run(&txn, sql, values).await? != 1 {
        let now = confirm_link::Entity::find_by_id(row.id).one(&txn).await?.unwrap_or(row);
        return Err(Error::conflict(&format!("practicum-link-{}", state_of(cx, &txn, &now).await?.name())));
    }
    let used = confirm_link::Entity::find_by_id(row.id).one(&txn).await?;
    let change = audit::Change::new("use", "confirm_link", row.id, row.version + 1).before(&row).after(&used);
    audit::record(&txn, cx, &who, [change]).await?;
    let known = lines(&txn, row.id).await?;
    let mut out = Decided::default();
    for (ids, ask) in [(&input.confirm, Ask::Confirm), (&input.give_back, Ask::Return)] {
        if !ids.is_empty() {
            let reason = if ask == Ask::Return { reason } else { "" };
            let done = decide_in(&txn, cx, &who, &marks(&known, ids)?, ask, reason).await?;
            out.done.extend(done.done);
            out.left.extend(done.left);
        }
    }
    txn.commit().await?;
    Ok(out)
}

/// Entries of the link as they were when it was sent.
fn marks(known: &[Line], ids: &[i64]) -> Result<Vec<Mark>> {
    let mut marks = Vec::with_capacity(ids.len());
    for id in ids {
        let line = known.iter().find(|l| l.id == *id).ok_or_else(|| Error::not_found("error-not-found"))?;
        marks.push(Mark { id: line.id, version: line.version });
    }
    Ok(marks)
}
