//! Lecturers over the API.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, Find, Lecturer, LecturerInput};
use crate::api::{self, ApiUser, PageOut, page};
use crate::db::Cx;
use crate::db::list::Slice;

#[derive(Clone, Debug, Object)]
#[oai(rename = "Lecturer")]
pub struct LecturerOut {
    pub id: i64,
    pub name: String,
    pub unit: String,
    pub job_title: String,
    /// What they teach.
    pub expertise: String,
    pub phone: String,
    pub email: String,
    pub region_code: String,
    pub note: String,
    /// `active` or `retired`.
    pub state: String,
    pub version: i64,
}

impl From<Lecturer> for LecturerOut {
    fn from(m: Lecturer) -> Self {
        Self {
            id: m.id,
            name: m.name,
            unit: m.unit,
            job_title: m.job_title,
            expertise: m.expertise,
            phone: m.phone,
            email: m.email,
            region_code: m.region_code,
            note: m.note,
            state: m.state,
            version: m.version,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "LecturerNew", deny_unknown_fields)]
pub struct LecturerIn {
    pub name: String,
    #[oai(default)]
    pub unit: String,
    #[oai(default)]
    pub job_title: String,
    #[oai(default)]
    pub expertise: String,
    #[oai(default)]
    pub phone: String,
    #[oai(default)]
    pub email: String,
    /// The writer's own county when left out.
    #[oai(default)]
    pub region_code: String,
    #[oai(default)]
    pub note: String,
    /// `active` when left out.
    #[oai(default)]
    pub state: String,
}

impl From<LecturerIn> for LecturerInput {
    fn from(i: LecturerIn) -> Self {
        Self {
            name: i.name,
            unit: i.unit,
            job_title: i.job_title,
            expertise: i.expertise,
            phone: i.phone,
            email: i.email,
            region_code: i.region_code,
            note: i.note,
            state: i.state,
        }
    }
}

pub struct LecturersApi;

#[OpenApi(tag = "api::Tag::Classes")]
impl LecturersApi {
    /// Lecturers; `sort` is `name`, `unit` or `id`, with `-` in front for descending.
    #[oai(path = "/lecturers", method = "get", operation_id = "list_lecturers")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        q: Query<Option<String>>,
        state: Query<Option<String>>,
        region: Query<Option<String>>,
        sort: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<LecturerOut>>> {
        let find = Find {
            text: q.0.unwrap_or_default(),
            state: state.0.unwrap_or_default(),
            region: region.0.unwrap_or_default(),
        };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::list(&cx, &user, &find, &sort.0.unwrap_or_default(), &slice).await?;
        Ok(Json(PageOut::of(found, |l| LecturerOut::from(l.lecturer))))
    }

    /// Add a lecturer.
    #[oai(path = "/lecturers", method = "post", operation_id = "add_lecturer")]
    async fn add(&self, cx: Cx, user: ApiUser, body: Json<LecturerIn>) -> api::Result<Json<LecturerOut>> {
        Ok(Json(ops::add(&cx, &user, body.0.into()).await?.into()))
    }

    /// One lecturer.
    #[oai(path = "/lecturers/:id", method = "get", operation_id = "get_lecturer")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<LecturerOut>> {
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Change a lecturer; `version` is the one seen.
    #[oai(path = "/lecturers/:id", method = "put", operation_id = "change_lecturer")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        version: Query<i64>,
        body: Json<LecturerIn>,
    ) -> api::Result<Json<LecturerOut>> {
        Ok(Json(ops::edit(&cx, &user, id.0, body.0.into(), version.0).await?.into()))
    }
}
