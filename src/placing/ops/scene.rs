//! Everything that a proposal is made of, read once: the market of the rules and the way back to the rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Value};

use super::super::entity::{line, round, slot, student};
use super::super::rules::{Bar, Market, Near, Place, Pool, Slot, Student, Wish, distance, lot};
use crate::core::Result;
use crate::db::{self, Cx};
use crate::practicum::ops::Room;
use crate::practicum::programme;
use crate::practicum::rules::room::NoRoom;

/// A member of the cohort.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Member {
    pub id: i64,
    pub campus_id: Option<i64>,
    pub region_code: String,
    pub town: String,
}

#[derive(FromQueryResult)]
struct WishRow {
    person_id: i64,
    slot_id: i64,
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// A round with its people, places, wishes and locks.
pub(super) struct Scene {
    pub round: round::Model,
    /// By id.
    pub slots: BTreeMap<i64, slot::Model>,
    pub members: Vec<Member>,
    pub asks: HashMap<i64, student::Model>,
    /// Slot ids by person, the most wanted first.
    pub wishes: HashMap<i64, Vec<i64>>,
    /// Where people are kept, if anywhere.
    pub locks: HashMap<i64, Option<i64>>,
    /// Who is placed elsewhere in these weeks, where that is not allowed.
    pub elsewhere: HashSet<i64>,
    /// What forbids a slot to everybody.
    closed: HashMap<i64, Bar>,
    room: Room,
}

/// The weeks of the round.
pub(super) fn span(r: &round::Model) -> crate::practicum::rules::room::Span {
    (Some(r.starts_on), Some(r.ends_on))
}

impl Scene {
    /// Reads the round; `person` for one of its people alone.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn load(db: &impl ConnectionTrait, cx: &Cx, round: round::Model, person: Option<i64>) -> Result<Self> {
        let id = round.id;
        let only = if person.is_some() { " AND e.person_id = ?" } else { "" };
        let sql = format!(
            "SELECT p.id, p.campus_id, p.region_code, p.town FROM enrolment e JOIN person p ON p.id = e.person_id \
             WHERE e.cohort_id = ? AND e.state = 'active' AND p.active = ?{only} ORDER BY p.id"
        );
        let first: [Value; 2] = [round.cohort_id.into(), true.into()];
        let members: Vec<Member> = db::rows(db, &sql, first.into_iter().chain(person.map(Value::from))).await?;
        let slots: BTreeMap<i64, slot::Model> = slot::Entity::find()
            .filter(slot::Column::RoundId.eq(id))
            .order_by_asc(slot::Column::Id)
            .all(db)
            .await?
            .into_iter()
            .map(|s| (s.id, s))
            .collect();
        let asks = student::Entity::find().filter(student::Column::RoundId.eq(id));
        let asks = match person {
            Some(p) => asks.filter(student::Column::PersonId.eq(p)),
            None => asks,
        };
        let asks = asks.all(db).await?.into_iter().map(|s| (s.person_id, s)).collect();
        let only = if person.is_some() { " AND s.person_id = ?" } else { "" };
        let sql = format!(
            "SELECT s.person_id, w.slot_id FROM placing_wish w JOIN placing_student s ON s.id = w.student_id \
             WHERE s.round_id = ?{only} ORDER BY s.person_id, w.rank"
        );
        let mut wishes: HashMap<i64, Vec<i64>> = HashMap::new();
        let values = std::iter::once(Value::from(id)).chain(person.map(Value::from));
        for w in db::rows::<WishRow>(db, &sql, values).await? {
            wishes.entry(w.person_id).or_default().push(w.slot_id);
        }
        let locks = line::Entity::find().filter(line::Column::RoundId.eq(id)).filter(line::Column::Locked.eq(true));
        let locks = locks.all(db).await?.into_iter().map(|l| (l.person_id, l.slot_id)).collect();
        let bases: Vec<i64> = slots.values().map(|s| s.base_id).collect();
        let room = Room::look(db, &bases).await?;
        let elsewhere = elsewhere(db, cx, &round, person).await?;
        let mut closed = HashMap::new();
        for s in slots.values() {
            let bar = match room.free(s.base_id, s.campus_id, span(&round)) {
                Err(NoRoom::BaseRetired) => Bar::BaseRetired,
                Err(NoRoom::NoAgreement) => Bar::NoAgreement,
                Err(_) => Bar::NotCovered,
                Ok(_) => continue,
            };
            closed.insert(s.id, bar);
        }
        Ok(Self { round, slots, members, asks, wishes, locks, elsewhere, closed, room })
    }

    /// How near a slot's base is to where somebody lives.
    pub fn near(&self, m: &Member, s: &slot::Model) -> Near {
        let Some(b) = self.room.base(s.base_id) else { return Near::Unknown };
        distance(Place { code: &m.region_code, town: &m.town }, Place { code: &b.region_code, town: &b.town })
    }

    /// What forbids it, whatever the student wants.
    pub fn hard_bar(&self, m: &Member, s: &slot::Model) -> Option<Bar> {
        if self.elsewhere.contains(&m.id) {
            return Some(Bar::Elsewhere);
        }
        if m.campus_id.is_some_and(|c| c != s.campus_id) {
            return Some(Bar::OtherCampus);
        }
        self.closed.get(&s.id).copied()
    }

    /// What forbids it, the student's own conditions included.
    pub fn bar(&self, m: &Member, s: &slot::Model) -> Option<Bar> {
        self.hard_bar(m, s).or_else(|| {
            let ask = self.asks.get(&m.id)?;
            if !ask.fields.is_empty() && !s.field.is_empty() && !ask.fields.split('、').any(|f| f == s.field) {
                return Some(Bar::Field);
            }
            (!self.near(m, s).within(Near::parse(&ask.farthest))).then_some(Bar::TooFar)
        })
    }

    /// The market, with the students in the order of `members` and the slots in that of `slots`.
    pub fn market(&self) -> Market {
        let mut market = Market::default();
        let mut base_pool: HashMap<i64, usize> = HashMap::new();
        let mut agreement_pool: HashMap<(i64, i64), usize> = HashMap::new();
        let mut index: HashMap<i64, usize> = HashMap::new();
        let limit = |n: Option<i64>| n.map(|n| usize::try_from(n).unwrap_or(0));
        for s in self.slots.values() {
            let free = self.room.free(s.base_id, s.campus_id, span(&self.round)).unwrap_or((Some(0), Some(0)));
            let base = *base_pool.entry(s.base_id).or_insert_with(|| {
                market.pools.push(Pool { limit: limit(free.0), within: None });
                market.pools.len() - 1
            });
            let agreement = *agreement_pool.entry((s.base_id, s.campus_id)).or_insert_with(|| {
                market.pools.push(Pool { limit: limit(free.1), within: Some(base) });
                market.pools.len() - 1
            });
            market.pools.push(Pool { limit: limit(Some(s.places)), within: Some(agreement) });
            index.insert(s.id, market.slots.len());
            market.slots.push(Slot { id: s.id, pool: market.pools.len() - 1 });
        }
        let seed = self.round.seed.cast_unsigned();
        for m in &self.members {
            let wished = self.wishes.get(&m.id).map(Vec::as_slice).unwrap_or_default();
            let wishes = wished.iter().filter_map(|id| {
                let s = self.slots.get(id)?;
                let distance = self.near(m, s) as u8;
                Some(Wish { slot: *index.get(id)?, distance, bar: self.bar(m, s) })
            });
            let lock = |l: &Option<i64>| l.and_then(|id| index.get(&id).copied());
            market.students.push(Student {
                id: m.id,
                priority: self.asks.get(&m.id).map_or(0, |a| a.priority),
                lot: lot(seed, m.id),
                wishes: wishes.collect(),
                locked: self.locks.get(&m.id).map(lock),
            });
        }
        market
    }
}

/// Members who have another placement in these weeks, where the programme does not allow two.
async fn elsewhere(
    db: &impl ConnectionTrait,
    cx: &Cx,
    round: &round::Model,
    person: Option<i64>,
) -> Result<HashSet<i64>> {
    if programme::rules_for(cx, &round.programme, round.starts_on)?.programme.parallel_placements {
        return Ok(HashSet::new());
    }
    let only = if person.is_some() { " AND e.person_id = ?" } else { "" };
    let sql = format!(
        "SELECT DISTINCT e.person_id AS id FROM enrolment e JOIN placement pl ON pl.person_id = e.person_id \
         WHERE e.cohort_id = ? AND e.state = 'active' AND pl.state = 'active' \
         AND (pl.starts_on IS NULL OR pl.starts_on <= ?) AND (pl.ends_on IS NULL OR pl.ends_on >= ?){only}"
    );
    let first: [Value; 3] = [round.cohort_id.into(), round.ends_on.into(), round.starts_on.into()];
    let rows: Vec<Id> = db::rows(db, &sql, first.into_iter().chain(person.map(Value::from))).await?;
    Ok(rows.into_iter().map(|r| r.id).collect())
}
