//! Previews and commits run apart from the request that asked for them, so that a page can be left; a restart begins
//! anew what it found half-way ([`resume`]).

use super::outcome::State;
use super::run::{self, Kinds};
use crate::core::Actor;
use crate::db::Cx;

/// Makes the preview of an upload in the background.
pub fn preview(cx: &Cx, who: &Actor, kinds: &Kinds, id: i64) {
    spawn(cx, who, kinds, id, false);
}

/// Commits a previewed upload in the background.
pub fn commit(cx: &Cx, who: &Actor, kinds: &Kinds, id: i64) {
    spawn(cx, who, kinds, id, true);
}

fn spawn(cx: &Cx, who: &Actor, kinds: &Kinds, id: i64, commit: bool) {
    let (cx, who, kinds) = (cx.clone(), who.clone(), kinds.clone());
    tokio::spawn(async move {
        let done =
            if commit { run::commit(&cx, &who, &kinds, id).await } else { run::preview(&cx, &who, &kinds, id).await };
        if let Err(e) = done {
            tracing::error!(import_id = id, "import {id}: {e}");
            if let Err(e) = run::give_up(&cx, id).await {
                tracing::error!(import_id = id, "import {id} could not be marked as failed: {e}");
            }
        }
    });
}

/// Takes up what a stopped process left. `load` finds the maker of a run; a run whose maker is gone is given up.
///
/// # Errors
/// What the database reports.
pub async fn resume<F, Fut>(cx: &Cx, kinds: &Kinds, load: F) -> crate::core::Result<()>
where
    F: Fn(i64) -> Fut,
    Fut: Future<Output = crate::core::Result<Option<Actor>>>,
{
    for r in run::unfinished(cx).await? {
        let who = match r.created_by {
            Some(id) => load(id).await?,
            None => None,
        };
        match who {
            Some(who) => spawn(cx, &who, kinds, r.id, r.state == State::Committing.name()),
            None => run::give_up(cx, r.id).await?,
        }
    }
    Ok(())
}
