//! The outbox within the caller's row scope: an administrator of everything sees every mail, others those to people they
//! see.

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition};

use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Result};
use crate::db::Cx;
use crate::mail::entity::{Column, Model};
use crate::mail::outbox::{self, Filter, MailView};
use crate::people::entity::person;
use crate::people::scope;

/// The condition on mails that keeps to the people `who` sees; none for one who sees all.
fn within(who: &Actor) -> Option<Condition> {
    if who.sees_all() {
        return None;
    }
    let people =
        Query::select().column(person::Column::Id).from(person::Entity).cond_where(scope::condition(who)).to_owned();
    Some(Condition::all().add(Column::PersonId.in_subquery(people)))
}

/// Mails, newest first.
///
/// # Errors
/// As [`outbox::list`].
pub async fn list(cx: &Cx, who: &Actor, filter: Filter, page: &PageReq) -> Result<Page<Model>> {
    outbox::list(cx, who, &Filter { also: within(who), ..filter }, page).await
}

/// One mail with its log.
///
/// # Errors
/// As [`outbox::view`].
pub async fn view(cx: &Cx, who: &Actor, id: i64) -> Result<MailView> {
    outbox::view(cx, who, id, within(who)).await
}

/// Calls a mail off.
///
/// # Errors
/// As [`outbox::cancel`].
pub async fn cancel(cx: &Cx, who: &Actor, id: i64, version: i64) -> Result<Model> {
    outbox::cancel(cx, who, id, version, within(who)).await
}

/// Sends a mail (again).
///
/// # Errors
/// As [`outbox::resend`].
pub async fn resend(cx: &Cx, who: &Actor, id: i64, version: i64) -> Result<Model> {
    outbox::resend(cx, who, id, version, within(who)).await
}
