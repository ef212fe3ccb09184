//! The outbox: planning mails, looking at them, calling one off, sending one again by hand.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Value,
};

use super::compose::new_message_id;
use super::rules::State;
use super::send::Post;
use super::template::Prepared;
use super::{entity, entity::log};
use crate::audit::{self, Change};
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Lang, Msg, Result, Role};
use crate::db::{self, Cx};

/// A mail to be written down.
#[derive(Clone, Debug)]
pub struct NewMail {
    pub rule: String,
    /// With rule and person it makes the mail unique.
    pub occasion: String,
    pub template: &'static str,
    /// JSON for the template.
    pub payload: String,
    pub person_id: Option<i64>,
    /// Empty: the mail goes to the call list instead.
    pub address: String,
    pub lang: Lang,
    pub due_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Made {
    id: i64,
    state: String,
}

/// Writes mails down in the caller's transaction and gives how many were new: one that is there already (same rule,
/// occasion and person) is left as it is, whatever its state.
///
/// # Errors
/// What the database reports.
pub async fn plan(txn: &impl ConnectionTrait, cx: &Cx, mails: &[NewMail]) -> Result<usize> {
    let now = cx.now();
    let from = cx.settings.mail.from.parse().map_err(Error::internal)?;
    let mut made = 0;
    for chunk in mails.chunks(100) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 17);
        for m in chunk {
            let state = match (m.address.trim().is_empty(), m.due_at <= now) {
                (true, _) => State::NoAddress,
                (_, true) => State::Due,
                _ => State::Planned,
            };
            values.extend::<[Value; 17]>([
                m.rule.clone().into(),
                m.occasion.clone().into(),
                m.template.into(),
                m.payload.clone().into(),
                m.address.trim().into(),
                m.lang.tag().into(),
                new_message_id(&from).into(),
                "".into(),
                "".into(),
                m.person_id.unwrap_or(0).into(),
                state.name().into(),
                m.due_at.into(),
                m.due_at.into(),
                m.expires_at.into(),
                now.into(),
                now.into(),
                1_i64.into(),
            ]);
        }
        let row = format!("({}, 0)", db::places(17));
        let sql = format!(
            "INSERT INTO outbox (rule, occasion, template, payload, address, lang, message_id, owner, error, person_id, \
             state, due_at, next_try_at, expires_at, created_at, updated_at, version, attempts) VALUES {} \
             ON CONFLICT (rule, occasion, person_id) DO NOTHING RETURNING id, state",
            vec![row; chunk.len()].join(", ")
        );
        let new: Vec<Made> = db::rows(txn, &sql, values).await?;
        made += new.len();
        let lines: Vec<LogLine> = new.iter().map(|m| LogLine::new(m.id, "", &m.state, String::new())).collect();
        write_log(txn, now, None, lines).await?;
    }
    Ok(made)
}

/// One change of state to be logged.
#[derive(Clone, Debug)]
pub struct LogLine {
    pub outbox_id: i64,
    pub from: String,
    pub to: String,
    pub note: String,
}

impl LogLine {
    #[must_use]
    pub fn new(outbox_id: i64, from: &str, to: &str, note: String) -> Self {
        Self { outbox_id, from: from.to_owned(), to: to.to_owned(), note }
    }
}

/// Writes log rows, many at a time.
///
/// # Errors
/// What the database reports.
pub async fn write_log(
    txn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    actor_id: Option<i64>,
    lines: Vec<LogLine>,
) -> Result<()> {
    let mut rows = lines.into_iter().map(|l| log::ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        outbox_id: Set(l.outbox_id),
        at: Set(now),
        from_state: Set(l.from),
        to_state: Set(l.to),
        note: Set(l.note),
        actor_id: Set(actor_id),
    });
    loop {
        let chunk: Vec<_> = rows.by_ref().take(500).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        log::Entity::insert_many(chunk).exec_without_returning(txn).await?;
    }
}

/// Which mails a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: Option<State>,
    pub rule: Option<String>,
    /// Further conditions, such as the caller's row scope.
    pub also: Option<Condition>,
}

/// A mail with its log.
#[derive(Clone, Debug)]
pub struct MailView {
    pub mail: entity::Model,
    pub log: Vec<log::Model>,
}

/// Mails, newest first.
///
/// # Errors
/// [`Error::Forbidden`] for other roles than administrator and trainer.
pub async fn list(cx: &Cx, who: &Actor, filter: &Filter, page: &PageReq) -> Result<Page<entity::Model>> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let mut q = entity::Entity::find().order_by_desc(entity::Column::Id).limit(page.limit() + 1);
    if let Some(state) = filter.state {
        q = q.filter(entity::Column::State.eq(state.name()));
    }
    if let Some(rule) = filter.rule.as_ref().filter(|r| !r.is_empty()) {
        q = q.filter(entity::Column::Rule.eq(rule));
    }
    if let Some(also) = &filter.also {
        q = q.filter(also.clone());
    }
    if let Some(after) = page.after_id() {
        q = q.filter(entity::Column::Id.lt(after));
    }
    Ok(Page::cut(q.all(cx.read()).await?, page.limit(), |m: &entity::Model| m.id.to_string()))
}

/// The largest number [`counts`] counts to.
pub const COUNT_TO: i64 = 1000;

/// Mails in each state, counted to [`COUNT_TO`] so that the cost does not grow with the table.
///
/// # Errors
/// [`Error::Forbidden`] for other roles than the administrator.
pub async fn counts(cx: &Cx, who: &Actor) -> Result<Vec<(State, i64)>> {
    who.require(&[Role::Administrator])?;
    #[derive(FromQueryResult)]
    struct Count {
        state: String,
        n: i64,
    }
    let parts: Vec<String> = State::ALL
        .iter()
        .map(|s| {
            let name = s.name();
            format!(
                "SELECT '{name}' AS state, COUNT(*) AS n FROM \
                 (SELECT id FROM outbox WHERE state = '{name}' LIMIT {COUNT_TO}) AS part"
            )
        })
        .collect();
    let found: Vec<Count> = db::rows(cx.read(), &parts.join(" UNION ALL "), []).await?;
    Ok(found.into_iter().filter_map(|c| State::parse(&c.state).map(|s| (s, c.n))).collect())
}

/// One mail with its log.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`].
pub async fn view(cx: &Cx, who: &Actor, id: i64, also: Option<Condition>) -> Result<MailView> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let mut q = entity::Entity::find_by_id(id);
    if let Some(also) = also {
        q = q.filter(also);
    }
    let mail = q.one(cx.read()).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    let log = log::Entity::find()
        .filter(log::Column::OutboxId.eq(id))
        .order_by_asc(log::Column::Id)
        .limit(500)
        .all(cx.read())
        .await?;
    Ok(MailView { mail, log })
}

/// What the mail would say if it were sent now, or why it would not be.
///
/// # Errors
/// What the template reports.
pub async fn preview(cx: &Cx, post: &Post, mail: &entity::Model) -> Result<Prepared> {
    let made = post.templates.prepare(cx, std::slice::from_ref(mail)).await?;
    made.into_iter().next().ok_or_else(|| Error::internal("no answer of the template"))
}

/// The text of a mail that was written to a file, as it stands there; none when mails go to a server.
pub async fn written(post: &Post, id: i64) -> Option<String> {
    let super::lane::Route::Files(dir) = &post.route else { return None };
    let text = tokio::fs::read_to_string(super::lane::file_of(dir, id)).await.ok()?;
    text.split_once("\r\n\r\n").map(|(_, body)| body.replace("\r\n", "\n"))
}

/// Calls a mail off that is still to be sent.
///
/// # Errors
/// [`Error::Conflict`] when it is not in such a state, or has changed since `version` was seen.
pub async fn cancel(cx: &Cx, who: &Actor, id: i64, version: i64, also: Option<Condition>) -> Result<entity::Model> {
    let before = view(cx, who, id, also).await?.mail;
    let allowed = State::parse(&before.state).is_some_and(State::can_cancel);
    if !allowed {
        return Err(Error::Conflict(Msg::new("mail-cannot-cancel")));
    }
    let note = super::note("mail-note-by-hand");
    move_by_hand(cx, who, &before, version, State::Cancelled, &note, before.message_id.clone()).await
}

/// Sends a mail again, or one that failed, was called off or missed. A mail that had been sent gets a new Message-ID, so
/// that the receiving side does not take it for the one it has.
///
/// # Errors
/// [`Error::Conflict`] when it is still to be sent, or has changed since `version` was seen.
pub async fn resend(cx: &Cx, who: &Actor, id: i64, version: i64, also: Option<Condition>) -> Result<entity::Model> {
    let before = view(cx, who, id, also).await?.mail;
    let state = State::parse(&before.state);
    if !state.is_some_and(State::can_resend) {
        return Err(Error::Conflict(Msg::new("mail-cannot-resend")));
    }
    let message_id = if state == Some(State::Sent) {
        new_message_id(&cx.settings.mail.from.parse().map_err(Error::internal)?)
    } else {
        before.message_id.clone()
    };
    move_by_hand(cx, who, &before, version, State::Due, "", message_id).await
}

async fn move_by_hand(
    cx: &Cx,
    who: &Actor,
    before: &entity::Model,
    version: i64,
    to: State,
    error: &str,
    message_id: String,
) -> Result<entity::Model> {
    let now = cx.now();
    let txn = cx.begin().await?;
    // What is sent by hand has no window and a full number of attempts.
    let changed = db::run(
        &txn,
        "UPDATE outbox SET state = ?, error = ?, message_id = ?, next_try_at = ?, expires_at = NULL, attempts = 0, \
         version = version + 1, updated_at = ? WHERE id = ? AND version = ? AND state = ?",
        [
            to.name().into(),
            error.into(),
            message_id.into(),
            now.into(),
            now.into(),
            before.id.into(),
            version.into(),
            before.state.clone().into(),
        ],
    )
    .await?;
    if changed == 0 {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let after = entity::Entity::find_by_id(before.id).one(&txn).await?;
    let after = after.ok_or_else(|| Error::not_found("error-not-found"))?;
    let line = LogLine::new(before.id, &before.state, to.name(), super::note("mail-note-by-hand"));
    write_log(&txn, now, who.user_id, vec![line]).await?;
    let action = if to == State::Cancelled { "cancel" } else { "resend" };
    let change = Change::new(action, "outbox", before.id, after.version).before(before).after(&after);
    audit::record(&txn, cx, who, [change]).await?;
    txn.commit().await?;
    Ok(after)
}
