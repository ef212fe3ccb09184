//! Ticks, tasks, and two programs on one database.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use yanzhen::core::files::RuleFile;
use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error};
use yanzhen::db::{self, Cx};
use yanzhen::jobs::{JobDef, Jobs, NewTask, TaskDef, enqueue, runs, schedule, worker};

use crate::harness::Bench;
use crate::on_both;

const FILE: &str = r#"
[[job]]
name = "count"
cron = "0 0 * * * *"
catch_up_minutes = 180

[[job]]
name = "nightly"
cron = "0 30 4 * * *"
catch_up_minutes = 180
daily = true

[[job]]
name = "broken"
cron = "0 0 0 1 JAN *"
catch_up_minutes = 0
"#;

struct Counted {
    jobs: Arc<Jobs>,
    runs: Arc<AtomicUsize>,
}

/// Jobs of one program: `count` and `nightly` count their runs, `broken` panics.
fn program(cx: &Cx, runs: &Arc<AtomicUsize>) -> Arc<Jobs> {
    let file = RuleFile { name: "jobs.toml".into(), text: FILE.into() };
    let counting = |name| {
        let runs = runs.clone();
        JobDef::new(name, move |_, call| {
            let runs = runs.clone();
            Box::pin(async move {
                runs.fetch_add(1, Ordering::SeqCst);
                Ok(format!("{} {}", call.date, call.missed))
            })
        })
    };
    let broken = JobDef::new("broken", |_, _| Box::pin(async { panic!("as told") }));
    let tasks = vec![
        TaskDef::new("ok", {
            let runs = runs.clone();
            move |_, _| {
                runs.fetch_add(1, Ordering::SeqCst);
                Box::pin(async { Ok(()) })
            }
        }),
        TaskDef::new("busy", |_, _| Box::pin(async { Err(Error::Busy) })),
        TaskDef::new("wrong", |_, _| Box::pin(async { Err(Error::Forbidden) })),
        TaskDef::new("panics", |_, _| Box::pin(async { panic!("a task fell") })),
    ];
    let schedules = schedule::read(&file, cx.zone()).unwrap();
    Arc::new(Jobs::new(schedules, vec![counting("count"), counting("nightly"), broken], tasks).unwrap())
}

fn counted(cx: &Cx) -> Counted {
    let runs = Arc::new(AtomicUsize::new(0));
    Counted { jobs: program(cx, &runs), runs }
}

async fn states(cx: &Cx, jobs: &str) -> Vec<(String, String, i64, String)> {
    let page = runs::history(cx, &Actor::command_line(), Some(jobs), &PageReq::default()).await.unwrap();
    let mut all: Vec<_> =
        page.items.into_iter().map(|r| (r.tick_at.to_rfc3339(), r.state, r.missed_ticks, r.message)).collect();
    all.sort();
    all
}

on_both!(a_tick_runs_once_and_missed_ones_are_caught_up_or_recorded, |bench| async move {
    let cx = &bench.cx;
    let c = counted(cx);
    // A job seen for the first time does not run the past.
    assert!(worker::run_due(cx, &c.jobs).await.unwrap().is_empty());
    bench.at("2026-11-25T03:00:00Z");
    assert_eq!(worker::run_due(cx, &c.jobs).await.unwrap().len(), 1);
    assert!(worker::run_due(cx, &c.jobs).await.unwrap().is_empty(), "the same tick again");
    // Down for two hours: one run for both ticks.
    bench.at("2026-11-25T05:10:00Z");
    let ran = worker::run_due(cx, &c.jobs).await.unwrap();
    assert_eq!((ran.len(), ran[0].missed_ticks), (1, 1));
    assert_eq!(ran[0].message, "2026-11-25 1");
    // Down for nine hours: three ticks are inside the window of three hours, six are too late. The nightly one
    // (04:30 in Shanghai, 20:30 UTC) was missed as a whole.
    bench.at("2026-11-26T00:30:00Z");
    let ran = worker::run_due(cx, &c.jobs).await.unwrap();
    assert_eq!(ran.len(), 1);
    assert_eq!(c.runs.load(Ordering::SeqCst), 3);
    let short = |s: &str, state: &str, n: i64| (s.to_owned(), state.to_owned(), n);
    let seen: Vec<_> = states(cx, "count").await.into_iter().map(|(t, s, n, _)| (t, s, n)).collect();
    assert_eq!(
        seen,
        [
            short("2026-11-25T03:00:00+00:00", "done", 0),
            short("2026-11-25T05:00:00+00:00", "done", 1),
            short("2026-11-25T21:00:00+00:00", "missed", 15),
            short("2026-11-26T00:00:00+00:00", "done", 2),
        ]
    );
    let nightly: Vec<_> = states(cx, "nightly").await.into_iter().map(|(t, s, n, _)| (t, s, n)).collect();
    assert_eq!(nightly, [short("2026-11-25T20:30:00+00:00", "missed", 0)]);
});

on_both!(a_panic_ends_only_its_run_and_is_shown, |bench| async move {
    let cx = &bench.cx;
    let c = counted(cx);
    let who = Actor::command_line();
    let claimed = runs::by_hand(cx, &who, &c.jobs, "broken", None).await.unwrap();
    let again = runs::by_hand(cx, &who, &c.jobs, "broken", None).await.unwrap_err();
    assert!(matches!(again, Error::Conflict(_)), "{again}");
    let view = runs::execute(cx, &c.jobs, claimed).await.unwrap();
    assert_eq!(view.state, "failed");
    assert!(view.message.contains("as told") && view.by_hand, "{view:?}");
    let e = runs::by_hand(cx, &who, &c.jobs, "nothing", None).await.unwrap_err();
    assert!(e.text(yanzhen::core::Lang::En).contains("broken, count, nightly"), "{e}");
    let at = "2026-01-31T16:30:00Z".parse().unwrap();
    let claimed = runs::by_hand(cx, &who, &c.jobs, "nightly", Some(at)).await.unwrap();
    let view = runs::execute(cx, &c.jobs, claimed).await.unwrap();
    assert_eq!(view.message, "2026-02-01 0", "the job's day is that of its zone");
    let list = runs::list(cx, &who, &c.jobs).await.unwrap();
    assert_eq!(list.len(), 3);
    assert_eq!(list[2].next.unwrap().to_rfc3339(), "2026-11-25T20:30:00+00:00");
    let mut intern = Actor::command_line();
    intern.role = yanzhen::core::Role::Intern;
    assert!(matches!(runs::by_hand(cx, &intern, &c.jobs, "count", None).await, Err(Error::Forbidden)));
});

/// Two programs look for due ticks at the same moment, `rounds` times; gives how often a tick was run in all.
async fn race(bench: &Bench, rounds: usize) -> usize {
    let (one, two) = (bench.cx.clone(), bench.second().await);
    let count = Arc::new(AtomicUsize::new(0));
    let (a, b) = (program(&one, &count), program(&two, &count));
    worker::run_due(&one, &a).await.unwrap();
    for _ in 0..rounds {
        bench.clock.set(bench.clock.now() + chrono::TimeDelta::hours(1));
        let gate = Arc::new(tokio::sync::Barrier::new(2));
        let go = |cx: Cx, jobs: Arc<Jobs>, gate: Arc<tokio::sync::Barrier>| async move {
            gate.wait().await;
            worker::run_due(&cx, &jobs).await.unwrap();
        };
        let first = tokio::spawn(go(one.clone(), a.clone(), gate.clone()));
        let second = tokio::spawn(go(two.clone(), b.clone(), gate));
        first.await.unwrap();
        second.await.unwrap();
    }
    count.load(Ordering::SeqCst)
}

on_both!(two_programs_never_run_a_tick_twice, |bench| async move {
    // 20 hours from 10:00: 20 hourly ticks and one nightly one.
    assert_eq!(race(&bench, 20).await, 21);
});

on_both!(without_the_unique_key_they_would, |bench| async move {
    db::run(bench.cx.writer(), "DROP INDEX uq_job_run_job_tick_key", []).await.unwrap();
    let ran = race(&bench, 60).await;
    assert!(ran > 63, "the control must show double runs, or the test above shows nothing: {ran}");
});

on_both!(a_run_whose_program_died_is_taken_over, |bench| async move {
    let cx = &bench.cx;
    let c = counted(cx);
    worker::run_due(cx, &c.jobs).await.unwrap();
    bench.at("2026-11-25T03:00:00Z");
    let held = runs::due(cx, &c.jobs).await.unwrap();
    assert_eq!(held.len(), 1);
    // While the lease holds nobody touches it, and the next tick waits for it.
    bench.at("2026-11-25T04:00:00Z");
    let other = counted(cx);
    assert!(worker::run_due(cx, &other.jobs).await.unwrap().is_empty());
    let past = "2020-01-01T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    db::run(cx.writer(), "UPDATE job_run SET lease_until = ?", [past.into()]).await.unwrap();
    let ran = worker::run_due(cx, &other.jobs).await.unwrap();
    let ticks: Vec<_> = ran.iter().map(|r| (r.tick_at.to_rfc3339(), r.attempts)).collect();
    assert_eq!(ticks, [("2026-11-25T03:00:00+00:00".to_owned(), 2), ("2026-11-25T04:00:00+00:00".to_owned(), 1)]);
    // The old program wakes up again: its end is not recorded over the new one's.
    runs::execute(cx, &c.jobs, held[0].clone()).await.unwrap();
    assert_eq!(states(cx, "count").await.len(), 2);
});

on_both!(tasks_wait_for_their_transaction_and_come_again_with_growing_pauses, |bench| async move {
    let cx = &bench.cx;
    let c = counted(cx);
    let txn = cx.begin().await.unwrap();
    enqueue(&txn, cx, NewTask::new("ok", &1).unwrap()).await.unwrap();
    txn.rollback().await.unwrap();
    worker::run_due(cx, &c.jobs).await.unwrap();
    assert_eq!(c.runs.load(Ordering::SeqCst), 0, "a task of a transaction that was rolled back");
    let txn = cx.begin().await.unwrap();
    let first = enqueue(&txn, cx, NewTask::new("ok", &1).unwrap().once("k")).await.unwrap();
    let second = enqueue(&txn, cx, NewTask::new("ok", &2).unwrap().once("k")).await.unwrap();
    for kind in ["busy", "wrong", "panics", "unknown"] {
        enqueue(&txn, cx, NewTask::new(kind, &()).unwrap()).await.unwrap();
    }
    txn.commit().await.unwrap();
    assert!(first.is_some() && second.is_none());
    worker::run_due(cx, &c.jobs).await.unwrap();
    assert_eq!(c.runs.load(Ordering::SeqCst), 1);
    let open = async || {
        let page = yanzhen::jobs::queue::open_tasks(cx, &Actor::command_line(), &PageReq::default()).await.unwrap();
        page.items.into_iter().map(|t| (t.kind, t.state, t.attempts)).rev().collect::<Vec<_>>()
    };
    let is = |kind: &str, state: &str, n: i64| (kind.to_owned(), state.to_owned(), n);
    assert_eq!(
        open().await,
        [is("busy", "ready", 1), is("wrong", "failed", 1), is("panics", "ready", 1), is("unknown", "ready", 0)]
    );
    for _ in 0..8 {
        bench.clock.set(bench.clock.now() + chrono::TimeDelta::hours(1));
        worker::run_due(cx, &c.jobs).await.unwrap();
    }
    assert_eq!(
        open().await,
        [is("busy", "failed", 6), is("wrong", "failed", 1), is("panics", "failed", 6), is("unknown", "ready", 0)]
    );
    // The key is free again.
    assert!(enqueue(cx.writer(), cx, NewTask::new("ok", &3).unwrap().once("k")).await.unwrap().is_some());
});

on_both!(two_programs_share_the_tasks, |bench| async move {
    let (one, two) = (bench.cx.clone(), bench.second().await);
    let count = Arc::new(AtomicUsize::new(0));
    let (a, b) = (program(&one, &count), program(&two, &count));
    for i in 0..60 {
        enqueue(one.writer(), &one, NewTask::new("ok", &i).unwrap()).await.unwrap();
    }
    let first = tokio::spawn(async move { worker::run_due(&one, &a).await.map(|_| ()) });
    let second = tokio::spawn(async move { worker::run_due(&two, &b).await.map(|_| ()) });
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 60);
});

on_both!(the_loop_works_until_it_is_told_to_stop, |bench| async move {
    let c = counted(&bench.cx);
    worker::run_due(&bench.cx, &c.jobs).await.unwrap();
    bench.at("2026-11-25T03:00:00Z");
    enqueue(bench.cx.writer(), &bench.cx, NewTask::new("ok", &()).unwrap()).await.unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let work = tokio::spawn(worker::work(bench.cx.clone(), c.jobs.clone(), stopped));
    for _ in 0..200 {
        if c.runs.load(Ordering::SeqCst) == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(c.runs.load(Ordering::SeqCst), 2, "one tick and one task");
    stop.send(true).unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(5), work).await.unwrap().unwrap();
});

on_both!(old_runs_are_cleared_but_never_the_last_of_a_job, |bench| async move {
    let cx = &bench.cx;
    let c = counted(cx);
    worker::run_due(cx, &c.jobs).await.unwrap();
    for hour in 3..6 {
        bench.at(&format!("2026-11-25T0{hour}:00:00Z"));
        worker::run_due(cx, &c.jobs).await.unwrap();
    }
    bench.at("2027-03-01T00:00:00Z");
    assert_eq!(runs::tidy(cx, 30).await.unwrap(), 2);
    assert_eq!(states(cx, "count").await.len(), 1);
});

on_both!(administrators_see_the_jobs_and_run_one, |bench| async move {
    let mut b = bench.sign_in(yanzhen::core::Role::Administrator, &[], None).await;
    b.get("/jobs").await.is(200).shows("立即运行").shows("0 40 * * * *").shows("Asia/Shanghai");
    b.post("/jobs/reminders/run", &[]).await.is(303);
    b.post("/jobs/nothing/run", &[]).await.is(404);
    let api = bench.api(yanzhen::core::Role::Administrator, &[], None).await;
    let mut last = serde_json::Value::Null;
    for _ in 0..100 {
        last = api.get("/jobs/runs?job=reminders").await.is(200).json()["items"][0].clone();
        if last["state"] == "done" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!((&last["state"], &last["by_hand"]), (&"done".into(), &true.into()), "{last}");
    b.get("/jobs?job=reminders").await.is(200).shows("新增提醒 0 条");
    let list = api.get("/jobs").await.is(200).json();
    assert!(list.as_array().unwrap().iter().any(|j| j["name"] == "tidy" && j["daily"] == true), "{list}");
    let run = api.post("/jobs/tidy/run", serde_json::json!({})).await.is(202).json();
    assert_eq!(run["job"], "tidy");
    let mut trainer = bench.sign_in(yanzhen::core::Role::Trainer, &[], None).await;
    trainer.get("/jobs").await.is(403);
});

on_both!(two_processes_share_the_ticks, |bench| async move {
    let dir = bench.dir.path();
    let jobs = "[[job]]\nname = \"tidy\"\ncron = \"* * * * * *\"\ncatch_up_minutes = 5\n";
    std::fs::write(dir.join("jobs.toml"), jobs).unwrap();
    std::fs::write(dir.join("settings.toml"), "").unwrap();
    let config = dir.join("settings.toml").display().to_string();
    let args = ["--config", config.as_str()];
    let (one, two) = tokio::join!(bench.serve(&args, &[]), bench.serve(&args, &[]));
    let cx = &bench.cx;
    let done = "SELECT COUNT(*) FROM job_run WHERE state = 'done' AND job = 'tidy'";
    for _ in 0..300 {
        if db::int(cx.read(), done, []).await.unwrap() >= Some(8) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    drop((one, two));
    let runs = db::int(cx.read(), "SELECT COUNT(*) FROM job_run", []).await.unwrap().unwrap();
    let ticks = db::int(cx.read(), "SELECT COUNT(DISTINCT tick_at) FROM job_run", []).await.unwrap().unwrap();
    let owners = db::int(cx.read(), "SELECT COUNT(DISTINCT owner) FROM job_run", []).await.unwrap().unwrap();
    assert!(runs >= 8, "{runs}");
    assert_eq!(runs, ticks, "no tick has two runs");
    assert!((1..=2).contains(&owners));
    let again = db::int(cx.read(), "SELECT COUNT(*) FROM job_run WHERE attempts > 1", []).await.unwrap();
    assert_eq!(again, Some(0));
});
