//! Taking a roster back: placements, class enrolments, enrolments, then the people themselves, with their memberships and
//! figures.

use sea_orm::{FromQueryResult, Value};

use crate::core::{Error, Msg, Result};
use crate::db;
use crate::importing::Undo;
use crate::people::ops::area;
use crate::pipeline::{self, Change};
use crate::{classes, cohorts, practicum};

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

pub(super) async fn undo(undo: &mut Undo<'_>) -> Result<()> {
    let txn = undo.txn;
    let made = undo.ids("person", "insert");
    let mut people = made.clone();
    let changed = undo.ids("person", "update");
    people.extend(&changed);
    for table in ["enrolment", "class_enrolment", "placement"] {
        for action in ["insert", "update"] {
            let ids = undo.ids(table, action);
            people.extend(ids_of(undo, &format!("SELECT person_id AS id FROM {table} WHERE id IN"), &ids).await?);
        }
    }
    people.sort_unstable();
    people.dedup();
    refuse_attended(undo).await?;

    let counted = pipeline::open(txn, &people).await?;
    undo.walk(&["placement", "class_enrolment"]).await?;
    undo.walk(&["class", "enrolment"]).await?;
    put_memberships_right(undo, &people).await?;
    pipeline::forget(txn, &made).await?;
    undo.walk(&["person"]).await?;
    for id in undo.ids("cohort", "insert") {
        db::run(txn, "DELETE FROM user_scope WHERE kind = 'cohort' AND scope_key = ?", [id.to_string().into()]).await?;
    }
    undo.walk(&["cohort", "region"]).await?;

    let gone: std::collections::HashSet<i64> = made.into_iter().collect();
    people.retain(|id| !gone.contains(id));
    let mut changes: Vec<(i64, Change)> = cohorts::ops::facts(txn, &people).await?;
    changes.extend(classes::ops::facts(txn, &people).await?);
    changes.extend(practicum::ops::facts(txn, &people).await?);
    counted.close(txn, undo.cx, changes).await?;
    // The town, and with it the pass lines, may be the earlier one again.
    area::tell(txn, undo.cx, &changed).await
}

async fn ids_of(undo: &Undo<'_>, select: &str, ids: &[i64]) -> Result<Vec<i64>> {
    let mut out = Vec::new();
    for chunk in ids.chunks(2000) {
        let sql = format!("{select} ({})", db::places(chunk.len()));
        let rows: Vec<Id> = db::rows(undo.txn, &sql, chunk.iter().map(|i| Value::from(*i))).await?;
        out.extend(rows.into_iter().map(|r| r.id));
    }
    Ok(out)
}

/// Attendance hangs on person and session, not on the class enrolment: the database would let the latter go.
async fn refuse_attended(undo: &Undo<'_>) -> Result<()> {
    let select = "SELECT ce.id FROM class_enrolment ce JOIN class_session cs ON cs.class_id = ce.class_id \
                  JOIN attendance a ON a.session_id = cs.id AND a.person_id = ce.person_id WHERE ce.id IN";
    match ids_of(undo, select, &undo.ids("class_enrolment", "insert")).await?.first() {
        Some(id) => Err(Error::Conflict(Msg::new("classes-undo-attended").with("id", id))),
        None => Ok(()),
    }
}

/// Lets the scope rows of these people say exactly what the rows that remain say.
async fn put_memberships_right(undo: &Undo<'_>, people: &[i64]) -> Result<()> {
    cohorts::ops::put_memberships_right(undo.txn, people).await?;
    let sources = [("class", "class_enrolment", "class_id"), ("base", "placement", "base_id")];
    for chunk in people.chunks(db::CHUNK) {
        for (kind, table, target) in sources {
            let sql = format!(
                "DELETE FROM person_scope WHERE kind = '{kind}' AND person_id IN ({}) AND NOT EXISTS (SELECT 1 FROM {table} x \
                 WHERE x.{target} = person_scope.target_id AND x.person_id = person_scope.person_id)",
                db::places(chunk.len())
            );
            db::run(undo.txn, &sql, chunk.iter().map(|i| Value::from(*i))).await?;
        }
    }
    Ok(())
}
