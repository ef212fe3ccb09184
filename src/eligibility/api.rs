//! Eligibility over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, LevelVerdict, Line, Wanted};
use crate::api::{self, ApiUser, Tag, page};
use crate::core::Lang;
use crate::db::Cx;
use crate::db::list::Slice;

/// One clause against the facts.
#[derive(Clone, Debug, Object)]
#[oai(rename = "EligibilityClause")]
pub struct ClauseOut {
    /// eligible, needs_evidence or not_eligible.
    pub answer: String,
    pub clause: String,
    /// Which rule it is, with its source and years.
    pub rule: String,
    pub lines: Vec<String>,
}

/// Whether a person may register for a level, and why.
#[derive(Clone, Debug, Object)]
#[oai(rename = "EligibilityVerdict")]
pub struct VerdictOut {
    pub level: String,
    /// eligible, needs_evidence or not_eligible.
    pub answer: String,
    /// The first later exam year in which it would be, all else going on as it is.
    pub earliest_year: Option<i32>,
    pub headline: String,
    pub lines: Vec<String>,
    pub clauses: Vec<ClauseOut>,
    pub documents: Vec<String>,
}

impl From<LevelVerdict> for VerdictOut {
    fn from(v: LevelVerdict) -> Self {
        let clause = |c: ops::ClauseLine| ClauseOut {
            answer: c.answer.to_owned(),
            clause: c.clause,
            rule: c.rule,
            lines: c.lines,
        };
        Self {
            level: v.level,
            answer: v.answer.to_owned(),
            earliest_year: v.earliest_year,
            headline: v.headline,
            lines: v.lines,
            clauses: v.clauses.into_iter().map(clause).collect(),
            documents: v.documents,
        }
    }
}

/// The verdicts of one person.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Eligibility")]
pub struct EligibilityOut {
    pub person_id: i64,
    pub scheme: String,
    pub year: i32,
    pub levels: Vec<VerdictOut>,
}

/// One person's verdict in short.
#[derive(Clone, Debug, Object)]
#[oai(rename = "EligibilityLine")]
pub struct LineOut {
    pub person_id: i64,
    pub name: String,
    /// eligible, needs_evidence or not_eligible.
    pub answer: String,
    pub earliest_year: Option<i32>,
    pub why: String,
}

impl From<Line> for LineOut {
    fn from(l: Line) -> Self {
        let (answer, earliest_year) = (l.answer.to_owned(), l.earliest_year);
        Self { person_id: l.person_id, name: l.name, answer, earliest_year, why: l.why }
    }
}

/// A page of verdicts, with how many of each answer there are over all pages.
#[derive(Clone, Debug, Object)]
#[oai(rename = "EligibilityList")]
pub struct ListOut {
    pub items: Vec<LineOut>,
    pub next: Option<String>,
    /// Over all pages; on the first page only.
    pub eligible: Option<i64>,
    pub needs_evidence: Option<i64>,
    pub not_eligible: Option<i64>,
}

/// Who may register.
pub struct EligibilityApi;

#[OpenApi(tag = "Tag::Exams")]
impl EligibilityApi {
    /// The verdicts of a person, level by level. `year` is the next exam year when left out; `on` another day than today to
    /// see what would be then; `lang` is zh-CN or en.
    #[oai(path = "/people/:id/eligibility", method = "get", operation_id = "get_eligibility")]
    #[expect(clippy::too_many_arguments, reason = "what is asked")]
    async fn one(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        scheme: Query<String>,
        year: Query<Option<i32>>,
        on: Query<Option<NaiveDate>>,
        lang: Query<Option<String>>,
    ) -> api::Result<Json<EligibilityOut>> {
        let on = on.0.unwrap_or_else(|| cx.today());
        let lang = lang.0.map_or(user.lang, |l| Lang::parse(&l));
        let (year, all) = ops::verdicts(&cx, &user, id.0, &scheme.0, year.0, on, lang).await?;
        let levels = all.into_iter().map(VerdictOut::from).collect();
        Ok(Json(EligibilityOut { person_id: id.0, scheme: scheme.0, year, levels }))
    }

    /// The verdicts of the people of a cohort or region for one level, by person.
    #[oai(path = "/eligibility", method = "get", operation_id = "list_eligibility")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        scheme: Query<String>,
        level: Query<String>,
        year: Query<i32>,
        cohort_id: Query<Option<i64>>,
        region: Query<Option<String>>,
        on: Query<Option<NaiveDate>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<ListOut>> {
        let wanted = Wanted {
            scheme: scheme.0,
            level: level.0,
            year: year.0,
            cohort: cohort_id.0,
            region: region.0.unwrap_or_default(),
        };
        let on = on.0.unwrap_or_else(|| cx.today());
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::batch(&cx, &user, &wanted, on, user.lang, &slice).await?;
        // They take a look at everybody.
        let counts = if slice.after.is_none() { Some(ops::counts(&cx, &user, &wanted, on).await?) } else { None };
        let items = found.items.into_iter().map(LineOut::from).collect();
        Ok(Json(ListOut {
            items,
            next: found.next,
            eligible: counts.map(|c| c.yes),
            needs_evidence: counts.map(|c| c.needs_evidence),
            not_eligible: counts.map(|c| c.no),
        }))
    }
}
