//! Everything that decides about the results of one class, loaded in a fixed number of statements.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
};

use super::super::entity::{assessment, component, criterion, mark};
use super::super::rules::{Came, Hand, Kind, Marks, came};
use crate::classes::completion::config;
use crate::classes::completion::ops::{attended, tell};
use crate::classes::completion::rules::{AttendancePart, Standing, attendance_mark, part};
use crate::core::{Actor, Error, Result};
use crate::db::{self, Cx};

/// A component with its rubric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    pub row: component::Model,
    pub kind: Kind,
    pub criteria: Vec<criterion::Model>,
    /// By how much two markers' marks may differ: the component's own, or the program's.
    pub limit: i64,
}

/// The marks of one person in one component, in the order of [`Hand::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given(pub [Option<mark::Model>; 4]);

impl Given {
    #[must_use]
    pub fn of(&self, hand: Hand) -> Option<&mark::Model> {
        self.0.iter().flatten().find(|m| m.hand == hand.number())
    }

    #[must_use]
    pub fn values(&self) -> Marks {
        Hand::ALL.map(|h| self.of(h).map(|m| m.mark))
    }

    pub(in crate::assessments) fn markers(&self) -> [Option<Option<i64>>; 4] {
        Hand::ALL.map(|h| self.of(h).map(|m| m.marker_id))
    }

    /// Whether the person did not sit, as everybody who marked says.
    #[must_use]
    pub fn absent(&self) -> bool {
        let mut all = self.0.iter().flatten().peekable();
        all.peek().is_some() && all.all(|m| m.absent)
    }
}

/// Somebody who is in the class.
#[derive(Clone, Debug, FromQueryResult)]
pub(in crate::assessments) struct Member {
    pub enrolment_id: i64,
    pub person_id: i64,
}

/// All of one class.
pub(in crate::assessments) struct Book {
    pub assessment: assessment::Model,
    pub components: Vec<Component>,
    pub members: Vec<Member>,
    /// By component and enrolment.
    pub given: HashMap<(i64, i64), Given>,
    held: i64,
    attended: HashMap<i64, i64>,
}

/// The assessment of a class, if it has one.
pub(super) async fn of_class(db: &impl ConnectionTrait, class_id: i64) -> Result<Option<assessment::Model>> {
    Ok(assessment::Entity::find().filter(assessment::Column::ClassId.eq(class_id)).one(db).await?)
}

/// The assessment of a class, kept from others until the transaction ends.
pub(in crate::assessments) async fn locked(txn: &DatabaseTransaction, class_id: i64) -> Result<assessment::Model> {
    let none = || Error::not_found("assessment-none");
    let id = of_class(txn, class_id).await?.ok_or_else(none)?.id;
    db::lock_rows(txn, "assessment", &[id]).await?;
    assessment::Entity::find_by_id(id).one(txn).await?.ok_or_else(none)
}

pub(super) async fn components(db: &impl ConnectionTrait, cx: &Cx, assessment_id: i64) -> Result<Vec<Component>> {
    let percent = config::of(cx)?.marking.difference_percent.value;
    let rows = component::Entity::find()
        .filter(component::Column::AssessmentId.eq(assessment_id))
        .order_by_asc(component::Column::Position)
        .order_by_asc(component::Column::Id)
        .all(db)
        .await?;
    let ids: Vec<i64> = rows.iter().map(|c| c.id).collect();
    let all = criterion::Entity::find()
        .filter(criterion::Column::ComponentId.is_in(ids))
        .order_by_asc(criterion::Column::Position)
        .order_by_asc(criterion::Column::Id)
        .all(db)
        .await?;
    let of = |id: i64| all.iter().filter(|c| c.component_id == id).cloned().collect();
    let one = |row: component::Model| {
        let kind = Kind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of component"))?;
        let limit = row.difference.unwrap_or(row.full_mark * percent / 100);
        Ok(Component { criteria: of(row.id), kind, limit, row })
    };
    rows.into_iter().map(one).collect()
}

impl Book {
    pub(in crate::assessments) async fn of(
        db: &impl ConnectionTrait,
        cx: &Cx,
        assessment: assessment::Model,
    ) -> Result<Self> {
        let class_id = assessment.class_id;
        let components = components(db, cx, assessment.id).await?;
        let sql = "SELECT id AS enrolment_id, person_id FROM class_enrolment WHERE class_id = ? \
                   AND state IN ('active', 'completed') ORDER BY id";
        let members = db::rows(db, sql, [class_id.into()]).await?;
        let ids: Vec<i64> = components.iter().map(|c| c.row.id).collect();
        let marks = mark::Entity::find().filter(mark::Column::ComponentId.is_in(ids)).all(db).await?;
        let mut given: HashMap<(i64, i64), Given> = HashMap::new();
        for m in marks {
            let hand = usize::try_from(m.hand - 1).unwrap_or(usize::MAX);
            let all = given.entry((m.component_id, m.enrolment_id)).or_default();
            if let Some(slot) = all.0.get_mut(hand) {
                *slot = Some(m);
            }
        }
        let (held, attended) = attended(db, class_id).await?;
        Ok(Self { assessment, components, members, given, held, attended })
    }

    pub(in crate::assessments) fn given(&self, component: i64, enrolment: i64) -> Given {
        self.given.get(&(component, enrolment)).cloned().unwrap_or_default()
    }

    /// What the marks of somebody in a component come to.
    pub(in crate::assessments) fn came(&self, c: &Component, enrolment_id: i64, person_id: i64) -> Came {
        if c.kind == Kind::Attendance {
            let minutes = self.attended.get(&person_id).copied().unwrap_or(0);
            return Came::Settled(attendance_mark(c.row.full_mark, minutes, self.held));
        }
        let marks = self.given.get(&(c.row.id, enrolment_id)).map_or([None; 4], Given::values);
        came(c.row.double_marked, c.limit, marks)
    }

    /// What somebody earned apart from attendance; `None` while a mark is missing or two markers are apart.
    pub(in crate::assessments) fn standing(&self, enrolment_id: i64, person_id: i64) -> Option<Standing> {
        let mut all = Standing { earned: 0, minimums_met: true };
        for c in self.components.iter().filter(|c| c.kind != Kind::Attendance) {
            let Came::Settled(mark) = self.came(c, enrolment_id, person_id) else { return None };
            all.earned += part(mark, c.row.full_mark, c.row.weight);
            all.minimums_met &= c.row.minimum.is_none_or(|min| mark >= min);
        }
        Some(all)
    }

    pub(in crate::assessments) fn attendance(&self) -> Option<AttendancePart> {
        let c = self.components.iter().find(|c| c.kind == Kind::Attendance)?;
        Some(AttendancePart { weight: c.row.weight, full: c.row.full_mark, minimum: c.row.minimum })
    }

    /// The total of 100 points in hundredths.
    pub(in crate::assessments) fn total(&self, enrolment_id: i64, person_id: i64) -> Option<i64> {
        let minutes = self.attended.get(&person_id).copied().unwrap_or(0);
        let standing = self.standing(enrolment_id, person_id)?;
        Some(crate::classes::completion::rules::total(standing, self.attendance(), minutes, self.held))
    }

    pub(in crate::assessments) fn published(&self) -> bool {
        self.assessment.state == "published"
    }

    /// Tells the class's completion what everybody earned; the caller holds the pipeline open.
    pub(in crate::assessments) async fn tell(&self, txn: &DatabaseTransaction, cx: &Cx, who: &Actor) -> Result<()> {
        let stood = |m: &Member| Some((m.enrolment_id, self.standing(m.enrolment_id, m.person_id)?));
        let earned: Vec<(i64, Standing)> = self.members.iter().filter_map(stood).collect();
        tell(txn, cx, who, self.assessment.class_id, self.published(), self.attendance(), &earned).await
    }
}

/// The total of one person.
///
/// # Errors
/// What the database reports.
pub async fn published_total(
    cx: &Cx,
    row: assessment::Model,
    enrolment_id: i64,
    person_id: i64,
) -> Result<Option<i64>> {
    Ok(Book::of(cx.read(), cx, row).await?.total(enrolment_id, person_id))
}
