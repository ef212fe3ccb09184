//! Honours over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, Find, HonourInput, HonourView};
use crate::api::{self, ApiUser, PageOut, Tag, page};
use crate::db::Cx;
use crate::db::list::Slice;

/// An honour of a person, an organisation or a station.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Honour")]
pub struct HonourOut {
    pub id: i64,
    pub version: i64,
    /// The class it was proposed from; absent for one from outside.
    pub class_id: Option<i64>,
    pub person_id: Option<i64>,
    pub organisation_id: Option<i64>,
    pub station_id: Option<i64>,
    /// Whose it is; empty for an observer where it is a person.
    pub holder: String,
    /// top, full_attendance, or empty for one from outside.
    pub rule: String,
    pub title: String,
    /// class, county, city, province or nation.
    pub level: String,
    pub year: i64,
    pub document_no: String,
    pub given_by: String,
    /// proposed, awarded, declined or revoked.
    pub state: String,
    pub reason: String,
    /// By total in the class.
    pub place: Option<i64>,
    /// Whether others share the place.
    pub tied: bool,
    pub awarded_on: Option<NaiveDate>,
    pub note: String,
}

impl From<HonourView> for HonourOut {
    fn from(h: HonourView) -> Self {
        Self {
            id: h.id,
            version: h.version,
            class_id: h.class_id,
            person_id: h.person_id,
            organisation_id: h.organisation_id,
            station_id: h.station_id,
            holder: h.holder,
            rule: h.rule,
            title: h.title,
            level: h.level,
            year: h.year,
            document_no: h.document_no,
            given_by: h.given_by,
            state: h.state,
            reason: h.reason,
            place: h.place,
            tied: h.tied,
            awarded_on: h.awarded_on,
            note: h.note,
        }
    }
}

/// An honour from outside; exactly one of the three ids.
#[derive(Clone, Debug, Object)]
#[oai(rename = "HonourInput", deny_unknown_fields)]
pub struct HonourIn {
    pub person_id: Option<i64>,
    pub organisation_id: Option<i64>,
    pub station_id: Option<i64>,
    pub title: String,
    /// county, city, province or nation.
    pub level: String,
    pub year: i64,
    #[oai(default)]
    pub document_no: String,
    #[oai(default)]
    pub given_by: String,
    pub awarded_on: Option<NaiveDate>,
    #[oai(default)]
    pub note: String,
}

impl From<HonourIn> for HonourInput {
    fn from(i: HonourIn) -> Self {
        Self {
            person_id: i.person_id,
            organisation_id: i.organisation_id,
            station_id: i.station_id,
            title: i.title,
            level: i.level,
            year: i.year,
            document_no: i.document_no,
            given_by: i.given_by,
            awarded_on: i.awarded_on,
            note: i.note,
        }
    }
}

/// By which rule a class proposes.
#[derive(Clone, Debug, Object)]
#[oai(rename = "HonourProposal", deny_unknown_fields)]
pub struct ProposeIn {
    /// top or full_attendance.
    pub rule: String,
    /// How many of the best; the program's number when absent. Whoever ties with the last is proposed too.
    pub n: Option<i64>,
}

/// How many are new.
#[derive(Clone, Debug, Object)]
#[oai(rename = "HonoursProposed")]
pub struct ProposedOut {
    pub proposed: u64,
}

/// A decision on an honour.
#[derive(Clone, Debug, Object)]
#[oai(rename = "HonourDecision", deny_unknown_fields)]
pub struct DecideIn {
    pub version: i64,
    /// awarded, declined or revoked.
    pub state: String,
    /// Needed for declining and revoking.
    #[oai(default)]
    pub reason: String,
}

/// Honours.
pub struct HonoursApi;

#[OpenApi(tag = "Tag::Registers")]
impl HonoursApi {
    /// Honours; `sort` is `year`, `title`, `level` or `place`, with `-` in front for descending.
    #[oai(path = "/honours", method = "get", operation_id = "list_honours")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        q: Query<Option<String>>,
        level: Query<Option<String>>,
        state: Query<Option<String>>,
        kind: Query<Option<String>>,
        year: Query<Option<i64>>,
        region: Query<Option<String>>,
        class: Query<Option<i64>>,
        person: Query<Option<i64>>,
        sort: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<HonourOut>>> {
        let find = Find {
            text: q.0.unwrap_or_default(),
            level: level.0.unwrap_or_default(),
            state: state.0.unwrap_or_default(),
            kind: kind.0.unwrap_or_default(),
            year: year.0,
            region: region.0.unwrap_or_default(),
            class_id: class.0,
            person_id: person.0,
        };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::list(&cx, &user, &find, &sort.0.unwrap_or_default(), &slice).await?;
        Ok(Json(PageOut::of(found, HonourOut::from)))
    }

    /// Record an honour from outside.
    #[oai(path = "/honours", method = "post", operation_id = "add_honour")]
    async fn add(&self, cx: Cx, user: ApiUser, body: Json<HonourIn>) -> api::Result<Json<HonourOut>> {
        let made = ops::add(&cx, &user, body.0.into()).await?;
        Ok(Json(ops::get(cx.read(), &user, made.id).await?.into()))
    }

    /// One honour.
    #[oai(path = "/honours/:id", method = "get", operation_id = "get_honour")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<HonourOut>> {
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Change an honour from outside; `version` is the one seen.
    #[oai(path = "/honours/:id", method = "put", operation_id = "change_honour")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        version: Query<i64>,
        body: Json<HonourIn>,
    ) -> api::Result<Json<HonourOut>> {
        ops::edit(&cx, &user, id.0, version.0, body.0.into()).await?;
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Award, decline or revoke an honour.
    #[oai(path = "/honours/:id/decision", method = "post", operation_id = "decide_honour")]
    async fn decide(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<DecideIn>) -> api::Result<Json<HonourOut>> {
        let b = body.0;
        ops::decide(&cx, &user, id.0, b.version, &b.state, &b.reason).await?;
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Propose honours from a closed class by a rule.
    #[oai(path = "/classes/:id/honours", method = "post", operation_id = "propose_honours")]
    async fn propose(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<ProposeIn>,
    ) -> api::Result<Json<ProposedOut>> {
        let proposed = ops::propose(&cx, &user, id.0, &body.0.rule, body.0.n).await? as u64;
        Ok(Json(ProposedOut { proposed }))
    }
}
