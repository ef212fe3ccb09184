//! 10,000 mails over loopback SMTP: the outbox (claimed, written, sent, recorded, logged) against lettre alone with as
//! many connections sending the same bytes. By hand: `cargo bench --bench outbox`. Goal: at most 1.3 times.

#[allow(dead_code, reason = "the tests use the rest of it")]
#[path = "../tests/it/harness/smtp.rs"]
mod smtp;

use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use yanzhen::core::Lang;
use yanzhen::core::clock::Clock;
use yanzhen::core::config::Settings;
use yanzhen::db::{self, Cx};
use yanzhen::mail::compose::{Head, compose};
use yanzhen::mail::{Letter, NewMail, Post, Template, Templates, plan, send_due};

const MAILS: i64 = 10_000;
const LINES: usize = 4;

fn letter(n: i64) -> Letter {
    let text = format!("学员{n}，您好：\n\n报名将于 2026-03-31 截止，请尽快完成报名和缴费。\n").repeat(4);
    Letter { subject: format!("报名即将截止 {n}"), text, html: None }
}

async fn outbox(dir: &std::path::Path, server: &smtp::Smtp) -> f64 {
    let file = dir.join("bench.db");
    let url = std::env::var("YANZHEN_BENCH_URL").unwrap_or_else(|_| format!("sqlite://{}?mode=rwc", file.display()));
    let (port, lines) = (server.port.to_string(), LINES.to_string());
    let key = dir.join("key").display().to_string();
    let set = [
        ("database.url", url.as_str()),
        ("secrets.key_file", &key),
        ("mail.host", "127.0.0.1"),
        ("mail.port", &port),
        ("mail.security", "none"),
        ("mail.parallel", &lines),
    ];
    let cx = Cx::open(Settings::load_with(None, &set).unwrap(), Clock::System).await.unwrap();
    db::migrate_up(&cx).await.unwrap();
    let mails: Vec<NewMail> = (1..=MAILS)
        .map(|i| NewMail {
            rule: "bench".into(),
            occasion: "1".into(),
            template: "bench",
            payload: i.to_string(),
            person_id: Some(i),
            address: format!("p{i}@example.com"),
            lang: Lang::ZhCn,
            due_at: cx.now(),
            expires_at: None,
        })
        .collect();
    let txn = cx.begin().await.unwrap();
    plan(&txn, &cx, &mails).await.unwrap();
    txn.commit().await.unwrap();
    let template = Template::plain("bench", |_, m| Ok(letter(m.payload.as_i64().unwrap_or(0))));
    let post = Post::new(&cx, Templates::new(vec![template]));
    let start = Instant::now();
    let report = send_due(&cx, &post).await.unwrap();
    assert_eq!(report.sent, usize::try_from(MAILS).unwrap());
    start.elapsed().as_secs_f64()
}

async fn bare(server: &smtp::Smtp) -> f64 {
    let pool = PoolConfig::new().max_size(u32::try_from(LINES).unwrap());
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(server.port)
        .pool_config(pool)
        .build();
    let transport = Arc::new(transport);
    let from = "noreply@example.com".parse().unwrap();
    let all: Vec<_> = (1..=MAILS)
        .map(|i| {
            let address = format!("p{i}@example.com");
            let date = "2026-03-01T00:00:00Z".parse().unwrap();
            let message_id = format!("<{i}@example.com>");
            let head =
                Head { from: &from, address: &address, name: "", message_id: &message_id, date, readable: false };
            compose(&head, &letter(i)).unwrap()
        })
        .collect();
    let start = Instant::now();
    let tasks = futures_util::stream::iter(all).for_each_concurrent(LINES, |(envelope, content)| {
        let transport = transport.clone();
        async move {
            tokio::spawn(async move { transport.send_raw(&envelope, &content).await.unwrap() }).await.unwrap();
        }
    });
    tasks.await;
    start.elapsed().as_secs_f64()
}

#[tokio::main]
async fn main() {
    let mut ratios = Vec::new();
    for round in 1..=3 {
        let dir = tempfile::tempdir().unwrap();
        let one = smtp::Smtp::start().await;
        let reference = bare(&one).await;
        let two = smtp::Smtp::start().await;
        let ours = outbox(dir.path(), &two).await;
        println!("round {round}: outbox {ours:.2} s, lettre alone {reference:.2} s, ratio {:.2}", ours / reference);
        ratios.push(ours / reference);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.2} (goal 1.30)", ratios[1]);
}
