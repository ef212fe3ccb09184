//! The people behind a figure of the tally: as many rows as the figure says.

use std::collections::HashMap;
use std::ops::ControlFlow;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Value};

use super::rules::{By, Counted};
use super::{Ask, last_year_by, maintained, walk};
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::people::entity::person;
use crate::people::scope;
use crate::pipeline::GroupKey;

/// A column of the tally.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    #[default]
    People,
    Registered,
    Sat,
    Passed,
    Certified,
}

impl Measure {
    pub const ALL: [Self; 5] = [Self::People, Self::Registered, Self::Sat, Self::Passed, Self::Certified];

    /// The name in URL and API, and of the figure.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Registered => "registered",
            Self::Sat => "sat",
            Self::Passed => "passed",
            Self::Certified => "certified",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }

    fn of_exam(self) -> bool {
        matches!(self, Self::Registered | Self::Sat | Self::Passed)
    }
}

/// Which figure: one of a row (`group` is [`super::Row::group`]) or, without a group, of the total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    pub ask: Ask,
    pub measure: Measure,
    pub group: Option<String>,
}

/// A person, and for figures of levels the level they count at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonBehind {
    pub person_id: i64,
    pub name: String,
    /// The last four characters of the number on their paper, to tell namesakes apart.
    pub id_tail: String,
    pub unit: String,
    pub region_code: String,
    /// Scheme and level; empty for the figure "people".
    pub scheme: String,
    pub level: String,
}

impl PersonBehind {
    fn cursor(&self) -> String {
        format!("{}.{}/{}", self.person_id, self.scheme, self.level)
    }
}

/// One line of the list before names are known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, FromQueryResult)]
struct Found {
    id: i64,
    scheme: String,
    level: String,
}

/// The rows behind a figure, by person.
///
/// # Errors
/// [`Error::Forbidden`] for readers who see figures only, [`Error::Invalid`] as for the tally, or what the database
/// reports.
pub async fn people_behind(cx: &Cx, who: &Actor, behind: &Behind, page: &PageReq) -> Result<Page<PersonBehind>> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    super::check_region(who, behind.ask.region.as_deref())?;
    let schemes = &*crate::schemes::of(cx)?;
    let db = cx.read();
    let today = cx.today();
    let as_of = behind.ask.as_of.unwrap_or(today);
    if as_of > today {
        return Err(Error::field("as_of", Msg::new("reports-as-of-future").with("today", today)));
    }
    let year = match (behind.ask.by, &behind.group, behind.ask.year) {
        (By::Year, Some(y), _) => y.parse().ok(),
        (_, _, Some(y)) => Some(y),
        _ if as_of == today => maintained::last_year(db).await?,
        _ => last_year_by(db, as_of).await?,
    };
    let after = page.after.as_deref().and_then(|a| {
        let (id, key) = a.split_once('.')?;
        Some((id.parse::<i64>().ok()?, key.to_owned()))
    });
    let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX).saturating_add(1);
    let found = if as_of == today {
        now(db, who, behind, year, after, limit).await?
    } else {
        let mut found: Vec<Found> = Vec::new();
        let (after_id, after_key) = after.unwrap_or((0, String::new()));
        let region = behind.ask.region.as_deref();
        let walk = walk::Walk { schemes, who, region, facts: false, source: true, after: after_id.saturating_sub(1) };
        walk.run(db, |w| {
            let one = w.source.counted(schemes, &w.region_code, Some(as_of));
            let mut lines = lines(behind, &w.groups, &one, w.id, year);
            lines.retain(|f| f.id > after_id || format!("{}/{}", f.scheme, f.level) > after_key);
            found.append(&mut lines);
            if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .await?;
        found.truncate(limit);
        found
    };
    let rows = with_names(db, found).await?;
    Ok(Page::cut(rows, page.limit(), PersonBehind::cursor))
}

/// What one person adds to the figure.
fn lines(behind: &Behind, groups: &[GroupKey], one: &Counted, id: i64, year: Option<i64>) -> Vec<Found> {
    let group = behind.group.as_deref();
    if let Some(key) = group.filter(|_| behind.ask.by.is_group())
        && !groups.iter().any(|g| g.kind == behind.ask.by.name() && g.key == key)
    {
        return Vec::new();
    }
    let level = group.filter(|_| behind.ask.by == By::Level).and_then(|g| g.split_once('/'));
    let at = |scheme: &str, name: &str| level.is_none_or(|(s, l)| s == scheme && l == name);
    let line = |scheme: &str, level: &str| Found { id, scheme: scheme.to_owned(), level: level.to_owned() };
    match behind.measure {
        Measure::People => vec![line("", "")],
        Measure::Certified => match &one.highest {
            Some((s, l)) if at(s, l) => {
                let in_year = behind.ask.by != By::Year
                    || group.is_none()
                    || year.is_some_and(|y| one.certificate_years.contains(&y));
                if in_year { vec![line(s, l)] } else { Vec::new() }
            }
            _ => Vec::new(),
        },
        m => one
            .exams
            .iter()
            .filter(|e| Some(e.year) == year && at(&e.scheme, &e.level))
            .filter(|e| match m {
                Measure::Registered => e.registered,
                Measure::Sat => e.sat,
                _ => e.passed,
            })
            .map(|e| line(&e.scheme, &e.level))
            .collect(),
    }
}

/// The same from the facts, by one query.
async fn now(
    db: &impl ConnectionTrait,
    who: &Actor,
    behind: &Behind,
    year: Option<i64>,
    after: Option<(i64, String)>,
    limit: usize,
) -> Result<Vec<Found>> {
    let (scheme, level, from) = match behind.measure {
        Measure::People => ("''", "''", "person p JOIN person_facts f ON f.person_id = p.id"),
        Measure::Certified => {
            ("f.highest_scheme", "f.highest_level", "person p JOIN person_facts f ON f.person_id = p.id")
        }
        _ => ("e.scheme", "e.level", "person p JOIN exam_facts e ON e.person_id = p.id"),
    };
    let (cond, mut values) = scope::sql(who);
    let mut sql = format!("SELECT p.id AS id, {scheme} AS scheme, {level} AS level FROM {from} WHERE {cond}");
    let mut and = |text: &str, more: Vec<Value>| {
        sql.push_str(" AND ");
        sql.push_str(text);
        values.extend(more);
    };
    if let Some(code) = behind.ask.region.as_deref() {
        let (from, to) = db::prefix_range(code);
        and("p.region_code >= ? AND p.region_code < ?", vec![from.into(), to.into()]);
    }
    match behind.measure {
        Measure::People => {}
        Measure::Certified => and("f.highest_rank > 0", Vec::new()),
        m => {
            let Some(year) = year else { return Ok(Vec::new()) };
            and(&format!("e.year = ? AND e.{} = TRUE", m.name()), vec![year.into()]);
        }
    }
    if let Some(key) = behind.group.as_deref() {
        match behind.ask.by {
            By::Level => {
                let (s, l) = key.split_once('/').unwrap_or(("", key));
                if behind.measure != Measure::People {
                    and(&format!("{scheme} = ? AND {level} = ?"), vec![s.into(), l.into()]);
                }
            }
            By::Year if behind.measure == Measure::Certified => and(
                "EXISTS (SELECT 1 FROM certificate c WHERE c.person_id = p.id AND c.exam_year = ? AND c.revoked_on IS NULL)",
                vec![year.unwrap_or_default().into()],
            ),
            By::Year => {}
            By::Region => {
                let (from, to) = db::prefix_range(key);
                and("p.region_code >= ? AND p.region_code < ?", vec![from.into(), to.into()]);
            }
            By::Campus => and("p.campus_id = ?", vec![key.parse::<i64>().unwrap_or_default().into()]),
            by => and(
                "EXISTS (SELECT 1 FROM person_scope g WHERE g.person_id = p.id AND g.kind = ? AND g.target_id = ?)",
                vec![by.name().into(), key.parse::<i64>().unwrap_or_default().into()],
            ),
        }
    }
    if let Some((id, key)) = after {
        if behind.measure.of_exam() {
            let text = "(p.id > ? OR (p.id = ? AND e.scheme || '/' || e.level > ?))";
            and(text, vec![id.into(), id.into(), key.into()]);
        } else {
            and("p.id > ?", vec![id.into()]);
        }
    }
    sql.push_str(if behind.measure.of_exam() {
        " ORDER BY p.id, e.scheme || '/' || e.level LIMIT ?"
    } else {
        " ORDER BY p.id LIMIT ?"
    });
    values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    db::rows(db, &sql, values).await
}

async fn with_names(db: &impl ConnectionTrait, found: Vec<Found>) -> Result<Vec<PersonBehind>> {
    let mut people: HashMap<i64, person::Model> = HashMap::new();
    let ids: Vec<i64> = found.iter().map(|f| f.id).collect();
    for chunk in ids.chunks(db::CHUNK) {
        let rows = person::Entity::find().filter(person::Column::Id.is_in(chunk.iter().copied())).all(db).await?;
        people.extend(rows.into_iter().map(|p| (p.id, p)));
    }
    Ok(found
        .into_iter()
        .filter_map(|f| {
            let p = people.get(&f.id)?;
            Some(PersonBehind {
                person_id: p.id,
                name: p.name.clone(),
                id_tail: p.id_tail.clone(),
                unit: p.unit.clone(),
                region_code: p.region_code.clone(),
                scheme: f.scheme,
                level: f.level,
            })
        })
        .collect())
}
