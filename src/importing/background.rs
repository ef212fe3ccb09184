//! Previews and commits run apart from the request that asked for them, so that a page can be left; a restart begins
//! anew what it found half-way ([`resume`]). A full disk or a database out of reach is waited for: nothing is stored before
//! the whole is, so the work is simply done again.

use std::time::Duration;

use super::outcome::State;
use super::run::{self, Kinds};
use crate::core::{Actor, Error, Msg, Result};
use crate::db::Cx;

/// Makes the preview of an upload in the background.
pub fn preview(cx: &Cx, who: &Actor, kinds: &Kinds, id: i64) {
    spawn(cx, who, kinds, id, false);
}

/// Commits a previewed upload in the background.
pub fn commit(cx: &Cx, who: &Actor, kinds: &Kinds, id: i64) {
    spawn(cx, who, kinds, id, true);
}

/// How often, and how long after each other in seconds, work is tried again that failed on its surroundings.
const AGAIN: [u64; 8] = [1, 2, 5, 10, 30, 60, 120, 300];

fn spawn(cx: &Cx, who: &Actor, kinds: &Kinds, id: i64, commit: bool) {
    let (cx, who, kinds) = (cx.clone(), who.clone(), kinds.clone());
    tokio::spawn(async move {
        let work = || async {
            if commit { run::commit(&cx, &who, &kinds, id).await } else { run::preview(&cx, &who, &kinds, id).await }
        };
        if let Err(e) = patiently(id, work).await {
            tracing::error!(import_id = id, "import {id}: {e}");
            if let Err(e) = patiently(id, || run::give_up(&cx, id, &e)).await {
                tracing::error!(import_id = id, "import {id} could not be marked as failed: {e}");
            }
        }
    });
}

async fn patiently<F: Future<Output = Result<()>>>(id: i64, mut work: impl FnMut() -> F) -> Result<()> {
    for pause in AGAIN {
        match work().await {
            Err(e) if e.may_pass() => tracing::warn!(import_id = id, "import {id} waits {pause} s: {e}"),
            done => return done,
        }
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
    work().await
}

/// Takes up what a stopped process left. `load` finds the maker of a run; a run whose maker is gone is given up.
///
/// # Errors
/// What the database reports.
pub async fn resume<F, Fut>(cx: &Cx, kinds: &Kinds, load: F) -> Result<()>
where
    F: Fn(i64) -> Fut,
    Fut: Future<Output = Result<Option<Actor>>>,
{
    for r in run::unfinished(cx).await? {
        let who = match r.created_by {
            Some(id) => load(id).await?,
            None => None,
        };
        match who {
            Some(who) => spawn(cx, &who, kinds, r.id, r.state == State::Committing.name()),
            None => run::give_up(cx, r.id, &Error::NotFound(Msg::new("import-maker-gone"))).await?,
        }
    }
    Ok(())
}
