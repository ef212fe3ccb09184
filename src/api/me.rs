//! The account behind the token.

use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::{ApiUser, Result, Tag};

/// The account behind the token.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Me")]
pub struct MeOut {
    pub login: String,
    pub name: String,
    /// administrator, trainer, supervisor, intern or observer.
    pub role: String,
    /// Language of messages: zh-CN or en.
    pub lang: String,
    /// The person this account belongs to, for interns.
    pub person_id: Option<i64>,
    /// Region codes in scope; an administrator or observer without any sees all.
    pub regions: Vec<String>,
    pub cohorts: Vec<i64>,
    pub classes: Vec<i64>,
    pub bases: Vec<i64>,
}

pub struct MeApi;

#[OpenApi(tag = "Tag::Account")]
impl MeApi {
    /// The account behind the token.
    #[oai(path = "/me", method = "get", operation_id = "get_me")]
    async fn me(&self, user: ApiUser) -> Result<Json<MeOut>> {
        let a = user.0;
        Ok(Json(MeOut {
            login: a.login,
            name: a.name,
            role: a.role.name().to_owned(),
            lang: a.lang.tag().to_owned(),
            person_id: a.person_id,
            regions: a.scope.regions,
            cohorts: a.scope.cohorts,
            classes: a.scope.classes,
            bases: a.scope.bases,
        }))
    }
}
