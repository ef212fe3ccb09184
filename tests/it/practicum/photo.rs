//! A photo of the day: by content, without what the camera wrote, for those who see the entry.

use yanzhen::core::Role;
use yanzhen::practicum::ops::{self, LogHours, Mark};

use super::{actor, codes, hours, town};
use crate::on_both;

/// A JPEG that claims a size, with a comment that names a place.
fn picture(width: u16, height: u16) -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8, 0xFF, 0xFE, 0, 16];
    out.extend(b"GPS 38N 106E..");
    let (h, w) = (height.to_be_bytes(), width.to_be_bytes());
    out.extend([0xFF, 0xC0, 0, 11, 8, h[0], h[1], w[0], w[1], 1, 1, 0x11, 0]);
    out.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0x34, 0xFF, 0xD9]);
    out
}

on_both!(a_photo_is_kept_by_its_content_and_without_its_place, |b| async move {
    let t = town(&b).await;
    let entry = ops::log_hours(&b.cx, &t.intern, hours("2026-11-24", 510, 990)).await.unwrap();
    let mut intern = b.sign_in(Role::Intern, &[], t.intern.person_id).await;
    let at = format!("/my-hours/{}/photo", entry.id);
    for (bytes, said) in [
        (b"<svg onload='alert(1)'/>".to_vec(), "只收 JPEG 或 PNG"),
        (picture(16_000, 16_000), "像素过多"),
        (vec![0xFF; (5 << 20) + 1], "不超过 5 MB"),
    ] {
        intern.upload(&at, &[], "photo.jpg", &bytes).await.is(422).shows(said);
    }
    intern.upload(&at, &[], "photo.svg", &picture(640, 480)).await.is(303);
    let page = intern.get("/my-hours").await.is(200);
    let shown = format!("/hour-entries/{}/photo", entry.id);
    page.shows(&shown);
    let answer = intern.get(&shown).await.is(200);
    assert_eq!(answer.header("content-type"), "image/jpeg");
    assert!(!answer.text.contains("GPS"));
    let kept = ops::photo_of(b.cx.read(), &t.supervisor, entry.id).await.unwrap();
    assert_eq!((kept.width, kept.height, kept.bytes.starts_with(&[0xFF, 0xD8])), (640, 480, true));
    // Those who do not see the entry do not see the photo.
    let stranger = actor(Role::Supervisor, None, &[t.other_base]);
    assert!(ops::photo_of(b.cx.read(), &stranger, entry.id).await.is_err());
    b.visitor().get(&shown).await.is(303);
    // Confirmed is confirmed; a draft is thrown away with its photo.
    ops::confirm(&b.cx, &t.supervisor, &[Mark { id: entry.id, version: 1 }]).await.unwrap().single().unwrap();
    let late = ops::put_photo(&b.cx, &t.intern, entry.id, picture(1, 1)).await;
    assert_eq!(codes(&late.unwrap_err()), ["practicum-confirmed-already"]);
    let draft = LogHours { submit: false, ..hours("2026-11-23", 510, 600) };
    let draft = ops::log_hours(&b.cx, &t.intern, draft).await.unwrap();
    ops::put_photo(&b.cx, &t.intern, draft.id, picture(2, 2)).await.unwrap();
    ops::put_photo(&b.cx, &t.intern, draft.id, picture(3, 3)).await.unwrap();
    let form = format!("/my-hours/{}/photo/remove", draft.id);
    intern.post(&form, &[]).await.is(303);
    ops::put_photo(&b.cx, &t.intern, draft.id, picture(4, 4)).await.unwrap();
    ops::discard_hours(&b.cx, &t.intern, draft.id, 1).await.unwrap();
    let sql = "SELECT COUNT(*) FROM hour_photo";
    assert_eq!(yanzhen::db::int(b.cx.read(), sql, []).await.unwrap(), Some(1));
});
