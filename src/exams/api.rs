//! The JSON API of exam cycles, registrations and results.

mod types;

use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use self::types::{
    CandidateOut, CycleOut, CyclesOut, DecideIn, DecisionIn, RegistrationIn, RegistrationOut, ResultIn, candidate_out,
};
use super::ops::{
    self, CandidateFilter, ChangeRegistration, Decide, Decision, Outcomes, RegistrationFilter, SetResult,
};
use super::rules::Payment;
use crate::api::{self, ApiUser, PageOut, Tag, page};
use crate::core::{Error, Msg};
use crate::db::Cx;
use crate::schemes;
use crate::web::current_lang;

pub struct ExamsApi;

#[OpenApi(tag = "Tag::Exams")]
impl ExamsApi {
    /// List exam cycles.
    #[oai(path = "/exam-cycles", method = "get", operation_id = "list_exam_cycles")]
    async fn cycles(&self, cx: Cx, user: ApiUser) -> api::Result<Json<CyclesOut>> {
        let all = ops::cycles(&cx, &user, current_lang()).await?;
        Ok(Json(CyclesOut { items: all.into_iter().map(Into::into).collect() }))
    }

    /// One exam cycle, with windows and head counts.
    #[oai(path = "/exam-cycles/:scheme/:year", method = "get", operation_id = "get_exam_cycle")]
    async fn cycle(&self, cx: Cx, user: ApiUser, scheme: Path<String>, year: Path<i64>) -> api::Result<Json<CycleOut>> {
        Ok(Json(ops::cycle(&cx, &user, &scheme, year.0, current_lang()).await?.into()))
    }

    /// Registrations of a cycle.
    #[oai(path = "/exam-cycles/:scheme/:year/registrations", method = "get", operation_id = "list_registrations")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the operation")]
    async fn registrations(
        &self,
        cx: Cx,
        user: ApiUser,
        scheme: Path<String>,
        year: Path<i64>,
        level: Query<Option<String>>,
        /// active or withdrawn
        state: Query<Option<String>>,
        /// The beginning of a name.
        name: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<RegistrationOut>>> {
        let id = cycle_id(&cx, &user, &scheme, year.0).await?;
        let filter = RegistrationFilter { level: level.0, state: state.0, name: name.0 };
        let request = page::request(limit.0, after.0);
        let found = ops::registrations(&cx, &user, id, &filter, &request, current_lang()).await?;
        Ok(Json(PageOut::of(found, Into::into)))
    }

    /// Correct payment or state of a registration by hand.
    #[oai(path = "/registrations/:id", method = "put", operation_id = "change_registration")]
    async fn change_registration(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<RegistrationIn>,
    ) -> api::Result<Json<RegistrationOut>> {
        let input = body.0;
        let payment = Payment::parse(&input.payment)
            .ok_or_else(|| Error::field("payment", Msg::new("exams-payment-wrong").with("value", &input.payment)))?;
        let change = ChangeRegistration {
            id: id.0,
            version: input.version,
            payment,
            withdrawn: input.withdrawn,
            why: input.why,
        };
        ops::change_registration(&cx, &user, change).await?;
        Ok(Json(ops::registration(&cx, &user, id.0, current_lang()).await?.1.into()))
    }

    /// Results of a cycle: one item a candidate and level.
    #[oai(path = "/exam-cycles/:scheme/:year/results", method = "get", operation_id = "list_results")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the operation")]
    async fn results(
        &self,
        cx: Cx,
        user: ApiUser,
        scheme: Path<String>,
        year: Path<i64>,
        level: Query<Option<String>>,
        /// sat, passed, not-passed, absent or held
        outcome: Query<Option<String>>,
        /// The beginning of a name.
        name: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<CandidateOut>>> {
        let id = cycle_id(&cx, &user, &scheme, year.0).await?;
        let outcome = outcome.0.as_deref().and_then(Outcomes::parse);
        let filter = CandidateFilter { level: level.0, outcome, name: name.0 };
        let request = page::request(limit.0, after.0);
        let found = ops::candidates(&cx, &user, id, &filter, &request, current_lang()).await?;
        let schemes = schemes::of(&cx)?;
        let rules = schemes.scheme(&scheme)?;
        Ok(Json(PageOut::of(found, |c| candidate_out(current_lang(), rules, c))))
    }

    /// Enter or correct one result by hand; what hangs on it is derived again.
    #[oai(path = "/exam-cycles/:scheme/:year/results", method = "put", operation_id = "set_result")]
    async fn set_result(
        &self,
        cx: Cx,
        user: ApiUser,
        scheme: Path<String>,
        year: Path<i64>,
        body: Json<ResultIn>,
    ) -> api::Result<Json<CandidateOut>> {
        let input = body.0;
        let cycle_id = cycle_id(&cx, &user, &scheme, year.0).await?;
        let (person_id, level) = (input.person_id, input.level.clone());
        let set = SetResult {
            cycle_id,
            person_id,
            level: input.level,
            subject: input.subject,
            score: input.score,
            published_on: input.published_on,
            why: input.why,
            version: input.version,
        };
        ops::set_result(&cx, &user, set).await?;
        one(&cx, &user, cycle_id, person_id, &level).await
    }

    /// Decide on a sitting on hold.
    #[oai(path = "/exam-cycles/:scheme/:year/decisions", method = "put", operation_id = "decide_hold")]
    async fn decide(
        &self,
        cx: Cx,
        user: ApiUser,
        scheme: Path<String>,
        year: Path<i64>,
        body: Json<DecideIn>,
    ) -> api::Result<Json<CandidateOut>> {
        let input = body.0;
        let cycle_id = cycle_id(&cx, &user, &scheme, year.0).await?;
        let (person_id, level) = (input.person_id, input.level.clone());
        let decision = match input.decision {
            DecisionIn::SubjectOnly => Decision::SubjectOnly,
            DecisionIn::WholeSitting => Decision::WholeSitting,
        };
        let decide = Decide { cycle_id, person_id, level: input.level, decision, why: input.why };
        ops::decide(&cx, &user, decide).await?;
        one(&cx, &user, cycle_id, person_id, &level).await
    }
}

async fn cycle_id(cx: &Cx, user: &ApiUser, scheme: &str, year: i64) -> Result<i64, Error> {
    let cycle = ops::cycle(cx, user, scheme, year, current_lang()).await?;
    cycle.id.ok_or_else(|| Error::not_found("error-not-found"))
}

async fn one(cx: &Cx, user: &ApiUser, cycle_id: i64, person_id: i64, level: &str) -> api::Result<Json<CandidateOut>> {
    let (cycle, found) = ops::candidate(cx, user, cycle_id, person_id, level, current_lang()).await?;
    let schemes = schemes::of(cx)?;
    Ok(Json(candidate_out(current_lang(), schemes.scheme(&cycle.scheme)?, found)))
}
