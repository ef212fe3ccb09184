//! Certificates as JSON.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, CertificateView, CorrectCertificate, Find, RecordCertificate, RevokeCertificate};
use crate::api::{self, ApiUser, PageOut, Tag};
use crate::db::Cx;

/// A certificate.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Certificate")]
pub struct CertificateOut {
    pub id: i64,
    pub person_id: i64,
    pub person_name: String,
    /// The last four characters of the number on the holder's paper.
    pub id_tail: String,
    pub scheme: String,
    pub level: String,
    /// 管理号: opaque text.
    pub number: String,
    /// Absent when not known.
    pub exam_year: Option<i64>,
    pub approved_on: NaiveDate,
    pub first_registered_on: Option<NaiveDate>,
    pub registered_until: Option<NaiveDate>,
    pub revoked_on: Option<NaiveDate>,
    pub revoked_why: String,
    /// valid, registered, lapsed or revoked.
    pub standing: String,
    pub unit: String,
    pub note: String,
    /// To be given with a change.
    pub version: i64,
}

impl From<CertificateView> for CertificateOut {
    fn from(v: CertificateView) -> Self {
        let c = v.certificate;
        Self {
            id: c.id,
            person_id: c.person_id,
            person_name: v.person_name,
            id_tail: v.id_tail,
            scheme: c.scheme,
            level: c.level,
            number: c.number,
            exam_year: Some(c.exam_year).filter(|y| *y > 0),
            approved_on: c.approved_on,
            first_registered_on: c.first_registered_on,
            registered_until: c.registered_until,
            revoked_on: c.revoked_on,
            revoked_why: c.revoked_why,
            standing: v.standing.name().to_owned(),
            unit: c.unit,
            note: c.note,
            version: c.version,
        }
    }
}

/// A certificate to be recorded.
#[derive(Clone, Debug, Object)]
#[oai(rename = "RecordCertificate", deny_unknown_fields)]
pub struct RecordIn {
    pub person_id: i64,
    pub scheme: String,
    pub level: String,
    #[oai(validator(max_length = 100))]
    pub number: String,
    pub exam_year: Option<i64>,
    pub approved_on: NaiveDate,
    pub first_registered_on: Option<NaiveDate>,
    pub registered_until: Option<NaiveDate>,
    #[oai(default, validator(max_length = 200))]
    pub unit: String,
    #[oai(default, validator(max_length = 1000))]
    pub note: String,
}

/// A certificate as it should have been recorded.
#[derive(Clone, Debug, Object)]
#[oai(rename = "CorrectCertificate", deny_unknown_fields)]
pub struct CorrectIn {
    /// The version seen.
    pub version: i64,
    #[oai(validator(max_length = 100))]
    pub number: String,
    pub exam_year: Option<i64>,
    pub approved_on: NaiveDate,
    pub first_registered_on: Option<NaiveDate>,
    pub registered_until: Option<NaiveDate>,
    #[oai(default, validator(max_length = 200))]
    pub unit: String,
    #[oai(default, validator(max_length = 1000))]
    pub note: String,
    #[oai(validator(max_length = 500))]
    pub why: String,
}

/// When a certificate stops to count, and why.
#[derive(Clone, Debug, Object)]
#[oai(rename = "RevokeCertificate", deny_unknown_fields)]
pub struct RevokeIn {
    /// The version seen.
    pub version: i64,
    pub on: NaiveDate,
    #[oai(validator(max_length = 500))]
    pub why: String,
}

pub struct CertificatesApi;

#[OpenApi(prefix_path = "/certificates", tag = "Tag::Certificates")]
impl CertificatesApi {
    /// List certificates, the latest recorded first.
    #[oai(path = "/", method = "get", operation_id = "list_certificates")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        /// `scheme/level`, or a level alone.
        level: Query<Option<String>>,
        exam_year: Query<Option<i64>>,
        /// Only revoked or only valid ones.
        revoked: Query<Option<bool>>,
        /// A whole number or the beginning of a holder's name.
        text: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<CertificateOut>>> {
        let find = Find {
            level: level.0.unwrap_or_default(),
            text: text.0.unwrap_or_default(),
            exam_year: exam_year.0,
            revoked: revoked.0,
        };
        let page = ops::list(&cx, &user, &find, &api::page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(page, CertificateOut::from)))
    }

    /// One certificate.
    #[oai(path = "/:id", method = "get", operation_id = "get_certificate")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<CertificateOut>> {
        Ok(Json(ops::get(&cx, &user, id.0).await?.into()))
    }

    /// Record a certificate.
    ///
    /// The same one again changes nothing and is given back.
    #[oai(path = "/", method = "post", operation_id = "record_certificate")]
    async fn record(&self, cx: Cx, user: ApiUser, body: Json<RecordIn>) -> api::Result<Json<CertificateOut>> {
        let b = body.0;
        let input = RecordCertificate {
            person_id: b.person_id,
            scheme: b.scheme,
            level: b.level,
            number: b.number,
            exam_year: b.exam_year.unwrap_or_default(),
            approved_on: b.approved_on,
            first_registered_on: b.first_registered_on,
            registered_until: b.registered_until,
            unit: b.unit,
            note: b.note,
        };
        let made = ops::record(&cx, &user, input).await?;
        Ok(Json(ops::get(&cx, &user, made.id).await?.into()))
    }

    /// Correct what was recorded wrongly.
    #[oai(path = "/:id/correct", method = "post", operation_id = "correct_certificate")]
    async fn correct(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<CorrectIn>,
    ) -> api::Result<Json<CertificateOut>> {
        let b = body.0;
        let input = CorrectCertificate {
            number: b.number,
            exam_year: b.exam_year.unwrap_or_default(),
            approved_on: b.approved_on,
            first_registered_on: b.first_registered_on,
            registered_until: b.registered_until,
            unit: b.unit,
            note: b.note,
            why: b.why,
        };
        ops::correct(&cx, &user, id.0, b.version, input).await?;
        Ok(Json(ops::get(&cx, &user, id.0).await?.into()))
    }

    /// Revoke a certificate.
    #[oai(path = "/:id/revoke", method = "post", operation_id = "revoke_certificate")]
    async fn revoke(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<RevokeIn>,
    ) -> api::Result<Json<CertificateOut>> {
        let b = body.0;
        ops::revoke(&cx, &user, id.0, b.version, RevokeCertificate { on: b.on, why: b.why }).await?;
        Ok(Json(ops::get(&cx, &user, id.0).await?.into()))
    }
}
