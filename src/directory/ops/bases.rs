//! Bases: list, one with its agreements and supervisors, add, edit, supervisors, and the index by which imports find
//! bases and supervisors.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::super::entity::{agreement, base, bases_visible_to, campus, supervisor};
use super::super::rules::{self, BaseKind};
use super::{Agreement, Base, Supervisor};
use crate::audit;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};

/// A base with what hangs on it.
#[derive(Clone, Debug)]
pub struct BaseDetail {
    pub base: Base,
    pub region_name: String,
    /// With the name of the campus.
    pub agreements: Vec<(Agreement, String)>,
    pub supervisors: Vec<Supervisor>,
}

/// How far the towns of a list of bases are covered by stations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    pub bases: i64,
    pub towns: i64,
    /// Towns with at least one active base of kind `town_station`.
    pub towns_with_station: i64,
}

impl Coverage {
    /// Covered towns in whole percent; `None` without a town.
    #[must_use]
    pub fn percent(&self) -> Option<i64> {
        (self.towns > 0).then(|| self.towns_with_station * 100 / self.towns)
    }
}

/// A base to be added or changed.
#[derive(Clone, Debug, Default)]
pub struct BaseInput {
    pub code: String,
    pub name: String,
    pub kind: String,
    pub region_code: String,
    pub town: String,
    pub capacity: Option<i64>,
    pub evaluation: String,
    pub note: String,
    pub active: bool,
}

/// Bases by code.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, page: &PageReq) -> Result<Page<Base>> {
    let mut q = bases_visible_to(who).order_by_asc(base::Column::Id).limit(page.limit() + 1);
    if let Some(after) = page.after_id() {
        q = q.filter(base::Column::Id.gt(after));
    }
    Ok(Page::cut(q.all(cx.read()).await?, page.limit(), |b| b.id.to_string()))
}

/// One base.
///
/// # Errors
/// [`Error::NotFound`], also when it is not the actor's to see.
pub async fn get(cx: &Cx, who: &Actor, id: i64) -> Result<BaseDetail> {
    let db = cx.read();
    let base = bases_visible_to(who)
        .filter(base::Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Error::not_found("error-not-found"))?;
    let agreements = agreement::Entity::find()
        .filter(agreement::Column::BaseId.eq(id))
        .order_by_asc(agreement::Column::Id)
        .all(db)
        .await?;
    let campuses: HashMap<i64, String> = campus::Entity::find()
        .filter(campus::Column::Id.is_in(agreements.iter().map(|a| a.campus_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|c| (c.id, c.name))
        .collect();
    let agreements = agreements
        .into_iter()
        .map(|a| (campuses.get(&a.campus_id).cloned().unwrap_or_default(), a))
        .map(|(n, a)| (a, n));
    let mut supervisors = supervisor::Entity::find()
        .filter(supervisor::Column::BaseId.eq(id))
        .order_by_asc(supervisor::Column::Id)
        .all(db)
        .await?;
    let mut agreements: Vec<_> = agreements.collect();
    if !who.sees_identities() {
        supervisors.clear();
        for (a, _) in &mut agreements {
            a.campus_mentor.clear();
        }
    }
    let region_name = super::regions::names(db, std::slice::from_ref(&base.region_code)).await?;
    let region_name = region_name.get(&base.region_code).cloned().unwrap_or_default();
    Ok(BaseDetail { agreements, supervisors, region_name, base })
}

/// Bases, towns, and towns with a station, over the active bases the actor sees.
///
/// # Errors
/// What the database reports.
pub async fn coverage(cx: &Cx, who: &Actor) -> Result<Coverage> {
    let rows: Vec<(String, String, String)> = bases_visible_to(who)
        .filter(base::Column::Active.eq(true))
        .select_only()
        .columns([base::Column::RegionCode, base::Column::Town, base::Column::Kind])
        .into_tuple()
        .all(cx.read())
        .await?;
    let mut towns: HashMap<(String, String), bool> = HashMap::new();
    let bases = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    for (region, town, kind) in rows {
        let town = rules::key(&town);
        if !town.is_empty() {
            *towns.entry((region, town)).or_default() |= kind == BaseKind::TownStation.name();
        }
    }
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Ok(Coverage {
        bases,
        towns: count(towns.len()),
        towns_with_station: count(towns.values().filter(|covered| **covered).count()),
    })
}

/// Adds a base.
///
/// # Errors
/// [`Error::Invalid`] with the wrong fields, [`Error::Conflict`] when the code is taken in that region,
/// [`Error::Forbidden`] outside the actor's regions.
pub async fn add(cx: &Cx, who: &Actor, input: BaseInput) -> Result<Base> {
    who.require(&[Role::Administrator])?;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    let now = cx.now();
    let row = base::ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        code: Set(input.code),
        name: Set(input.name),
        kind: Set(input.kind),
        region_code: Set(input.region_code),
        town: Set(input.town),
        evaluation: Set(input.evaluation),
        note: Set(input.note),
        capacity: Set(input.capacity),
        active: Set(true),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        created_by: Set(who.user_id),
        updated_by: Set(who.user_id),
    }
    .insert(&txn)
    .await?;
    audit::record(&txn, cx, who, [audit::Change::new("create", "base", row.id, 1).after(&row)]).await?;
    txn.commit().await?;
    Ok(row)
}

/// Changes a base.
///
/// # Errors
/// As [`add`], and [`Error::NotFound`], and [`Error::Conflict`] when it was changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: BaseInput, version: i64) -> Result<Base> {
    who.require(&[Role::Administrator])?;
    let active = input.active;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    let old = bases_visible_to(who)
        .filter(base::Column::Id.eq(id))
        .one(&txn)
        .await?
        .ok_or_else(|| Error::not_found("error-not-found"))?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let new = base::ActiveModel {
        id: Set(id),
        code: Set(input.code),
        name: Set(input.name),
        kind: Set(input.kind),
        region_code: Set(input.region_code),
        town: Set(input.town),
        evaluation: Set(input.evaluation),
        note: Set(input.note),
        capacity: Set(input.capacity),
        active: Set(active),
        version: Set(old.version + 1),
        updated_at: Set(cx.now()),
        updated_by: Set(who.user_id),
        ..Default::default()
    }
    .update(&txn)
    .await?;
    let change = audit::Change::new("update", "base", id, new.version).before(&old).after(&new);
    audit::record(&txn, cx, who, [change]).await?;
    txn.commit().await?;
    Ok(new)
}

fn tidy(who: &Actor, mut b: BaseInput) -> Result<BaseInput> {
    for s in [&mut b.code, &mut b.name, &mut b.kind, &mut b.region_code, &mut b.town, &mut b.evaluation, &mut b.note] {
        *s = s.trim().to_owned();
    }
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if b.code.is_empty() {
        bad("code", Msg::new("base-code-missing"));
    }
    if b.name.is_empty() {
        bad("name", Msg::new("base-name-missing"));
    }
    if BaseKind::parse(&b.kind).is_none() {
        bad("kind", Msg::new("base-kind-unknown").with("kind", &b.kind));
    }
    if !b.region_code.is_empty() && rules::level(&b.region_code).is_none() {
        bad("region_code", Msg::new("region-code-form").with("code", &b.region_code));
    }
    if b.capacity.is_some_and(|c| !(0..=100_000).contains(&c)) {
        bad("capacity", Msg::new("base-capacity-range"));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if !rules::within(&who.scope.regions, &b.region_code) {
        return Err(Error::Forbidden);
    }
    Ok(b)
}

/// Adds a supervisor to a base.
///
/// # Errors
/// [`Error::NotFound`] for the base, [`Error::Invalid`] for an empty name, [`Error::Conflict`] when the base has one of
/// that name.
pub async fn add_supervisor(cx: &Cx, who: &Actor, base_id: i64, name: &str, phone: &str) -> Result<Supervisor> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    if name.trim().is_empty() {
        return Err(Error::field("name", Msg::new("supervisor-name-missing")));
    }
    let txn = cx.begin().await?;
    let found = bases_visible_to(who).filter(base::Column::Id.eq(base_id)).one(&txn).await?;
    let base = found.ok_or_else(|| Error::not_found("error-not-found"))?;
    // A trainer works with the bases of the own county; they see the others only to know where somebody was.
    if who.role == Role::Trainer {
        let home = super::regions::home(&txn, who).await?;
        if rules::county(&base.region_code) != rules::county(&home) {
            return Err(Error::Forbidden);
        }
    }
    let now = cx.now();
    let row = supervisor::ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        base_id: Set(base.id),
        name: Set(name.trim().to_owned()),
        phone: Set(phone.trim().to_owned()),
        user_id: Set(None),
        active: Set(true),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        created_by: Set(who.user_id),
        updated_by: Set(who.user_id),
    }
    .insert(&txn)
    .await?;
    audit::record(&txn, cx, who, [audit::Change::new("create", "supervisor", row.id, 1).after(&row)]).await?;
    txn.commit().await?;
    Ok(row)
}

/// Bases and supervisors in memory, for imports that name them: by code or name below a region first, anywhere if the
/// name is there only once.
#[derive(Clone, Debug, Default)]
pub struct Index {
    by_id: HashMap<i64, Base>,
    /// Lower-case code or [`rules::key`] of the name → ids.
    by_word: HashMap<String, Vec<i64>>,
    supervisors: HashMap<i64, Vec<Supervisor>>,
    campuses: HashMap<i64, Vec<i64>>,
    region: String,
}

impl Index {
    /// Reads the active bases; `region` may be empty.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn load(db: &impl ConnectionTrait, region: &str) -> Result<Self> {
        let mut index = Self { region: region.to_owned(), ..Self::default() };
        for b in base::Entity::find().filter(base::Column::Active.eq(true)).all(db).await? {
            index.by_word.entry(rules::key(&b.name)).or_default().push(b.id);
            index.by_word.entry(rules::key(&b.code).to_lowercase()).or_default().push(b.id);
            index.by_id.insert(b.id, b);
        }
        for s in supervisor::Entity::find().all(db).await? {
            index.supervisors.entry(s.base_id).or_default().push(s);
        }
        for a in agreement::Entity::find().all(db).await? {
            let of = index.campuses.entry(a.base_id).or_default();
            if !of.contains(&a.campus_id) {
                of.push(a.campus_id);
            }
        }
        Ok(index)
    }

    /// Whether any base is on record at all: without a ledger no name can be known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The campus that has an agreement with the base, if it is only one.
    #[must_use]
    pub fn only_campus(&self, base_id: i64) -> Option<i64> {
        match self.campuses.get(&base_id)?.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The base of a code or name.
    #[must_use]
    pub fn base(&self, word: &str) -> Option<&Base> {
        let key = rules::key(word);
        let ids = self.by_word.get(&key).or_else(|| self.by_word.get(&key.to_lowercase()))?;
        let mut near = ids.iter().filter_map(|id| self.by_id.get(id));
        if let [only] = ids.as_slice() {
            return self.by_id.get(only);
        }
        let mut below = near.by_ref().filter(|b| !self.region.is_empty() && b.region_code.starts_with(&self.region));
        match (below.next(), below.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }

    #[must_use]
    pub fn get(&self, id: i64) -> Option<&Base> {
        self.by_id.get(&id)
    }

    /// The supervisor of a name at a base.
    #[must_use]
    pub fn supervisor(&self, base_id: i64, name: &str) -> Option<&Supervisor> {
        let key = rules::key(name);
        self.supervisors.get(&base_id)?.iter().find(|s| rules::key(&s.name) == key)
    }

    /// The only active supervisor of a base.
    #[must_use]
    pub fn only_supervisor(&self, base_id: i64) -> Option<&Supervisor> {
        let mut active = self.supervisors.get(&base_id)?.iter().filter(|s| s.active);
        match (active.next(), active.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }
}

/// The active base of a code or name, among those the actor sees.
///
/// # Errors
/// [`Error::Invalid`] on `field` when there is none, or several of that name.
pub async fn named(db: &impl ConnectionTrait, who: &Actor, field: &str, word: &str) -> Result<i64> {
    let word = word.trim();
    let is = sea_orm::Condition::any().add(base::Column::Code.eq(word)).add(base::Column::Name.eq(word));
    let found = bases_visible_to(who).filter(base::Column::Active.eq(true)).filter(is).limit(50).all(db).await?;
    match found.as_slice() {
        [one] => Ok(one.id),
        [] => Err(Error::field(field, Msg::new("base-word-unknown").with("word", word))),
        several => {
            let list: Vec<String> = several.iter().map(|b| format!("{} {}", b.code, b.town)).collect();
            Err(Error::field(field, Msg::new("base-word-several").with("list", list.join("、"))))
        }
    }
}

/// Names of bases by id, whoever asks: for records that already point at them.
///
/// # Errors
/// What the database reports.
pub async fn names(db: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, String>> {
    let mut out = HashMap::new();
    for chunk in ids.chunks(db::CHUNK) {
        let rows = base::Entity::find().filter(base::Column::Id.is_in(chunk.iter().copied())).all(db).await?;
        out.extend(rows.into_iter().map(|b| (b.id, b.name)));
    }
    Ok(out)
}
