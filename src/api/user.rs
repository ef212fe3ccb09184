//! The bearer token as an argument of an operation.

use poem::Request;
use poem_openapi::SecurityScheme;
use poem_openapi::auth::Bearer;

use crate::core::{Actor, Error};
use crate::web::Ui;

/// The user behind the bearer token. The frame has looked the token up and asked the permission table already; an
/// operation without this argument stands out.
#[derive(SecurityScheme)]
#[oai(ty = "bearer", rename = "token", checker = "actor")]
pub struct ApiUser(pub Actor);

#[expect(clippy::unused_async, reason = "the form poem-openapi asks for")]
async fn actor(req: &Request, _bearer: Bearer) -> poem::Result<Actor> {
    let actor = req.extensions().get::<Ui>().and_then(|ui| ui.who().cloned());
    Ok(actor.ok_or(Error::Unauthenticated)?)
}

impl std::ops::Deref for ApiUser {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.0
    }
}
