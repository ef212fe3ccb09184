//! People over the API. ID numbers are never given whole.

use chrono::NaiveDate;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, EditPerson, Filter, Line, PersonView};
use super::timeline::{Providers, TimelineItem};
use crate::api::{self, ApiUser, PageOut, page};
use crate::core::Lang;
use crate::db::Cx;

/// A line of the list.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PersonLine")]
pub struct LineOut {
    pub id: i64,
    pub name: String,
    pub sex: String,
    pub id_type: String,
    /// The last four characters of the ID number.
    pub id_tail: String,
    pub phone: String,
    pub student_no: String,
    pub unit: String,
    pub town: String,
    pub region_code: String,
    pub stage: String,
    /// Level of the highest certificate.
    pub highest_level: String,
}

impl From<Line> for LineOut {
    fn from(l: Line) -> Self {
        Self {
            id: l.id,
            name: l.name,
            sex: l.sex,
            id_type: l.id_type,
            id_tail: l.id_tail,
            phone: l.phone,
            student_no: l.student_no,
            unit: l.unit,
            town: l.town,
            region_code: l.region_code,
            stage: l.stage,
            highest_level: l.highest_level,
        }
    }
}

/// One person.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Person")]
pub struct PersonOut {
    pub id: i64,
    pub name: String,
    /// male, female or empty.
    pub sex: String,
    /// YYYY-MM-DD, YYYY-MM or empty.
    pub birth: String,
    pub ethnicity: String,
    pub id_type: String,
    /// The last four characters of the ID number.
    pub id_tail: String,
    pub phone: String,
    pub email: String,
    pub education: String,
    pub school: String,
    pub major: String,
    pub graduated_on: String,
    pub unit: String,
    pub job_title: String,
    pub student_no: String,
    pub region_code: String,
    pub region_name: String,
    pub town: String,
    pub employment_kind: String,
    pub note: String,
    pub work_years: Option<i64>,
    pub campus_id: Option<i64>,
    pub active: bool,
    pub stage: String,
    pub highest_scheme: String,
    pub highest_level: String,
    pub required_minutes: i64,
    pub confirmed_minutes: i64,
    pub version: i64,
}

impl From<PersonView> for PersonOut {
    fn from(v: PersonView) -> Self {
        let p = v.person;
        Self {
            id: p.id,
            name: p.name,
            sex: p.sex,
            birth: p.birth,
            ethnicity: p.ethnicity,
            id_type: p.id_type,
            id_tail: p.id_tail,
            phone: p.phone,
            email: p.email,
            education: p.education,
            school: p.school,
            major: p.major,
            graduated_on: p.graduated_on,
            unit: p.unit,
            job_title: p.job_title,
            student_no: p.student_no,
            region_code: p.region_code,
            region_name: v.region_name,
            town: p.town,
            employment_kind: p.employment_kind,
            note: p.note,
            work_years: p.work_years,
            campus_id: p.campus_id,
            active: p.active,
            stage: v.stage,
            highest_scheme: v.highest_scheme,
            highest_level: v.highest_level,
            required_minutes: v.required_minutes,
            confirmed_minutes: v.confirmed_minutes,
            version: p.version,
        }
    }
}

/// What may be changed; a field left out stays as it is.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PersonPatch", deny_unknown_fields)]
pub struct PersonPatchIn {
    /// The version seen.
    pub version: i64,
    pub name: Option<String>,
    pub ethnicity: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub education: Option<String>,
    pub school: Option<String>,
    pub major: Option<String>,
    pub graduated_on: Option<String>,
    pub unit: Option<String>,
    pub job_title: Option<String>,
    pub student_no: Option<String>,
    pub region_code: Option<String>,
    pub town: Option<String>,
    pub employment_kind: Option<String>,
    pub note: Option<String>,
    pub work_years: Option<i64>,
    pub campus_id: Option<i64>,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "PersonActive", deny_unknown_fields)]
pub struct ActiveIn {
    pub active: bool,
    /// The version seen.
    pub version: i64,
    #[oai(default)]
    pub why: String,
}

/// One thing that happened to a person.
#[derive(Clone, Debug, Object)]
#[oai(rename = "TimelineItem")]
pub struct TimelineOut {
    pub on: NaiveDate,
    pub kind: String,
    pub text: String,
    pub details: Vec<String>,
    /// The page of the thing; empty when there is none.
    pub href: String,
}

impl TimelineOut {
    fn of(t: &TimelineItem, lang: Lang) -> Self {
        Self {
            on: t.on,
            kind: t.kind.to_owned(),
            text: t.text.text(lang),
            details: t.details.iter().map(|d| d.text(lang)).collect(),
            href: t.href.clone(),
        }
    }
}

pub struct PeopleApi;

#[OpenApi(tag = "api::Tag::People")]
impl PeopleApi {
    /// People, found by name, number or place in the pipeline.
    #[oai(path = "/people", method = "get", operation_id = "list_people")]
    #[expect(clippy::too_many_arguments, reason = "a query parameter each")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        /// The beginning of a name, a whole ID number, its last four characters, a phone or a student number.
        q: Query<Option<String>>,
        stage: Query<Option<String>>,
        cohort: Query<Option<i64>>,
        /// A region code; everything below it too.
        region: Query<Option<String>>,
        level: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<LineOut>>> {
        let filter = Filter {
            q: q.0.unwrap_or_default(),
            stage: stage.0.unwrap_or_default(),
            cohort: cohort.0,
            region: region.0.unwrap_or_default(),
            level: level.0.unwrap_or_default(),
            inactive: false,
        };
        let found = ops::list(&cx, &user, &filter, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(found, LineOut::from)))
    }

    /// One person.
    #[oai(path = "/people/:id", method = "get", operation_id = "get_person")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<PersonOut>> {
        Ok(Json(ops::get(&cx, &user, id.0).await?.into()))
    }

    /// Change a person's details.
    #[oai(path = "/people/:id", method = "patch", operation_id = "edit_person")]
    async fn edit(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<PersonPatchIn>,
    ) -> api::Result<Json<PersonOut>> {
        let b = body.0;
        let input = EditPerson {
            name: b.name,
            ethnicity: b.ethnicity,
            phone: b.phone,
            email: b.email,
            education: b.education,
            school: b.school,
            major: b.major,
            graduated_on: b.graduated_on,
            unit: b.unit,
            job_title: b.job_title,
            student_no: b.student_no,
            region_code: b.region_code,
            town: b.town,
            employment_kind: b.employment_kind,
            note: b.note,
            work_years: b.work_years.map(Some),
            campus_id: b.campus_id.map(Some),
        };
        ops::edit(&cx, &user, id.0, input, b.version).await?;
        Ok(Json(ops::get(&cx, &user, id.0).await?.into()))
    }

    /// Close a person's record, or open it again.
    #[oai(path = "/people/:id/active", method = "post", operation_id = "set_person_active")]
    async fn set_active(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<ActiveIn>,
    ) -> api::Result<Json<PersonOut>> {
        ops::set_active(&cx, &user, id.0, body.0.active, body.0.version, &body.0.why).await?;
        Ok(Json(ops::get(&cx, &user, id.0).await?.into()))
    }

    /// The whole record as a timeline, newest first.
    #[oai(path = "/people/:id/timeline", method = "get", operation_id = "get_person_timeline")]
    async fn timeline(
        &self,
        cx: Cx,
        user: ApiUser,
        parts: Data<&Providers>,
        id: Path<i64>,
    ) -> api::Result<Json<Vec<TimelineOut>>> {
        ops::visible(cx.read(), &user, id.0).await?;
        let all = parts.0.gather(&cx, &user, id.0).await?;
        Ok(Json(all.iter().map(|t| TimelineOut::of(t, user.lang)).collect()))
    }
}
