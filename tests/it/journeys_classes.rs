//! A class in a real browser: planned, joined by link, signed in to by two phones from one screen, a place that falls free.

use yanzhen::classes::ops as classes;
use yanzhen::classes::rules::code::Way;
use yanzhen::core::{Actor, Role};

use crate::classes::{class_of, people};
use crate::harness::chrome::{DESK, PHONE};
use crate::on_both;

on_both!(a_class_is_planned_signed_in_to_and_its_free_place_given_on, |b| async move {
    b.at("2026-11-28T00:20:00Z");
    let (class, ids) = class_of(&b, "J1", "第一期", &people(3)).await;
    let who = Actor::command_line();
    let trainer = b.user(Role::Trainer, &[("class", class.to_string())], None).await;
    let chrome = b.chrome().await;
    let desk = chrome.tab(DESK).await;
    desk.first_sign_in(&trainer.login, &trainer.one_time_password).await;

    // Room for three; three sessions on Saturdays.
    desk.open(&format!("/classes/{class}/edit")).await;
    desk.fill("capacity", "3").await;
    desk.fill("starts", "2026-12-05").await;
    desk.click("main form button").await;
    desk.shows("已保存").await;
    desk.click("main details.more summary").await;
    for (name, value) in
        [("date", "2026-11-28"), ("from", "08:30"), ("to", "11:30"), ("room", "三楼会议室"), ("count", "3")]
    {
        desk.fill(name, value).await;
    }
    desk.click("main [name=weekdays][value=sat]").await;
    desk.click("main details.more form button").await;
    desk.shows("已添加 3 次课").await;
    assert_eq!(desk.count("main table.grid thead a").await, 3);

    // The link is opened; somebody on a phone asks for a place, is accepted and waits: the class is full.
    desk.click(&format!("main a[href='/classes/{class}/people']")).await;
    desk.click("main #link button").await;
    desk.find("main #link svg").await;
    let link = desk.read("main #link a").await;
    let path = format!("/join/{}", link.rsplit('/').next().unwrap());
    let guest = chrome.tab(PHONE).await;
    guest.open(&path).await;
    guest.shows("名额已满").await;
    for (name, value) in [("name", "候一"), ("id_no", "990121199001010024"), ("phone", "13900000001")] {
        guest.fill(name, value).await;
    }
    guest.click("main form button.wide").await;
    guest.shows("证件号码不对").await;
    guest.fill("id_no", ID).await;
    guest.fits().await;
    guest.click("main form button.wide").await;
    guest.shows("申请已收到").await;
    guest.close().await;
    desk.open(&format!("/classes/{class}/people")).await;
    desk.click("main button[name=answer][value=accept]").await;
    desk.shows("已排入候补").await;
    assert_eq!(desk.count("main .table tbody tr").await, 4);

    // One gives up their place: the one who waits has it at once.
    desk.click(&format!("main form[action='/class-enrolments/{}'] button", enrolment(&b, ids[2]).await)).await;
    desk.accept().await;
    desk.shows("已退出").await;
    desk.shows("候一").await;
    let view = classes::class_view(b.cx.read(), &who, class).await.unwrap();
    assert_eq!((view.people, view.waiting), (3, 0));

    // The day: the screen shows a code, two phones read it, one is already signed in to the site.
    b.at("2026-11-28T00:25:00Z");
    let session = classes::sessions(b.cx.read(), &who, class).await.unwrap()[0].id;
    desk.open(&format!("/class-sessions/{session}/screen")).await;
    desk.find("main .qr.big svg").await;
    desk.shows("0 / 3 人").await;
    let token = classes::code(&b.cx, &who, session, Way::In).await.unwrap().token;
    for (i, person) in ids.iter().take(2).enumerate() {
        let made = b.user(Role::Intern, &[], Some(*person)).await;
        let phone = chrome.tab(PHONE).await;
        if i == 0 {
            phone.first_sign_in(&made.login, &made.one_time_password).await;
            phone.open(&format!("/attend/{token}")).await;
        } else {
            phone.open(&format!("/attend/{token}")).await;
            assert_eq!(phone.path().await, "/sign-in");
            phone.first_sign_in(&made.login, &made.one_time_password).await;
            phone.open("/attend").await;
        }
        phone.fits().await;
        phone.click("main form button.wide").await;
        phone.shows("签到成功").await;
        phone.shows("08:25").await;
        phone.close().await;
    }
    desk.open(&format!("/class-sessions/{session}/screen")).await;
    desk.shows("2 / 3 人").await;
    desk.open(&format!("/class-sessions/{session}")).await;
    assert_eq!(desk.count("main select[name=state] option[value=present][selected]").await, 2);
    desk.close().await;
});

/// A made-up number with its right check digit.
const ID: &str = "990121199001010022";

async fn enrolment(b: &crate::harness::Bench, person: i64) -> i64 {
    let sql = "SELECT id FROM class_enrolment WHERE person_id = ?";
    yanzhen::db::int(b.cx.read(), sql, [person.into()]).await.unwrap().unwrap()
}
