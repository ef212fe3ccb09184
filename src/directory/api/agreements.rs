//! Agreements over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::super::ops::agreements::{self, AgreementInput, AgreementView, FindAgreements};
use crate::api::{self, ApiUser, PageOut, page};
use crate::db::Cx;
use crate::db::list::Slice;

/// An agreement between campus and base.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AgreementRecord")]
pub struct AgreementRecordOut {
    pub id: i64,
    pub version: i64,
    pub campus_id: i64,
    pub campus: String,
    pub base_id: i64,
    pub base: String,
    /// The number of the document.
    pub number: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    /// Interns of this campus at one time.
    pub capacity: Option<i64>,
    /// Fields of service; empty for any.
    pub fields: Vec<String>,
    pub campus_mentor: String,
    /// The base's mentor.
    pub supervisor_id: Option<i64>,
    pub supervisor: Option<String>,
    pub note: String,
}

impl From<AgreementView> for AgreementRecordOut {
    fn from(a: AgreementView) -> Self {
        Self {
            id: a.id,
            version: a.version,
            campus_id: a.campus_id,
            campus: a.campus_name,
            base_id: a.base_id,
            base: a.base_name,
            number: a.number,
            valid_from: a.valid_from,
            valid_to: a.valid_to,
            capacity: a.capacity,
            fields: a.fields.split('、').filter(|f| !f.is_empty()).map(str::to_owned).collect(),
            campus_mentor: a.campus_mentor,
            supervisor_id: a.supervisor_id,
            supervisor: a.supervisor_name,
            note: a.note,
        }
    }
}

/// An agreement to be added or changed; all of it is given.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AgreementNew", deny_unknown_fields)]
pub struct AgreementIn {
    pub campus_id: i64,
    pub base_id: i64,
    pub number: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub capacity: Option<i64>,
    #[oai(default)]
    pub fields: Vec<String>,
    #[oai(default)]
    pub campus_mentor: String,
    pub supervisor_id: Option<i64>,
    #[oai(default)]
    pub note: String,
    /// For a change: the version that was read. Campus and base stay as they are.
    #[oai(default)]
    pub version: i64,
}

impl AgreementIn {
    fn input(self) -> AgreementInput {
        AgreementInput {
            campus_id: self.campus_id,
            base_id: self.base_id,
            number: self.number,
            campus_mentor: self.campus_mentor,
            supervisor_id: self.supervisor_id,
            fields: self.fields.join("、"),
            note: self.note,
            capacity: self.capacity,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

pub struct AgreementsApi;

#[OpenApi(tag = "api::Tag::Directory")]
impl AgreementsApi {
    /// Agreements of campuses and bases.
    #[oai(path = "/agreements", method = "get", operation_id = "list_agreements")]
    #[expect(clippy::too_many_arguments, reason = "each is a query parameter of the operation")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        base_id: Query<Option<i64>>,
        campus_id: Query<Option<i64>>,
        /// Only those that hold on this day.
        valid_on: Query<Option<NaiveDate>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<AgreementRecordOut>>> {
        let find = FindAgreements {
            base_id: base_id.0,
            campus_id: campus_id.0,
            valid_on: valid_on.0,
            ..FindAgreements::default()
        };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = agreements::list(cx.read(), &user, &find, "", &slice).await?;
        Ok(Json(PageOut::of(found, AgreementRecordOut::from)))
    }

    /// Add an agreement.
    #[oai(path = "/agreements", method = "post", operation_id = "add_agreement")]
    async fn add(&self, cx: Cx, user: ApiUser, body: Json<AgreementIn>) -> api::Result<Json<AgreementRecordOut>> {
        let a = agreements::add(&cx, &user, body.0.input()).await?;
        Ok(Json(agreements::get(cx.read(), &user, a.id).await?.into()))
    }

    /// One agreement.
    #[oai(path = "/agreements/:id", method = "get", operation_id = "get_agreement")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<AgreementRecordOut>> {
        Ok(Json(agreements::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Change an agreement; placements made under it stay.
    #[oai(path = "/agreements/:id", method = "put", operation_id = "change_agreement")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<AgreementIn>,
    ) -> api::Result<Json<AgreementRecordOut>> {
        let version = body.0.version;
        agreements::edit(&cx, &user, id.0, body.0.input(), version).await?;
        Ok(Json(agreements::get(cx.read(), &user, id.0).await?.into()))
    }
}
