//! Opening and closing a change: facts rows, stages, counters.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, Value};

use super::counters::{GroupKey, Sums, region_groups};
use super::entity::{exam_facts, person_facts};
use super::rules::{ExamFact, Facts, Stage, stage};
use crate::core::Result;
use crate::db::{self, Cx};

/// How things are for one person after a feature's change.
#[derive(Clone, Debug)]
pub enum Change {
    /// The person is new, or moved between groups (region, campus, cohort, class, base); no fact of its own.
    Person,
    /// `cohorts`: in at least one cohort; or was in one and left all.
    Enrolment { enrolled: bool, withdrawn: bool },
    /// `practicum`: has a placement; hours asked for and confirmed over all placements, in minutes.
    Practicum { placed: bool, required_minutes: i64, confirmed_minutes: i64 },
    /// `classes`.
    Class { under_way: bool, complete: bool },
    /// `exams`: replaces the row of that scheme, level and year.
    Exam(ExamFact),
    /// `certificates`: the highest unrevoked one (rank 0: none) and its registration.
    Certificates {
        highest_scheme: String,
        highest_level: String,
        highest_rank: i64,
        registered_until: Option<NaiveDate>,
        due_from: Option<NaiveDate>,
    },
}

struct Person {
    groups: Vec<GroupKey>,
    /// None: no facts row yet, counts for nothing.
    facts: Option<(Facts, Stage)>,
}

/// People whose facts are about to change; made by [`open`].
#[must_use = "counters move only when it is closed"]
pub struct Open {
    people: BTreeMap<i64, Person>,
}

/// Notes what these people count for now and, on PostgreSQL, keeps others from changing them until the transaction ends.
///
/// # Errors
/// What the database reports.
pub async fn open(txn: &DatabaseTransaction, person_ids: &[i64]) -> Result<Open> {
    let ids: BTreeSet<i64> = person_ids.iter().copied().collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    db::lock_rows(txn, "person", &ids).await?;
    Ok(Open { people: load(txn, &ids).await? })
}

/// Removes the facts of people that are about to be deleted (undo of an import); call between [`open`] and `close`.
///
/// # Errors
/// What the database reports.
pub async fn forget(txn: &DatabaseTransaction, person_ids: &[i64]) -> Result<()> {
    for chunk in person_ids.chunks(db::CHUNK) {
        exam_facts::Entity::delete_many()
            .filter(exam_facts::Column::PersonId.is_in(chunk.iter().copied()))
            .exec(txn)
            .await?;
        person_facts::Entity::delete_many()
            .filter(person_facts::Column::PersonId.is_in(chunk.iter().copied()))
            .exec(txn)
            .await?;
    }
    Ok(())
}

impl Open {
    /// Applies the changes, derives the stages anew and moves the counters. Every person that was opened is looked at again
    /// (groups too); people created meanwhile come in through `changes` ([`Change::Person`] if there is nothing else).
    ///
    /// # Errors
    /// What the database reports.
    pub async fn close(self, txn: &DatabaseTransaction, cx: &Cx, changes: Vec<(i64, Change)>) -> Result<()> {
        let mut by_person: HashMap<i64, Vec<Change>> = HashMap::new();
        for (id, c) in changes {
            by_person.entry(id).or_default().push(c);
        }
        let ids: BTreeSet<i64> = self.people.keys().copied().chain(by_person.keys().copied()).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let mut now = load(txn, &ids).await?;

        let mut sums = Sums::default();
        for p in self.people.values() {
            if let Some((facts, stage)) = &p.facts {
                sums.person(&p.groups, facts, *stage, -1);
            }
        }
        let mut writes = Writes::default();
        let today = cx.today();
        for (id, p) in &mut now {
            let old = p.facts.take();
            let wanted = by_person.remove(id).unwrap_or_default();
            if old.is_none() && wanted.is_empty() {
                // Opened, and gone or without facts: nothing to count.
                continue;
            }
            let (before, before_stage) = match old {
                Some((f, s)) => (f, Some(s)),
                None => (Facts::default(), None),
            };
            let mut facts = before.clone();
            for c in wanted {
                apply(&mut facts, c);
            }
            let (after_stage, next) = stage(&facts, today);
            writes.note(*id, &before, before_stage, &facts, after_stage, next, cx);
            sums.person(&p.groups, &facts, after_stage, 1);
        }
        writes.store(txn).await?;
        sums.apply(txn).await
    }
}

/// Derives again the people whose stage changes with the date alone and whose day has come; gives how many. Bounded to
/// `limit` people a call, so that the job can go on in small transactions.
///
/// # Errors
/// What the database reports.
pub async fn rederive_due(cx: &Cx, limit: u64) -> Result<u64> {
    let txn = cx.begin().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let due: Vec<Id> = db::rows(
        &txn,
        "SELECT person_id AS id FROM person_facts WHERE next_change_on <= ? ORDER BY person_id LIMIT ?",
        [cx.today().into(), limit.into()],
    )
    .await?;
    let ids: Vec<i64> = due.into_iter().map(|r| r.id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let before = open(&txn, &ids).await?;
    let changes = ids.iter().map(|id| (*id, Change::Person)).collect();
    before.close(&txn, cx, changes).await?;
    txn.commit().await?;
    Ok(ids.len() as u64)
}

fn apply(f: &mut Facts, c: Change) {
    match c {
        Change::Person => {}
        Change::Enrolment { enrolled, withdrawn } => {
            f.enrolled = enrolled;
            f.withdrawn = withdrawn;
        }
        Change::Practicum { placed, required_minutes, confirmed_minutes } => {
            f.placed = placed;
            f.required_minutes = required_minutes;
            f.confirmed_minutes = confirmed_minutes;
        }
        Change::Class { under_way, complete } => {
            f.class_under_way = under_way;
            f.class_complete = complete;
        }
        Change::Exam(e) => {
            f.exams.retain(|x| !(x.scheme == e.scheme && x.level == e.level && x.year == e.year));
            if !e.is_empty() {
                f.exams.push(e);
            }
            f.exams.sort();
        }
        Change::Certificates { highest_scheme, highest_level, highest_rank, registered_until, due_from } => {
            f.highest_scheme = highest_scheme;
            f.highest_level = highest_level;
            f.highest_rank = highest_rank;
            f.registered_until = registered_until;
            f.due_from = due_from;
        }
    }
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

#[derive(FromQueryResult)]
struct Belongs {
    id: i64,
    region_code: String,
    campus_id: Option<i64>,
}

#[derive(FromQueryResult)]
struct InGroup {
    person_id: i64,
    kind: String,
    target_id: i64,
}

/// Groups and facts of people; those that do not exist (any more) are left out.
async fn load(db: &impl ConnectionTrait, ids: &[i64]) -> Result<BTreeMap<i64, Person>> {
    let mut out = BTreeMap::new();
    for chunk in ids.chunks(db::CHUNK) {
        let values = || chunk.iter().map(|id| Value::from(*id)).collect::<Vec<_>>();
        let list = db::places(chunk.len());
        let sql = format!("SELECT id, region_code, campus_id FROM person WHERE id IN ({list})");
        for b in db::rows::<Belongs>(db, &sql, values()).await? {
            let mut groups = vec![GroupKey { kind: "all", key: String::new() }];
            groups.extend(region_groups(&b.region_code));
            groups.extend(b.campus_id.map(|c| GroupKey { kind: "campus", key: c.to_string() }));
            out.insert(b.id, Person { groups, facts: None });
        }
        let sql = format!("SELECT person_id, kind, target_id FROM person_scope WHERE person_id IN ({list})");
        for g in db::rows::<InGroup>(db, &sql, values()).await? {
            if let (Some(p), Some(kind)) = (out.get_mut(&g.person_id), group_kind(&g.kind)) {
                p.groups.push(GroupKey { kind, key: g.target_id.to_string() });
            }
        }
        let rows = person_facts::Entity::find()
            .filter(person_facts::Column::PersonId.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        for row in rows {
            if let Some(p) = out.get_mut(&row.person_id) {
                let at = Stage::parse(&row.stage).unwrap_or(Stage::Recorded);
                p.facts = Some((from_row(row), at));
            }
        }
        let rows = exam_facts::Entity::find()
            .filter(exam_facts::Column::PersonId.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        for row in rows {
            if let Some((facts, _)) = out.get_mut(&row.person_id).and_then(|p| p.facts.as_mut()) {
                facts.exams.push(ExamFact {
                    scheme: row.scheme,
                    level: row.level,
                    year: row.year,
                    registered: row.registered,
                    sat: row.sat,
                    passed: row.passed,
                });
            }
        }
    }
    for p in out.values_mut() {
        if let Some((facts, _)) = p.facts.as_mut() {
            facts.exams.sort();
        }
    }
    Ok(out)
}

fn group_kind(kind: &str) -> Option<&'static str> {
    ["cohort", "class", "base"].into_iter().find(|k| *k == kind)
}

fn from_row(r: person_facts::Model) -> Facts {
    Facts {
        enrolled: r.enrolled,
        withdrawn: r.withdrawn,
        placed: r.placed,
        required_minutes: r.required_minutes,
        confirmed_minutes: r.confirmed_minutes,
        class_under_way: r.class_under_way,
        class_complete: r.class_complete,
        highest_scheme: r.highest_scheme,
        highest_level: r.highest_level,
        highest_rank: r.highest_rank,
        registered_until: r.registered_until,
        due_from: r.due_from,
        exams: Vec::new(),
    }
}

/// The columns of both tables, the key first, in the order in which [`Writes::note`] gives their values.
const FACTS: [&str; 17] = [
    "person_id",
    "stage",
    "enrolled",
    "withdrawn",
    "placed",
    "practicum_complete",
    "class_under_way",
    "class_complete",
    "required_minutes",
    "confirmed_minutes",
    "highest_scheme",
    "highest_level",
    "highest_rank",
    "registered_until",
    "due_from",
    "next_change_on",
    "updated_at",
];
const EXAMS: [&str; 7] = ["person_id", "scheme", "level", "year", "registered", "sat", "passed"];

/// What happens to a row that is there already.
fn replacing(key: &str, columns: &[&str]) -> String {
    let sets: Vec<String> = columns.iter().map(|c| format!("{c} = excluded.{c}")).collect();
    format!("ON CONFLICT ({key}) DO UPDATE SET {}", sets.join(", "))
}

/// The rows to be written, gathered so that an import writes them in bulk.
#[derive(Default)]
struct Writes {
    facts: Vec<Vec<Value>>,
    exams: Vec<Vec<Value>>,
    gone: Vec<(i64, ExamFact)>,
}

impl Writes {
    #[expect(clippy::too_many_arguments, reason = "before and after, side by side")]
    fn note(
        &mut self,
        id: i64,
        before: &Facts,
        before_stage: Option<Stage>,
        after: &Facts,
        after_stage: Stage,
        next: Option<NaiveDate>,
        cx: &Cx,
    ) {
        let same_row = {
            let (mut a, mut b) = (before.clone(), after.clone());
            a.exams.clear();
            b.exams.clear();
            a == b
        };
        // A stage that moved with the date alone has the same facts and still needs its new day of change.
        let date_driven = after.registered_until.is_some();
        if !same_row || before_stage != Some(after_stage) || date_driven {
            self.facts.push(vec![
                id.into(),
                after_stage.name().into(),
                after.enrolled.into(),
                after.withdrawn.into(),
                after.placed.into(),
                after.practicum_complete().into(),
                after.class_under_way.into(),
                after.class_complete.into(),
                after.required_minutes.into(),
                after.confirmed_minutes.into(),
                after.highest_scheme.as_str().into(),
                after.highest_level.as_str().into(),
                after.highest_rank.into(),
                after.registered_until.into(),
                after.due_from.into(),
                next.into(),
                cx.now().into(),
            ]);
        }
        for e in after.exams.iter().filter(|e| !before.exams.contains(e)) {
            self.exams.push(vec![
                id.into(),
                e.scheme.as_str().into(),
                e.level.as_str().into(),
                e.year.into(),
                e.registered.into(),
                e.sat.into(),
                e.passed.into(),
            ]);
        }
        let still =
            |e: &ExamFact| after.exams.iter().any(|x| x.scheme == e.scheme && x.level == e.level && x.year == e.year);
        self.gone.extend(before.exams.iter().filter(|e| !still(e)).map(|e| (id, e.clone())));
    }

    async fn store(self, txn: &DatabaseTransaction) -> Result<()> {
        let (facts, exams) =
            (replacing("person_id", &FACTS[1..]), replacing("person_id, scheme, level, year", &EXAMS[4..]));
        db::insert_rows(txn, "person_facts", &FACTS, self.facts, &facts).await?;
        db::insert_rows(txn, "exam_facts", &EXAMS, self.exams, &exams).await?;
        for (id, e) in self.gone {
            exam_facts::Entity::delete_by_id((id, e.scheme, e.level, e.year)).exec(txn).await?;
        }
        Ok(())
    }
}
