//! Results: totals, parts and places of a class, and what an intern sees of their own.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};

use super::super::entity::{correction, review};
use super::super::rules::{self, Came};
use super::load::{Book, Component, of_class};
use crate::classes::completion::ops as completion;
use crate::classes::completion::rules::part;
use crate::classes::ops as classes;
use crate::core::{Actor, Error, Result, Role};
use crate::db::{self, Cx};

/// One component of somebody's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub came: Came,
    pub absent: bool,
    /// What it adds to the total, in hundredths of a point.
    pub adds: Option<i64>,
    /// Under the component's own minimum.
    pub short: bool,
}

/// Somebody's result.
#[derive(Clone, Debug)]
pub struct Line {
    pub enrolment_id: i64,
    pub person_id: i64,
    pub name: String,
    pub unit: String,
    /// active or completed.
    pub state: String,
    /// In the order of the components.
    pub parts: Vec<Part>,
    /// Hundredths of a point of 100; absent while a mark is missing.
    pub total: Option<i64>,
    /// By total, the highest is 1; equal totals share a place.
    pub place: Option<i64>,
}

/// The results of a class.
#[derive(Clone, Debug)]
pub struct Results {
    pub published: bool,
    pub components: Vec<Component>,
    /// By name.
    pub lines: Vec<Line>,
    pub corrections: Vec<correction::Model>,
}

impl Results {
    /// How many lack a mark or a settlement.
    #[must_use]
    pub fn open(&self) -> usize {
        self.lines.iter().filter(|l| l.total.is_none()).count()
    }
}

/// The results of a class; an intern sees their own once they are published, without places.
///
/// # Errors
/// Not found, also when the class has no assessment; forbidden for observers.
pub async fn results(cx: &Cx, who: &Actor, class_id: i64) -> Result<Results> {
    let members = classes::members_of(cx.read(), who, class_id).await?;
    let row = of_class(cx.read(), class_id).await?.ok_or_else(|| Error::not_found("assessment-none"))?;
    let book = Book::of(cx.read(), cx, row).await?;
    let staff = who.is(super::plan::ROLES);
    let published = book.published();
    if !staff && !published {
        return Ok(Results { published, components: book.components, lines: Vec::new(), corrections: Vec::new() });
    }
    let totals: Vec<Option<i64>> = book.members.iter().map(|m| book.total(m.enrolment_id, m.person_id)).collect();
    let places: HashMap<i64, Option<i64>> =
        book.members.iter().map(|m| m.enrolment_id).zip(rules::places(&totals)).collect();
    let one = |m: classes::Member| {
        let part_of = |c: &Component| {
            let came = book.came(c, m.enrolment_id, m.person_id);
            let mark = if let Came::Settled(mark) = came { Some(mark) } else { None };
            Part {
                came,
                absent: book.given(c.row.id, m.enrolment_id).absent(),
                adds: mark.map(|mark| part(mark, c.row.full_mark, c.row.weight)),
                short: mark.zip(c.row.minimum).is_some_and(|(mark, min)| mark < min),
            }
        };
        Line {
            parts: book.components.iter().map(part_of).collect(),
            total: book.total(m.enrolment_id, m.person_id),
            place: places.get(&m.enrolment_id).copied().flatten().filter(|_| staff),
            enrolment_id: m.enrolment_id,
            person_id: m.person_id,
            name: m.name,
            unit: m.unit,
            state: m.state,
        }
    };
    let lines: Vec<Line> = members.into_iter().filter(|m| m.state != "withdrawn").map(one).collect();
    let ids: Vec<i64> = lines.iter().map(|l| l.enrolment_id).collect();
    let mut corrections = Vec::new();
    for chunk in ids.chunks(db::CHUNK) {
        let of = correction::Column::EnrolmentId.is_in(chunk.iter().copied());
        corrections
            .extend(correction::Entity::find().filter(of).order_by_desc(correction::Column::Id).all(cx.read()).await?);
    }
    Ok(Results { published, components: book.components, lines, corrections })
}

/// What an intern sees of one of their classes.
#[derive(Clone, Debug)]
pub struct Own {
    pub class_id: i64,
    pub class_name: String,
    /// active, withdrawn or completed.
    pub state: String,
    pub outcome: Option<completion::Outcome>,
    pub held: i64,
    /// Absent until published.
    pub results: Option<Results>,
    pub reviews: Vec<review::Model>,
}

/// An intern's own classes with their published results, the newest first.
///
/// # Errors
/// Forbidden for all but interns.
pub async fn own(cx: &Cx, who: &Actor) -> Result<Vec<Own>> {
    #[derive(FromQueryResult)]
    struct Mine {
        class_id: i64,
        enrolment_id: i64,
        name: String,
        state: String,
    }
    who.require(&[Role::Intern])?;
    let Some(person_id) = who.person_id else { return Ok(Vec::new()) };
    let sql = "SELECT ce.class_id, ce.id AS enrolment_id, c.name, ce.state FROM class_enrolment ce \
               JOIN class c ON c.id = ce.class_id WHERE ce.person_id = ? ORDER BY ce.id DESC LIMIT 50";
    let mut out = Vec::new();
    for m in db::rows::<Mine>(cx.read(), sql, [person_id.into()]).await? {
        let (held, outcomes) = completion::outcomes(cx.read(), who, m.class_id).await?;
        let results = match of_class(cx.read(), m.class_id).await? {
            Some(a) if a.state == "published" => Some(results(cx, who, m.class_id).await?),
            _ => None,
        };
        let reviews = review::Entity::find()
            .filter(review::Column::EnrolmentId.eq(m.enrolment_id))
            .order_by_desc(review::Column::Id)
            .all(cx.read())
            .await?;
        out.push(Own {
            class_id: m.class_id,
            class_name: m.name,
            state: m.state,
            outcome: outcomes.into_iter().next(),
            held,
            results,
            reviews,
        });
    }
    Ok(out)
}
