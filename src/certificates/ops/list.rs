//! Reading certificates.

use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::certificates::entity::{Column, Entity, Model};
use crate::certificates::rules;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::Cx;
use crate::people::entity::person;
use crate::people::scope;
use crate::people::timeline::TimelineItem;

/// Whether a certificate counts, and its registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Valid, never registered (登记).
    Valid,
    Registered,
    /// Valid, but its registration has run out.
    Lapsed,
    Revoked,
}

impl Standing {
    /// The name in URL and API; `certificates-standing-NAME` is its text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Registered => "registered",
            Self::Lapsed => "lapsed",
            Self::Revoked => "revoked",
        }
    }

    /// The key of its text.
    #[must_use]
    pub fn text_key(self) -> String {
        format!("certificates-standing-{}", self.name())
    }
}

/// A certificate with its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateView {
    pub certificate: Model,
    pub person_name: String,
    pub id_tail: String,
    pub standing: Standing,
}

/// What is looked for; empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// `scheme/level`, or a level alone.
    pub level: String,
    /// A number (whole) or the beginning of a holder's name.
    pub text: String,
    pub exam_year: Option<i64>,
    /// Only revoked (true) or only valid (false) ones.
    pub revoked: Option<bool>,
}

/// Certificates of the people the actor sees, the latest recorded first.
///
/// # Errors
/// [`Error::Forbidden`] for an observer, or what the database reports.
pub async fn list(cx: &Cx, who: &Actor, find: &Find, page: &PageReq) -> Result<Page<CertificateView>> {
    if !who.sees_identities() {
        return Err(Error::Forbidden);
    }
    let mut query = Entity::find().order_by_desc(Column::Id).limit(page.limit().saturating_add(1));
    if !who.sees_all() {
        let mine = person::Entity::find().select_only().column(person::Column::Id).filter(scope::condition(who));
        query = query.filter(Column::PersonId.in_subquery(mine.into_query()));
    }
    if let Some(after) = page.after_id() {
        query = query.filter(Column::Id.lt(after));
    }
    match find.level.split_once('/') {
        Some((scheme, level)) => {
            query = query.filter(Column::Scheme.eq(scheme)).filter(Column::Level.eq(level));
        }
        None if !find.level.is_empty() => query = query.filter(Column::Level.eq(find.level.as_str())),
        None => {}
    }
    if let Some(year) = find.exam_year {
        query = query.filter(Column::ExamYear.eq(year));
    }
    match find.revoked {
        Some(true) => query = query.filter(Column::RevokedOn.is_not_null()),
        Some(false) => query = query.filter(Column::RevokedOn.is_null()),
        None => {}
    }
    let text = find.text.trim();
    if !text.is_empty() {
        let named = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(person::Column::NameKey.starts_with(crate::people::query::fold_name(text)));
        let mut any = Condition::any().add(Column::PersonId.in_subquery(named.into_query()));
        if let Ok(number) = rules::number(text) {
            any = any.add(Column::Number.eq(number));
        }
        query = query.filter(any);
    }
    let rows = query.all(cx.read()).await?;
    let page = Page::cut(rows, page.limit(), |m| m.id.to_string());
    let items = with_people(cx.read(), page.items, cx.today()).await?;
    Ok(Page { items, next: page.next })
}

/// One certificate of somebody the actor sees.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`] for an observer.
pub async fn get(cx: &Cx, who: &Actor, id: i64) -> Result<CertificateView> {
    let found = visible(cx.read(), who, id).await?;
    let mut one = with_people(cx.read(), vec![found], cx.today()).await?;
    one.pop().ok_or_else(|| Error::not_found("error-not-found"))
}

/// The certificates of one person, the latest approved first. The caller has checked that the actor sees the person.
///
/// # Errors
/// What the database reports.
pub async fn by_person(db: &impl ConnectionTrait, person_id: i64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::PersonId.eq(person_id))
        .order_by_desc(Column::ApprovedOn)
        .order_by_desc(Column::Id)
        .all(db)
        .await?)
}

/// The row, if the actor sees its holder.
pub(super) async fn visible(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<Model> {
    if !who.sees_identities() {
        return Err(Error::Forbidden);
    }
    let missing = || Error::not_found("error-not-found");
    let row = Entity::find_by_id(id).one(db).await?.ok_or_else(missing)?;
    let holder = scope::visible_to(who).filter(person::Column::Id.eq(row.person_id)).one(db).await?;
    holder.map(|_| row).ok_or_else(missing)
}

async fn with_people(db: &impl ConnectionTrait, rows: Vec<Model>, today: NaiveDate) -> Result<Vec<CertificateView>> {
    let ids: Vec<i64> = rows.iter().map(|m| m.person_id).collect();
    let holders = person::Entity::find().filter(person::Column::Id.is_in(ids)).all(db).await?;
    let holder = |id: i64| holders.iter().find(|p| p.id == id);
    Ok(rows
        .into_iter()
        .filter_map(|m| {
            let p = holder(m.person_id)?;
            Some(CertificateView {
                person_name: p.name.clone(),
                id_tail: p.id_tail.clone(),
                standing: standing(&m, today),
                certificate: m,
            })
        })
        .collect())
}

fn standing(m: &Model, today: NaiveDate) -> Standing {
    match (m.revoked_on, m.registered_until) {
        (Some(_), _) => Standing::Revoked,
        (None, None) => Standing::Valid,
        (None, Some(until)) if until < today => Standing::Lapsed,
        (None, Some(_)) => Standing::Registered,
    }
}

/// A person's certificates for their timeline: approval, first registration, revocation.
pub fn timeline<'a>(cx: &'a Cx, who: &'a Actor, person_id: i64) -> BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        let schemes = crate::schemes::of(cx)?;
        let mut items = Vec::new();
        for m in by_person(cx.read(), person_id).await? {
            let level = schemes.level_name(&m.scheme, &m.level, who.lang);
            let href = if who.is(&[Role::Administrator, Role::Trainer]) {
                format!("/certificates/{}", m.id)
            } else {
                String::new()
            };
            let text = Msg::new("certificates-timeline-approved").with("level", &level).with("number", &m.number);
            items.push(TimelineItem::new(m.approved_on, "certificate", text).link(href.clone()));
            if let Some(on) = m.first_registered_on {
                let text = Msg::new("certificates-timeline-registered").with("level", &level);
                let mut item = TimelineItem::new(on, "certificate", text).link(href.clone());
                if let Some(until) = m.registered_until {
                    item = item.detail(Msg::new("certificates-timeline-until").with("until", until));
                }
                items.push(item);
            }
            if let Some(on) = m.revoked_on {
                let text = Msg::new("certificates-timeline-revoked").with("level", &level).with("why", &m.revoked_why);
                items.push(TimelineItem::new(on, "certificate", text).link(href));
            }
        }
        Ok(items)
    })
}
