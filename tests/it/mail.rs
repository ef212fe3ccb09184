//! The outbox against a real mail server on loopback that takes, refuses, stalls and drops.

use std::sync::Arc;
use std::time::Duration;

use yanzhen::core::config::{MailSecurity, Settings};
use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error, Lang, Msg};
use yanzhen::db::{self, Cx};
use yanzhen::mail::outbox::{self, Filter};
use yanzhen::mail::{Letter, NewMail, Post, Prepared, State, Template, Templates, plan, record, send_due};

use crate::harness::Bench;
use crate::harness::program::Program;
use crate::harness::smtp::{Act, Smtp, When};
use crate::on_both;

/// The program's settings with this mail server.
pub fn with_server(cx: &Cx, port: u16, parallel: usize) -> Cx {
    let mut s: Settings = (*cx.settings).clone();
    s.mail.host = "127.0.0.1".into();
    s.mail.port = port;
    s.mail.security = MailSecurity::None;
    s.mail.timeout_seconds = 1;
    s.mail.parallel = parallel;
    let mut cx = cx.clone();
    cx.settings = Arc::new(s);
    cx
}

fn post(cx: &Cx) -> Post {
    let hello = Template::plain("hello", |_, mail| {
        Ok(Letter { subject: format!("您好 {}", mail.occasion), text: mail.payload.to_string(), html: None })
    });
    let stale = Template::new("stale", |_, mails| {
        Box::pin(async move { Ok(mails.iter().map(|_| Prepared::Cancel(Msg::new("error-not-found"))).collect()) })
    });
    Post::new(cx, Templates::new(vec![hello, stale]))
}

fn mail(cx: &Cx, person: i64, address: &str) -> NewMail {
    NewMail {
        rule: "test".into(),
        occasion: "2026".into(),
        template: "hello",
        payload: format!("{{\"n\":{person}}}"),
        person_id: Some(person),
        address: address.into(),
        lang: Lang::ZhCn,
        due_at: cx.now(),
        expires_at: None,
    }
}

async fn write(cx: &Cx, mails: &[NewMail]) -> usize {
    let txn = cx.begin().await.unwrap();
    let n = plan(&txn, cx, mails).await.unwrap();
    txn.commit().await.unwrap();
    n
}

/// (address, state, attempts) of all mails.
async fn states(cx: &Cx) -> Vec<(String, String, i64)> {
    let page = PageReq { after: None, limit: Some(200) };
    let found = outbox::list(cx, &Actor::command_line(), &Filter::default(), &page).await.unwrap();
    found.items.into_iter().rev().map(|m| (m.address, m.state, m.attempts)).collect()
}

fn is(address: &str, state: State, attempts: i64) -> (String, String, i64) {
    (address.to_owned(), state.name().to_owned(), attempts)
}

/// The states a mail went through.
async fn history(cx: &Cx, id: i64) -> Vec<String> {
    let view = outbox::view(cx, &Actor::command_line(), id, None).await.unwrap();
    view.log.into_iter().map(|l| l.to_state).collect()
}

on_both!(each_answer_of_the_server_has_its_consequence_and_harms_nobody_else, |bench| async move {
    let smtp = Smtp::scripted(|to, before| match (to, before) {
        ("later@x.cn", 0) => Act::Say(When::Rcpt, 451),
        ("full@x.cn", 0) => Act::Say(When::AfterContent, 452),
        ("gone@x.cn", _) => Act::Say(When::Rcpt, 550),
        ("spam@x.cn", _) => Act::Say(When::AfterContent, 554),
        ("slow@x.cn", 0) => Act::Stall(When::Rcpt),
        ("mute@x.cn", 0) => Act::Stall(When::AfterContent),
        ("cut@x.cn", 0) => Act::Drop(When::MidContent),
        ("lost@x.cn", 0) => Act::Drop(When::AfterContent),
        _ => Act::Take,
    })
    .await;
    let cx = &with_server(&bench.cx, smtp.port, 2);
    let post = post(cx);
    let all = ["a@x.cn", "later@x.cn", "full@x.cn", "gone@x.cn", "spam@x.cn", "slow@x.cn", "mute@x.cn", "cut@x.cn"];
    let all = [&all[..], &["lost@x.cn", "no address", "", "b@x.cn"]].concat();
    let mails: Vec<NewMail> = all.iter().zip(1..).map(|(a, i)| mail(cx, i, a)).collect();
    assert_eq!(write(cx, &mails).await, 12);
    assert_eq!(write(cx, &mails).await, 0, "planned once");
    let report = send_due(cx, &post).await.unwrap();
    assert_eq!((report.sent, report.retry, report.failed), (2, 6, 3), "{report:?}");
    use State::{Failed, NoAddress, Retry, Sent};
    assert_eq!(
        states(cx).await,
        [
            is("a@x.cn", Sent, 1),
            is("later@x.cn", Retry, 1),
            is("full@x.cn", Retry, 1),
            is("gone@x.cn", Failed, 1),
            is("spam@x.cn", Failed, 1),
            is("slow@x.cn", Retry, 1),
            is("mute@x.cn", Retry, 1),
            is("cut@x.cn", Retry, 1),
            is("lost@x.cn", Retry, 1),
            is("no address", Failed, 1),
            is("", NoAddress, 0),
            is("b@x.cn", Sent, 1),
        ]
    );
    // Not before the pause is over.
    assert_eq!(send_due(cx, &post).await.unwrap().sent, 0);
    bench.clock.set(bench.clock.now() + chrono::TimeDelta::minutes(1));
    assert_eq!(send_due(cx, &post).await.unwrap().sent, 6);
    // Only where the server had the content and could not say so are there two, and they are the same mail.
    for to in all {
        let got = smtp.to(to);
        let want = match to {
            "mute@x.cn" | "lost@x.cn" => 2,
            "gone@x.cn" | "spam@x.cn" | "no address" | "" => 0,
            _ => 1,
        };
        assert_eq!(got.len(), want, "{to}");
        assert!(got.windows(2).all(|w| w[0].message_id == w[1].message_id && !w[0].message_id.is_empty()));
    }
    assert_eq!(history(cx, 2).await, ["due", "sending", "retry", "sending", "sent"]);
    let gone = outbox::view(cx, &Actor::command_line(), 4, None).await.unwrap();
    assert!(gone.mail.error.contains("550") && gone.log.last().unwrap().note.contains("550"), "{gone:?}");
    let lost = outbox::view(cx, &Actor::command_line(), 9, None).await.unwrap();
    assert!(lost.log.iter().any(|l| l.note.contains("may have arrived")), "{lost:?}");
    assert_eq!(lost.mail.error, "");
});

on_both!(a_server_that_is_away_costs_nobody_an_attempt, |bench| async move {
    let port = {
        let l = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        l.local_addr().unwrap().port()
    };
    let cx = &with_server(&bench.cx, port, 3);
    let mails: Vec<NewMail> = (1..=450).map(|i| mail(cx, i, &format!("p{i}@x.cn"))).collect();
    write(cx, &mails).await;
    for _ in 0..3 {
        let report = send_due(cx, &post(cx)).await.unwrap();
        assert!(report.unreached.is_some() && report.sent == 0, "{report:?}");
        bench.clock.set(bench.clock.now() + chrono::TimeDelta::minutes(2));
    }
    assert!(states(cx).await.iter().all(|(_, _, attempts)| *attempts == 0));
    let smtp = Smtp::start().await;
    let cx = &with_server(&bench.cx, smtp.port, 3);
    assert_eq!(send_due(cx, &post(cx)).await.unwrap().sent, 450);
    assert_eq!(smtp.taken().len(), 450);
    assert_eq!(smtp.connections.load(std::sync::atomic::Ordering::Relaxed), 3, "lines are kept open");
});

on_both!(a_line_the_server_closes_between_mails_costs_nobody_an_attempt, |bench| async move {
    let smtp = Smtp::scripted(|_, before| if before == 0 { Act::Say(When::Rcpt, 421) } else { Act::Take }).await;
    let cx = &with_server(&bench.cx, smtp.port, 1);
    write(cx, &[mail(cx, 1, "a@x.cn"), mail(cx, 2, "b@x.cn")]).await;
    // On a fresh line 421 is an answer to this mail.
    send_due(cx, &post(cx)).await.unwrap();
    assert_eq!(states(cx).await, [is("a@x.cn", State::Retry, 1), is("b@x.cn", State::Retry, 1)]);
    bench.clock.set(bench.clock.now() + chrono::TimeDelta::minutes(1));
    write(cx, &[mail(cx, 3, "c@x.cn")]).await;
    send_due(cx, &post(cx)).await.unwrap();
    let all: Vec<_> = states(cx).await.into_iter().map(|(_, s, _)| s).collect();
    assert_eq!(all.iter().filter(|s| *s == "sent").count(), 3 - all.iter().filter(|s| *s == "retry").count());
    assert_eq!(states(cx).await[0], is("a@x.cn", State::Sent, 2));
});

on_both!(two_programs_never_send_a_mail_twice, |bench| async move {
    let smtp = Smtp::start().await;
    let one = with_server(&bench.cx, smtp.port, 4);
    let two = with_server(&bench.second().await, smtp.port, 4);
    let mails: Vec<NewMail> = (1..=1000).map(|i| mail(&one, i, &format!("p{i}@x.cn"))).collect();
    write(&one, &mails).await;
    let (a, b) = (one.clone(), two.clone());
    let first = tokio::spawn(async move { send_due(&a, &post(&a)).await });
    let second = tokio::spawn(async move { send_due(&b, &post(&b)).await });
    let (first, second) = (first.await.unwrap().unwrap(), second.await.unwrap().unwrap());
    assert_eq!(first.sent + second.sent, 1000);
    assert!(first.sent > 0 && second.sent > 0, "both took part: {first:?} {second:?}");
    let mut to: Vec<String> = smtp.taken().into_iter().map(|r| r.to).collect();
    to.sort();
    to.dedup();
    assert_eq!((to.len(), smtp.taken().len()), (1000, 1000));
});

on_both!(mails_of_a_program_that_died_go_out_with_the_same_id, |bench| async move {
    let smtp = Smtp::start().await;
    let cx = &with_server(&bench.cx, smtp.port, 2);
    write(cx, &[mail(cx, 1, "a@x.cn"), mail(cx, 2, "b@x.cn")]).await;
    let held = record::claim(cx, "dead", 10).await.unwrap();
    assert_eq!(held.len(), 2);
    assert_eq!(send_due(cx, &post(cx)).await.unwrap().sent, 0, "the lease holds");
    let past = "2020-01-01T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    db::run(cx.writer(), "UPDATE outbox SET lease_until = ?", [past.into()]).await.unwrap();
    assert_eq!(send_due(cx, &post(cx)).await.unwrap().sent, 2);
    assert_eq!(smtp.to("a@x.cn")[0].message_id, held[0].message_id);
    assert_eq!(history(cx, 1).await, ["due", "sending", "retry", "sending", "sent"]);
    // The dead one wakes up: what it says about mails it no longer holds counts for nothing.
    let late = held.iter().map(|m| record::Done { id: m.id, attempts: 0, end: record::End::NoAddress });
    record::record(cx, "dead", &late.collect::<Vec<_>>()).await.unwrap();
    assert_eq!(states(cx).await, [is("a@x.cn", State::Sent, 1), is("b@x.cn", State::Sent, 1)]);
});

on_both!(what_is_too_early_waits_and_what_is_too_late_is_missed, |bench| async move {
    let smtp = Smtp::start().await;
    let cx = &with_server(&bench.cx, smtp.port, 2);
    let at = |s: &str| s.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let planned = |i, due: &str, until: Option<&str>| NewMail {
        due_at: at(due),
        expires_at: until.map(at),
        ..mail(cx, i, &format!("p{i}@x.cn"))
    };
    let late = planned(1, "2026-11-26T01:00:00Z", Some("2026-11-27T01:00:00Z"));
    write(cx, &[late, planned(2, "2026-11-26T01:00:00Z", None)]).await;
    let mut gone = mail(cx, 3, "p3@x.cn");
    gone.template = "stale";
    write(cx, &[gone]).await;
    let report = send_due(cx, &post(cx)).await.unwrap();
    assert_eq!((report.sent, report.cancelled), (0, 1));
    bench.at("2026-11-28T00:00:00Z");
    let report = send_due(cx, &post(cx)).await.unwrap();
    assert_eq!((report.sent, report.missed), (1, 1));
    let seen: Vec<_> = states(cx).await.into_iter().map(|(_, s, _)| s).collect();
    assert_eq!(seen, ["missed", "sent", "cancelled"]);
    assert_eq!(history(cx, 1).await, ["planned", "missed"]);
});

on_both!(by_hand_a_mail_is_called_off_or_sent_again, |bench| async move {
    let smtp = Smtp::start().await;
    let cx = &with_server(&bench.cx, smtp.port, 1);
    let who = Actor::command_line();
    write(cx, &[mail(cx, 1, "a@x.cn")]).await;
    let stale = outbox::cancel(cx, &who, 1, 9, None).await.unwrap_err();
    assert!(matches!(&stale, Error::Conflict(m) if m.key == "error-changed-meanwhile"), "{stale}");
    let off = outbox::cancel(cx, &who, 1, 1, None).await.unwrap();
    assert_eq!((off.state.as_str(), off.version), ("cancelled", 2));
    assert_eq!(send_due(cx, &post(cx)).await.unwrap().sent, 0);
    assert!(outbox::cancel(cx, &who, 1, 2, None).await.is_err());
    let on = outbox::resend(cx, &who, 1, 2, None).await.unwrap();
    assert_eq!(send_due(cx, &post(cx)).await.unwrap().sent, 1);
    let sent = outbox::view(cx, &who, 1, None).await.unwrap().mail;
    let again = outbox::resend(cx, &who, 1, sent.version, None).await.unwrap();
    assert_eq!(on.message_id, off.message_id);
    assert_ne!(again.message_id, sent.message_id, "a mail that had arrived is a new one when sent again");
    send_due(cx, &post(cx)).await.unwrap();
    assert_eq!(smtp.taken().len(), 2);
    let audited = db::int(cx.read(), "SELECT COUNT(*) FROM audit_entry WHERE entity = 'outbox'", []).await.unwrap();
    assert_eq!(audited, Some(3));
    let mut intern = Actor::command_line();
    intern.role = yanzhen::core::Role::Intern;
    assert!(matches!(outbox::view(cx, &intern, 1, None).await, Err(Error::Forbidden)));
});

on_both!(without_a_server_mails_are_files, |bench| async move {
    let cx = &bench.cx;
    write(cx, &[mail(cx, 1, "a@x.cn")]).await;
    let post = post(cx);
    assert_eq!(send_due(cx, &post).await.unwrap().sent, 1);
    let text = std::fs::read_to_string(bench.dir.path().join("mail/00000001.eml")).unwrap();
    assert!(text.contains("To: a@x.cn"), "{text}");
    let row = outbox::view(cx, &Actor::command_line(), 1, None).await.unwrap().mail;
    assert!(text.contains(&row.message_id));
    let shown = outbox::preview(cx, &post, &row).await.unwrap();
    assert!(matches!(shown, Prepared::Send { letter, .. } if letter.subject == "您好 2026"));
    let n = outbox::counts(cx, &Actor::command_line()).await.unwrap();
    assert!(n.contains(&(State::Sent, 1)) && n.contains(&(State::Failed, 0)));
});

/// What a long stall costs: the other lines go on, and the whole call ends with the time limit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_stalled_mail_does_not_hold_up_the_others() {
    let bench = Bench::start(crate::harness::Backend::Sqlite).await;
    let smtp = Smtp::scripted(|to, _| if to == "p1@x.cn" { Act::Stall(When::Data) } else { Act::Take }).await;
    let cx = with_server(&bench.cx, smtp.port, 2);
    let mails: Vec<NewMail> = (1..=300).map(|i| mail(&cx, i, &format!("p{i}@x.cn"))).collect();
    write(&cx, &mails).await;
    let run = tokio::spawn(async move { send_due(&cx, &post(&cx)).await.unwrap() });
    let report = tokio::time::timeout(Duration::from_secs(30), run).await.unwrap().unwrap();
    assert_eq!((report.sent, report.retry), (299, 1));
}

on_both!(a_program_killed_while_sending_leaves_nobody_out, |bench| async move {
    const PEOPLE: i64 = 200;
    let smtp = Smtp::scripted(|_, _| Act::Slow(10)).await;
    let cx = &bench.cx;
    let long_ago = "2020-01-01T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let mails: Vec<NewMail> = (1..=PEOPLE)
        .map(|i| NewMail { template: "reminder-test", due_at: long_ago, ..mail(cx, i, &format!("p{i}@x.cn")) })
        .collect();
    write(cx, &mails).await;
    // The program knows its own templates only: these rows are reminders to people who exist.
    db::run(cx.writer(), "UPDATE outbox SET template = 'reminder-tickets-open', rule = 'tickets-open'", [])
        .await
        .unwrap();
    let cycles = bench.dir.path().join("cycles");
    std::fs::create_dir_all(&cycles).unwrap();
    let year = "year = 2026\nscheme = \"social-work\"\nexam_first_day = \"2026-05-22\"\nexam_last_day = \"2026-05-23\"\n\
                source = \"x\"\n[[windows]]\nkind = \"tickets\"\narea = \"\"\narea_name = \"x\"\nsource = \"x\"\n\
                opens_on = \"2020-01-01\"\ncloses_on = \"2099-12-31\"\n";
    std::fs::write(cycles.join("2026.toml"), year).unwrap();
    std::fs::write(bench.dir.path().join("settings.toml"), "").unwrap();
    db::run(cx.writer(), "UPDATE outbox SET occasion = 'social-work:2026'", []).await.unwrap();
    crate::reminders::paid(cx, PEOPLE, 2026).await;
    let port = smtp.port.to_string();
    let set =
        [("mail.host", "127.0.0.1"), ("mail.port", port.as_str()), ("mail.security", "none"), ("mail.parallel", "4")];
    let config = bench.dir.path().join("settings.toml").display().to_string();
    let args = ["--config", config.as_str(), "jobs", "run", "mail"];
    let first = Program(bench.program(&args, &set).spawn().unwrap());
    for _ in 0..1200 {
        if smtp.taken().len() >= 60 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    drop(first);
    let before = smtp.taken().len();
    assert!((60..usize::try_from(PEOPLE).unwrap()).contains(&before), "killed in the middle: {before}");
    // Its leases end (waiting for that would take a minute and a half).
    for table in ["outbox", "job_run"] {
        let sql = format!("UPDATE {table} SET lease_until = ? WHERE lease_until IS NOT NULL");
        db::run(cx.writer(), &sql, [long_ago.into()]).await.unwrap();
    }
    let mut again = bench.program(&args, &set);
    let again = tokio::task::spawn_blocking(move || again.output().unwrap()).await.unwrap();
    assert!(again.status.success(), "{again:?}");
    let taken = smtp.taken();
    let mut twice = 0;
    for i in 1..=PEOPLE {
        let got = smtp.to(&format!("p{i}@x.cn"));
        assert!((1..=2).contains(&got.len()), "p{i}: {}", got.len());
        assert!(got.windows(2).all(|w| w[0].message_id == w[1].message_id));
        twice += got.len() - 1;
    }
    // At most what was under way or not yet recorded: twice the lines.
    assert!(twice <= 8, "{twice} of {} arrived twice", taken.len());
    let left = db::int(cx.read(), "SELECT COUNT(*) FROM outbox WHERE state <> 'sent'", []).await.unwrap();
    assert_eq!(left, Some(0));
});
