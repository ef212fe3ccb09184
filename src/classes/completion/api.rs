//! Completion and certificates of training over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, CertificateView, Find, Outcome, RuleView};
use crate::api::{self, ApiUser, PageOut, Tag, page};
use crate::classes::ops::class_view;
use crate::db::Cx;
use crate::db::list::Slice;

/// What a class asks for.
#[derive(Clone, Debug, Object)]
#[oai(rename = "CompletionRule")]
pub struct RuleOut {
    /// Share of the minutes held.
    pub required_percent: i64,
    /// Whether the assessment counts too.
    pub assessed: bool,
    /// The least total of 100 points, in hundredths.
    pub minimum_total: i64,
    pub version: i64,
    pub class_version: i64,
}

/// What a class is to ask for; both versions are those that were read.
#[derive(Clone, Debug, Object)]
#[oai(rename = "CompletionRuleInput", deny_unknown_fields)]
pub struct RuleIn {
    pub required_percent: i64,
    pub assessed: bool,
    /// In hundredths.
    pub minimum_total: i64,
    pub version: i64,
    pub class_version: i64,
}

/// How somebody stands.
#[derive(Clone, Debug, Object)]
#[oai(rename = "CompletionOutcome")]
pub struct OutcomeOut {
    pub enrolment_id: i64,
    pub person_id: i64,
    pub name: String,
    /// active, withdrawn or completed.
    pub state: String,
    /// completed, attendance_short, not_assessed, under_minimum or total_short: as if the class were closed now.
    pub verdict: String,
    /// Minutes attended.
    pub minutes: i64,
    /// Published total of 100 points, in hundredths.
    pub total: Option<i64>,
    /// The valid certificate.
    pub certificate_id: Option<i64>,
}

impl From<Outcome> for OutcomeOut {
    fn from(o: Outcome) -> Self {
        Self {
            verdict: o.verdict.name().to_owned(),
            certificate_id: o.certificate.filter(|c| c.state == "valid").map(|c| c.id),
            enrolment_id: o.enrolment_id,
            person_id: o.person_id,
            name: o.name,
            state: o.state,
            minutes: o.minutes,
            total: o.total,
        }
    }
}

/// The completion of a class.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassCompletion")]
pub struct CompletionOut {
    pub rule: RuleOut,
    /// Minutes held.
    pub held: i64,
    pub people: Vec<OutcomeOut>,
}

/// What an issue came to.
#[derive(Clone, Debug, Object)]
#[oai(rename = "CompletionsIssued")]
pub struct IssuedOut {
    pub issued: u64,
    /// Had a valid one already.
    pub had: u64,
}

/// A certificate of training.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Completion")]
pub struct CertificateOut {
    pub id: i64,
    pub version: i64,
    pub class_id: i64,
    pub class_name: String,
    pub person_id: i64,
    pub name: String,
    pub number: String,
    /// By which the certificate can be checked.
    pub code: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    /// Minutes of training.
    pub minutes: i64,
    pub total: Option<i64>,
    pub issued_on: NaiveDate,
    /// valid, replaced or revoked.
    pub state: String,
    pub ended_on: Option<NaiveDate>,
    /// by_hand, replaced, withdrawn, or the verdict that took the completion back.
    pub reason_code: String,
    pub reason: String,
    pub replaces_id: Option<i64>,
}

impl From<CertificateView> for CertificateOut {
    fn from(c: CertificateView) -> Self {
        Self {
            id: c.id,
            version: c.version,
            class_id: c.class_id,
            class_name: c.class_name,
            person_id: c.person_id,
            name: c.name,
            number: c.number,
            code: c.code,
            starts_on: c.starts_on,
            ends_on: c.ends_on,
            minutes: c.minutes,
            total: c.total,
            issued_on: c.issued_on,
            state: c.state,
            ended_on: c.ended_on,
            reason_code: c.reason_code,
            reason: c.reason,
            replaces_id: c.replaces_id,
        }
    }
}

/// Ends a certificate.
#[derive(Clone, Debug, Object)]
#[oai(rename = "CompletionEnd", deny_unknown_fields)]
pub struct EndIn {
    pub version: i64,
    pub reason: String,
}

/// Completion of classes and certificates of training.
pub struct CompletionApi;

#[OpenApi(tag = "Tag::Classes")]
impl CompletionApi {
    /// The completion rule of a class and how everybody stands; an intern sees themselves.
    #[oai(path = "/classes/:id/completion", method = "get", operation_id = "get_class_completion")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<CompletionOut>> {
        let (held, people) = ops::outcomes(cx.read(), &user, id.0).await?;
        let rule = ops::rule_of(&cx, &user, id.0).await?;
        let class_version = class_view(cx.read(), &user, id.0).await?.version;
        let rule = RuleOut {
            required_percent: rule.required_percent,
            assessed: rule.assessed,
            minimum_total: rule.minimum_total,
            version: rule.version,
            class_version,
        };
        Ok(Json(CompletionOut { rule, held, people: people.into_iter().map(OutcomeOut::from).collect() }))
    }

    /// Set what a class asks for.
    #[oai(path = "/classes/:id/completion/rule", method = "put", operation_id = "set_completion_rule")]
    async fn rule(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<RuleIn>) -> api::Result<Json<CompletionOut>> {
        let b = body.0;
        let rule = RuleView {
            required_percent: b.required_percent,
            assessed: b.assessed,
            minimum_total: b.minimum_total,
            version: b.version,
        };
        ops::set_rule(&cx, &user, id.0, b.class_version, rule).await?;
        self.get(cx, user, id).await
    }

    /// Issue a certificate to everybody who completed a closed class and has none.
    #[oai(path = "/classes/:id/completion/issue", method = "post", operation_id = "issue_completions")]
    async fn issue(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<IssuedOut>> {
        let done = ops::issue(&cx, &user, id.0).await?;
        Ok(Json(IssuedOut { issued: done.issued as u64, had: done.had as u64 }))
    }

    /// Certificates of training; `sort` is `number`, `name`, `issued_on` or `minutes`, with `-` in front for descending.
    #[oai(path = "/completions", method = "get", operation_id = "list_completions")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        q: Query<Option<String>>,
        class: Query<Option<i64>>,
        person: Query<Option<i64>>,
        state: Query<Option<String>>,
        year: Query<Option<i64>>,
        sort: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<CertificateOut>>> {
        let find = Find {
            text: q.0.unwrap_or_default(),
            class_id: class.0,
            person_id: person.0,
            state: state.0.unwrap_or_default(),
            year: year.0,
        };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::certificates(&cx, &user, &find, &sort.0.unwrap_or_default(), &slice).await?;
        Ok(Json(PageOut::of(found, CertificateOut::from)))
    }

    /// One certificate.
    #[oai(path = "/completions/:id", method = "get", operation_id = "get_completion")]
    async fn one(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<CertificateOut>> {
        Ok(Json(ops::certificate(cx.read(), &user, id.0).await?.into()))
    }

    /// Revoke a certificate; the completion itself stands.
    #[oai(path = "/completions/:id/revoke", method = "post", operation_id = "revoke_completion")]
    async fn revoke(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<EndIn>,
    ) -> api::Result<Json<CertificateOut>> {
        ops::revoke(&cx, &user, id.0, body.0.version, &body.0.reason).await?;
        self.one(cx, user, id).await
    }

    /// Put a new certificate with the name and minutes on record in its place; gives the new one.
    #[oai(path = "/completions/:id/replace", method = "post", operation_id = "replace_completion")]
    async fn replace(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<EndIn>,
    ) -> api::Result<Json<CertificateOut>> {
        let new = ops::replace(&cx, &user, id.0, body.0.version, &body.0.reason).await?;
        self.one(cx, user, Path(new)).await
    }
}
