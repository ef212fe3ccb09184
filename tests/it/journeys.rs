//! Whole ways through the pages in a real browser: an office's from the roster to the figures, and the hours of an
//! intern and a supervisor on their phones.

use yanzhen::cli::demo;
use yanzhen::core::{Actor, Lang, Role};
use yanzhen::db;
use yanzhen::directory::import::Bases;
use yanzhen::importing::{Kind, Params, run};
use yanzhen::rosters::import::Roster;

use crate::harness::chrome::{Chrome, DESK, PHONE, Tab};
use crate::harness::{Backend, Bench};
use crate::on_both;

const COUNTY: &str = "990121";

async fn county(b: &Bench) {
    let who = Actor::command_line();
    for (code, name) in [("99", "北塞省"), ("9901", "朔川市"), (COUNTY, "宁渠县")] {
        let input = yanzhen::directory::ops::regions::AddRegion { code: code.to_owned(), name: name.to_owned() };
        yanzhen::directory::ops::regions::add(&b.cx, &who, input).await.unwrap();
    }
}

/// Uploads, sees what is accepted and refused, and stores.
async fn load(tab: &Tab, kind: &str, fields: &[(&str, &str)], file: &str, accepted: &str, refused: &str) {
    tab.upload(kind, fields, file).await;
    tab.click("main form button.wide").await;
    tab.shows(accepted).await;
    assert_eq!(tab.read("main .tile:nth-child(2) b").await, accepted, "accepted of {file}");
    assert_eq!(tab.read("main .tile:nth-child(3) b").await, refused, "refused of {file}");
    tab.click("main form[action$='/commit'] button").await;
    tab.find("main form[action$='/undo']").await;
}

on_both!(a_trainer_goes_from_the_roster_to_the_figures, |b| async move {
    county(&b).await;
    let made = b.user(Role::Trainer, &[("region", COUNTY.to_owned())], None).await;
    let chrome = b.chrome().await;
    let tab = chrome.tab(DESK).await;
    tab.first_sign_in(&made.login, &made.one_time_password).await;

    // The roster, with a wrong digit in one row: the preview names row and column, the others are stored.
    tab.upload("roster", &[("cohort", "2026-a"), ("region", COUNTY)], "roster.csv").await;
    tab.click("main [name=create_cohort]").await;
    tab.click("main form button.wide").await;
    tab.find("main form[action$='/commit']").await;
    let text = tab.text().await;
    assert!(text.contains("身份证号") && text.contains("校验"), "{text}");
    assert_eq!(tab.read("main .tile:nth-child(2) b").await, "3");
    assert_eq!(tab.read("main .tile:nth-child(3) b").await, "1");
    tab.click("main form[action$='/commit'] button").await;
    tab.find("main form[action$='/undo']").await;

    // The cohort's page has them.
    tab.open("/cohorts").await;
    tab.click("main table a[href^='/cohorts/']").await;
    for name in ["郑新", "孔磊天", "吕敏霞"] {
        tab.shows(name).await;
    }
    assert_eq!(tab.count("main table tbody tr").await, 3);

    // Registrations and results of the year; the unpaid one does not count.
    let year = [("scheme", "social-work"), ("year", "2026")];
    load(&tab, "registrations", &year, "registrations.csv", "3", "0").await;
    load(&tab, "results", &year, "results.csv", "2", "0").await;
    tab.open("/tally?by=cohort").await;
    for (measure, n) in [("registered", "2"), ("sat", "2"), ("passed", "1")] {
        tab.open("/tally?by=cohort").await;
        let figure = format!("main tbody td a[href*='measure={measure}']");
        assert_eq!(tab.read(&figure).await, n, "{measure}");
        tab.click(&figure).await;
        tab.find("main table th a[href^='/people/']").await;
        assert_eq!(tab.count("main table tbody tr").await.to_string(), n, "people behind {measure}");
    }
    // From a figure to the person.
    tab.click("main table th a[href^='/people/']").await;
    tab.shows("郑新").await;
    tab.close().await;
});

async fn import(b: &Bench, kind: &dyn Kind, params: &Params, name: &str) {
    let file = if name == "bases.csv" { "config/demo".to_owned() } else { "tests/fixtures/journeys".to_owned() };
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file).join(name);
    let bytes = std::fs::read(path).unwrap();
    let done = run::now(&b.cx, &Actor::command_line(), kind, params, name, &bytes, false).await.unwrap();
    assert_eq!((done.rejected, done.refused), (false, 0), "{:?}", done.problems);
}

async fn fill_in(tab: &Tab, day: &str, from: &str, to: &str) {
    for (name, value) in [("date", day), ("from", from), ("to", to)] {
        tab.fill(name, value).await;
    }
    tab.click("main .chips label").await;
}

async fn log(tab: &Tab, day: &str, from: &str, to: &str) {
    tab.open("/my-hours").await;
    fill_in(tab, day, from, to).await;
    tab.click("main form button[value=submit]").await;
    tab.shows("已提交").await;
}

/// Signs in on a phone.
async fn phone(chrome: &Chrome, made: &yanzhen::auth::users::MadeUser) -> Tab {
    let tab = chrome.tab(PHONE).await;
    tab.first_sign_in(&made.login, &made.one_time_password).await;
    tab
}

on_both!(hours_are_logged_confirmed_and_returned_on_phones, |b| async move {
    county(&b).await;
    let county = Params { region: Some(COUNTY.to_owned()), ..Params::default() };
    import(&b, &Bases, &county, "bases.csv").await;
    let roster = Params { cohort: Some("2026-p".to_owned()), create_cohort: true, ..county };
    import(&b, &Roster, &roster, "interns.csv").await;
    let one = |sql: &'static str| db::int(b.cx.read(), sql, []);
    let person = one("SELECT person_id FROM placement").await.unwrap().unwrap();
    let base = one("SELECT base_id FROM placement").await.unwrap().unwrap();
    let intern = b.user(Role::Intern, &[], Some(person)).await;
    let supervisor = b.user(Role::Supervisor, &[("base", base.to_string())], None).await;
    let chrome = b.chrome().await;

    let mine = phone(&chrome, &intern).await;
    log(&mine, "2026-11-23", "08:30", "16:30").await;
    // The second day without a network: it stays in the browser, with its fate, and is sent once the network is back.
    mine.network(false).await;
    fill_in(&mine, "2026-11-24", "09:00", "12:00").await;
    mine.click("main form button[value=submit]").await;
    mine.shows("已存在本机，等待网络").await;
    assert_eq!(mine.count("#kept li[data-state=kept]").await, 1);
    assert_eq!(one("SELECT COUNT(*) FROM hour_entry").await.unwrap(), Some(1));
    mine.network(true).await;
    mine.find("#kept li[data-state=sent]").await;
    assert_eq!(one("SELECT COUNT(*) FROM hour_entry").await.unwrap(), Some(2));
    // What was sent once is not sent again, and one that the rules refuse says why and can be mended.
    mine.network(false).await;
    fill_in(&mine, "2026-11-24", "11:00", "13:00").await;
    mine.click("main form button[value=submit]").await;
    mine.find("#kept li[data-state=kept]").await;
    mine.network(true).await;
    mine.find("#kept li[data-state=refused]").await;
    mine.shows("与当天 09:00–12:00 的记录时间重叠").await;
    mine.click("#kept li[data-state=refused] button:nth-child(2)").await;
    log(&mine, "2026-11-25", "08:00", "09:30").await;
    mine.shows("待确认 12.5 小时").await;
    assert_eq!(mine.count("main .entries > li.card:not([data-state])").await, 3);
    assert_eq!(one("SELECT COUNT(*) FROM hour_entry").await.unwrap(), Some(3));
    // The page for the time without a network lies in the browser and names nobody.
    let stored =
        mine.ask("navigator.serviceWorker.ready.then(() => caches.match('/my-hours/offline')).then((r) => r.text())");
    let stored = stored.await;
    let stored = stored.as_str().unwrap();
    assert!(stored.contains("离线填写实习时数") && !stored.contains("余春"), "{stored}");

    // The supervisor's list stands in the bar at the bottom of the phone.
    let theirs = phone(&chrome, &supervisor).await;
    theirs.click("nav.bottom a[href='/hours']").await;
    theirs.shows("余春").await;
    assert_eq!(theirs.count("main [name=entry]").await, 3);
    theirs.click("main .marks li:nth-child(1) label").await;
    theirs.click("main .marks li:nth-child(2) label").await;
    theirs.click("main button[value=confirm]").await;
    theirs.shows("已确认 2 条").await;
    // Without a reason nothing is returned, and what was chosen stays chosen.
    theirs.click("main .marks li label").await;
    theirs.click("main details summary").await;
    theirs.click("main button[value=return]").await;
    theirs.shows("请填写退回原因").await;
    assert_eq!(theirs.count("main [name=entry]:checked").await, 1);
    theirs.fill("reason", "请写明上午的走访").await;
    theirs.click("main button[value=return]").await;
    theirs.shows("没有待确认的时数").await;
    theirs.close().await;

    mine.open("/my-hours").await;
    mine.shows("请写明上午的走访").await;
    let first = mine.read("main section:not(#kept) > .entries").await;
    assert!(first.contains("已确认") && first.contains("退回"), "{first}");
    mine.close().await;
});

/// Opens every page the role can reach by links, one of each kind: none is wider than the screen, none makes the browser
/// complain ([`Tab::visit`] looks).
async fn walk(chrome: &Chrome, role: &str, password: &str, width: u32, english: bool) -> (usize, Vec<String>) {
    // Files, not pages.
    const FILES: &[&str] = &["/imports/form/", "/refused", "/export", "/api/", ".csv", ".xlsx"];
    let tab = chrome.tab(width).await;
    tab.open("/sign-in").await;
    if english {
        tab.click("footer button[value=en]").await;
        tab.shows("Sign in").await;
    }
    tab.fill("login", role).await;
    tab.fill("password", password).await;
    tab.click("main form button").await;
    tab.find("nav.side").await;
    let mut wrong = Vec::new();
    let (mut seen, mut next) = (std::collections::BTreeSet::new(), vec!["/".to_owned()]);
    while let Some(path) = next.pop() {
        let kind =
            |part: &str| if part.starts_with(|c: char| c.is_ascii_digit()) { "*".to_owned() } else { part.to_owned() };
        let kinds: Vec<String> = path.split('/').map(kind).collect();
        if FILES.iter().any(|f| path.contains(f)) || !seen.insert(kinds) {
            continue;
        }
        wrong.extend(tab.visit(&path).await);
        next.extend(tab.links().await);
    }
    tab.close().await;
    (seen.len(), wrong)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_fits_a_phone_and_leaves_the_console_empty() {
    let b = Bench::start(Backend::Sqlite).await;
    demo::fill(&b.cx, Lang::ZhCn).await.unwrap();
    let users = demo::logins(&b.cx).await.unwrap();
    let chrome = b.chrome().await;
    let mut wrong = Vec::new();
    for (at, (_, role, password)) in users.iter().enumerate() {
        let width = if role.as_str() == "observer" { DESK } else { PHONE };
        let (pages, complaints) = walk(&chrome, role, password, width, at % 2 == 0).await;
        assert!(pages >= 5, "{role} reached {pages} pages");
        wrong.extend(complaints.into_iter().map(|c| format!("{role}: {c}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
