//! What a reminder says, made when it is sent: from the person, their registrations and the exam year as they are then.

use std::collections::{BTreeMap, HashMap};

use askama::Template as _;

use super::audience::{Reader, absent, readers};
use super::rules::{LetterKind, Moment, Rule};
use crate::core::{Error, Lang, Msg, Result};
use crate::db::Cx;
use crate::mail::template::Mail;
use crate::mail::{Letter, Prepared, Template};
use crate::schemes::{self, CycleRule, Schemes};

#[derive(askama::Template)]
#[template(path = "reminders/letters/registration-closes.zh-CN.txt")]
struct ClosesZh<'a>(&'a Facts);

#[derive(askama::Template)]
#[template(path = "reminders/letters/registration-closes.en.txt")]
struct ClosesEn<'a>(&'a Facts);

#[derive(askama::Template)]
#[template(path = "reminders/letters/tickets-open.zh-CN.txt")]
struct TicketsZh<'a>(&'a Facts);

#[derive(askama::Template)]
#[template(path = "reminders/letters/tickets-open.en.txt")]
struct TicketsEn<'a>(&'a Facts);

/// What the letters may say.
struct Facts {
    name: String,
    scheme: String,
    levels: String,
    year: i32,
    /// The day counted from.
    day: String,
    /// When what the letter is about ends; empty when not known.
    until: String,
    exam: String,
    authority: String,
    address: String,
}

/// The templates of this feature, for `app`.
#[must_use]
pub fn templates() -> Vec<Template> {
    [LetterKind::RegistrationCloses, LetterKind::TicketsOpen]
        .into_iter()
        .map(|kind| Template::new(kind.template(), move |cx, mails| Box::pin(prepare(cx, kind, mails))))
        .collect()
}

/// Judges a batch: one question to the database for each rule and exam year in it.
async fn prepare(cx: Cx, kind: LetterKind, mails: Vec<Mail>) -> Result<Vec<Prepared>> {
    let mut groups: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (i, m) in mails.iter().enumerate() {
        groups.entry((m.rule.clone(), m.occasion.clone())).or_default().push(i);
    }
    let (rules, schemes) = (super::of(&cx)?, schemes::of(&cx)?);
    let mut out: Vec<Prepared> = vec![Prepared::NoAddress; mails.len()];
    for ((rule, occasion), places) in groups {
        let rule = rules.iter().find(|r| r.name == rule);
        let cycle = occasion.rsplit_once(':').and_then(|(s, y)| schemes.cycle(s, y.parse().ok()?));
        let (Some(rule), Some(cycle)) = (rule, cycle) else {
            for i in places {
                put(&mut out, i, Prepared::Cancel(Msg::new("reminders-off-rule")));
            }
            continue;
        };
        let people: Vec<i64> = places.iter().filter_map(|i| mails.get(*i)?.person_id).collect();
        let mut found: HashMap<i64, Vec<Reader>> = HashMap::new();
        for r in readers(cx.read(), rule.audience, &cycle.scheme, cycle.year, &people).await? {
            found.entry(r.person_id).or_default().push(r);
        }
        let gone: Vec<i64> = people.into_iter().filter(|p| !found.contains_key(p)).collect();
        let why: HashMap<i64, Msg> = absent(cx.read(), &cycle.scheme, cycle.year, &gone)
            .await?
            .into_iter()
            .map(|a| (a.person_id, reason(a.active, a.registered)))
            .collect();
        for i in places {
            let Some(mail) = mails.get(i) else { continue };
            let person = mail.person_id.unwrap_or(0);
            let p = match found.get(&person) {
                None => Prepared::Cancel(why.get(&person).cloned().unwrap_or_else(|| reason(true, 0))),
                Some(lines) => letter(&cx, kind, rule, cycle, &schemes, mail, lines)?,
            };
            put(&mut out, i, p);
        }
    }
    Ok(out)
}

fn put(out: &mut [Prepared], i: usize, p: Prepared) {
    if let Some(slot) = out.get_mut(i) {
        *slot = p;
    }
}

fn reason(active: bool, registered: i64) -> Msg {
    Msg::new(match (active, registered) {
        (false, _) => "reminders-off-inactive",
        (true, 0) => "reminders-off-changed",
        (true, _) => "reminders-off-registered",
    })
}

fn letter(
    cx: &Cx,
    kind: LetterKind,
    rule: &Rule,
    cycle: &CycleRule,
    schemes: &Schemes,
    mail: &Mail,
    lines: &[Reader],
) -> Result<Prepared> {
    let Some(first) = lines.first() else { return Ok(Prepared::NoAddress) };
    let Some(moment) = rule.moment_for(cycle, &first.region_code) else {
        return Ok(Prepared::Cancel(Msg::new("reminders-off-rule")));
    };
    // The day was put off after this was planned.
    if moment.due_at > cx.now() && !mail.by_hand {
        return Ok(Prepared::Later { due_at: moment.due_at, expires_at: Some(moment.expires_at) });
    }
    if moment.expires_at <= cx.now() && !mail.by_hand {
        return Ok(Prepared::Cancel(Msg::new("reminders-off-late")));
    }
    if first.email.trim().is_empty() {
        return Ok(Prepared::NoAddress);
    }
    let lang = if first.lang.is_empty() { mail.lang } else { Lang::parse(&first.lang) };
    let facts = facts(cx, rule, cycle, schemes, lang, &moment, lines);
    let letter = write(kind, lang, &facts)?;
    Ok(Prepared::Send { address: first.email.clone(), name: first.name.clone(), letter })
}

fn facts(
    cx: &Cx,
    rule: &Rule,
    cycle: &CycleRule,
    schemes: &Schemes,
    lang: Lang,
    moment: &Moment,
    lines: &[Reader],
) -> Facts {
    let mut levels: Vec<String> = lines.iter().map(|r| schemes.level_name(&cycle.scheme, &r.level, lang)).collect();
    levels.sort();
    levels.dedup();
    let region = lines.first().map_or("", |r| r.region_code.as_str());
    let window = rule.milestone.kind().and_then(|k| cycle.window(k, region));
    let until = window.map_or_else(String::new, |w| match w.closes_at {
        Some(at) => format!("{} {}", w.closes_on, at.format("%H:%M")),
        None => w.closes_on.to_string(),
    });
    let scheme = schemes.scheme(&cycle.scheme).map_or_else(|_| cycle.scheme.clone(), |s| s.name.text(lang).to_owned());
    let exam = if cycle.exam_first_day == cycle.exam_last_day {
        cycle.exam_first_day.to_string()
    } else {
        format!("{} – {}", cycle.exam_first_day, cycle.exam_last_day)
    };
    let authority = &cx.settings.authority;
    Facts {
        name: lines.first().map(|r| r.name.clone()).unwrap_or_default(),
        scheme,
        levels: levels.join(if lang == Lang::ZhCn { "、" } else { ", " }),
        year: cycle.year,
        day: moment.day.to_string(),
        until,
        exam,
        authority: if lang == Lang::ZhCn { authority.zh.clone() } else { authority.en.clone() },
        address: cx.settings.public_url(),
    }
}

fn write(kind: LetterKind, lang: Lang, facts: &Facts) -> Result<Letter> {
    let text = match (kind, lang) {
        (LetterKind::RegistrationCloses, Lang::ZhCn) => ClosesZh(facts).render(),
        (LetterKind::RegistrationCloses, Lang::En) => ClosesEn(facts).render(),
        (LetterKind::TicketsOpen, Lang::ZhCn) => TicketsZh(facts).render(),
        (LetterKind::TicketsOpen, Lang::En) => TicketsEn(facts).render(),
    };
    let text = text.map_err(Error::internal)?;
    let key = match kind {
        LetterKind::RegistrationCloses => "reminders-subject-registration-closes",
        LetterKind::TicketsOpen => "reminders-subject-tickets-open",
    };
    let subject = Msg::new(key).with("day", &facts.day).with("year", facts.year).with("scheme", &facts.scheme);
    Ok(Letter { subject: subject.text(lang), text, html: None })
}
