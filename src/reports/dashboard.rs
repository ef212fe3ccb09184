//! What the start page shows: what waits for this user, where people stand between campus and certificate.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::classes::ops as classes;
use crate::core::{Actor, Result, Role};
use crate::db::{self, Cx};
use crate::people::scope;
use crate::pipeline::{self, Stage};

use super::tally::maintained;
use super::tally::{Ask, By};

/// Something that waits: `name` is the key after `reports-wait-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub name: &'static str,
    pub n: i64,
    /// Where it is dealt with.
    pub href: &'static str,
}

/// An intern's own standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    pub person_id: i64,
    pub stage: Stage,
    pub required_minutes: i64,
    pub confirmed_minutes: i64,
}

/// What waits for the user, the pressing first; nothing that is zero.
///
/// # Errors
/// What the database reports.
pub async fn waiting(cx: &Cx, who: &Actor) -> Result<Vec<Waiting>> {
    let db = cx.read();
    let mut all = Vec::new();
    if who.is(&[Role::Administrator]) {
        let alarms = i64::try_from(super::alarm::open_alarms(cx, who).await?.len()).unwrap_or(i64::MAX);
        all.push(Waiting { name: "alarms", n: alarms, href: "/alarms" });
        let day_ago = cx.now() - chrono::TimeDelta::days(1);
        let sql = "SELECT COUNT(*) FROM job_run WHERE state = 'failed' AND started_at >= ?";
        all.push(Waiting { name: "jobs-failed", n: count(db, sql, vec![day_ago.into()]).await?, href: "/jobs" });
        let sql = "SELECT COUNT(*) FROM outbox WHERE state = 'failed'";
        all.push(Waiting { name: "mail-failed", n: count(db, sql, Vec::new()).await?, href: "/outbox?state=failed" });
    }
    if who.is(&[Role::Administrator, Role::Trainer]) {
        let (cond, values) = scope::sql(who);
        let sql = format!(
            "SELECT COUNT(*) FROM (SELECT DISTINCT r.person_id, r.cycle_id, r.level FROM result r \
             JOIN person p ON p.id = r.person_id WHERE r.held = TRUE AND {cond}) h"
        );
        all.push(Waiting { name: "held", n: count(db, &sql, values).await?, href: "/exams" });
        let undone = classes::undone(cx, who).await?;
        all.push(Waiting { name: "class-requests", n: undone.asked, href: "/classes" });
        all.push(Waiting { name: "attendance-missing", n: undone.unrecorded, href: "/classes" });
        let sql = "SELECT COUNT(*) FROM import_run WHERE state = 'preview' AND created_by = ?";
        let user = vec![who.user_id.unwrap_or_default().into()];
        all.push(Waiting { name: "previews", n: count(db, sql, user).await?, href: "/imports" });
    }
    if who.role == Role::Supervisor && !who.scope.bases.is_empty() {
        let sql = format!(
            "SELECT COUNT(*) FROM hour_entry h JOIN placement l ON l.id = h.placement_id WHERE h.state = 'submitted' \
             AND l.state <> 'withdrawn' AND l.base_id IN ({})",
            db::places(who.scope.bases.len())
        );
        let bases = who.scope.bases.iter().map(|b| Value::from(*b)).collect();
        all.push(Waiting { name: "hours-submitted", n: count(db, &sql, bases).await?, href: "/hours" });
    }
    if who.role == Role::Intern {
        for (name, state) in [("hours-returned", "returned"), ("hours-draft", "draft")] {
            let sql = "SELECT COUNT(*) FROM hour_entry WHERE person_id = ? AND state = ?";
            let values = vec![who.person_id.unwrap_or_default().into(), state.into()];
            all.push(Waiting { name, n: count(db, sql, values).await?, href: "/my-hours" });
        }
        all.push(Waiting { name: "feedback", n: classes::unanswered(cx, who).await?, href: "/classes" });
        let sql = "SELECT COUNT(*) FROM placing_round r JOIN enrolment e ON e.cohort_id = r.cohort_id WHERE e.person_id = ? \
                   AND e.state = 'active' AND r.state = 'open' AND (r.wishes_until IS NULL OR r.wishes_until >= ?) \
                   AND NOT EXISTS (SELECT 1 FROM placing_student s JOIN placing_wish w ON w.student_id = s.id \
                   WHERE s.round_id = r.id AND s.person_id = e.person_id)";
        let values = vec![who.person_id.unwrap_or_default().into(), cx.today().into()];
        all.push(Waiting { name: "placing-wishes", n: count(db, sql, values).await?, href: "/my-placing" });
    }
    all.retain(|w| w.n > 0);
    Ok(all)
}

async fn count(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<i64> {
    Ok(db::int(db, sql, values).await?.unwrap_or_default())
}

#[derive(FromQueryResult)]
struct StageCount {
    stage: String,
    n: i64,
}

/// People at each stage, of those in the user's scope; stages in their order, zeros left out.
///
/// # Errors
/// What the database reports.
pub async fn funnel(cx: &Cx, who: &Actor) -> Result<Vec<(Stage, i64)>> {
    refresh(cx).await?;
    let db = cx.read();
    let mut by_stage: BTreeMap<Stage, i64> = BTreeMap::new();
    let mut add = |rows: Vec<StageCount>| {
        for r in rows {
            if let Some(stage) = Stage::parse(&r.stage) {
                *by_stage.entry(stage).or_default() += r.n;
            }
        }
    };
    if let Some(groups) = maintained::groups(who, &Ask { by: By::Level, ..Ask::default() }) {
        let sql = "SELECT stage, people AS n FROM stage_counter WHERE kind = ? AND group_key = ?";
        for g in groups {
            add(db::rows(db, sql, [g.kind.into(), g.key.into()]).await?);
        }
    } else {
        let (cond, values) = scope::sql(who);
        let sql = format!(
            "SELECT f.stage AS stage, COUNT(*) AS n FROM person_facts f JOIN person p ON p.id = f.person_id WHERE {cond} \
             GROUP BY f.stage"
        );
        add(db::rows(db, &sql, values).await?);
    }
    by_stage.retain(|_, n| *n != 0);
    Ok(by_stage.into_iter().collect())
}

/// Stages that move with the date are derived anew before they are shown; nearly always there is nothing to do.
async fn refresh(cx: &Cx) -> Result<()> {
    let sql = "SELECT person_id FROM person_facts WHERE next_change_on <= ? LIMIT 1";
    while db::int(cx.read(), sql, [cx.today().into()]).await?.is_some() {
        if pipeline::rederive_due(cx, 500).await? == 0 {
            break;
        }
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct OwnRow {
    stage: String,
    required_minutes: i64,
    confirmed_minutes: i64,
}

/// An intern's own standing; none for other users and for somebody without facts.
///
/// # Errors
/// What the database reports.
pub async fn own(cx: &Cx, who: &Actor) -> Result<Option<Own>> {
    let Some(person_id) = who.person_id.filter(|_| who.role == Role::Intern) else { return Ok(None) };
    let sql = "SELECT stage, required_minutes, confirmed_minutes FROM person_facts WHERE person_id = ?";
    let row = db::rows::<OwnRow>(cx.read(), sql, [person_id.into()]).await?.pop();
    Ok(row.map(|r| Own {
        person_id,
        stage: Stage::parse(&r.stage).unwrap_or(Stage::Recorded),
        required_minutes: r.required_minutes,
        confirmed_minutes: r.confirmed_minutes,
    }))
}
