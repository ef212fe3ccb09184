//! Credits and advice in words, the same wherever they are shown.

use super::{Advice, Why};
use crate::core::{Lang, Msg};
use crate::schemes::model::{Gives, Level};
use crate::schemes::scores::Outcome;
use crate::schemes::verdict::Used;

fn name(lang: Lang, level: &Level, code: &str) -> String {
    level.subject(code).map_or_else(|| code.to_owned(), |s| s.name.text(lang).to_owned())
}

fn names<'a>(lang: Lang, level: &Level, codes: impl Iterator<Item = &'a str>) -> String {
    let and = Msg::new("credits-and").text(lang);
    codes.map(|c| name(lang, level, c)).collect::<Vec<_>>().join(&and)
}

/// A mark in points: 60, 60.5.
fn points(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    match rest {
        0 => format!("{sign}{whole}"),
        r if r % 10 == 0 => format!("{sign}{whole}.{}", r / 10),
        r => format!("{sign}{whole}.{r:02}"),
    }
}

/// The passes a completed level rests on: "policy 2025 (≥ 60) and comprehensive + practice 2026 (≥ 60)". Subjects of one
/// year that reached the same line stand together.
#[must_use]
pub fn because(lang: Lang, level: &Level, why: &[Used]) -> String {
    let mut groups: Vec<(i32, i64, bool, Vec<&str>)> = Vec::new();
    for u in why {
        match groups.iter_mut().find(|(y, line, local, _)| (*y, *line, *local) == (u.year, u.line, u.local)) {
            Some((.., codes)) => codes.push(&u.subject),
            None => groups.push((u.year, u.line, u.local, vec![&u.subject])),
        }
    }
    let one = |(year, line, local, codes): &(i32, i64, bool, Vec<&str>)| {
        let subjects: Vec<String> = codes.iter().map(|c| name(lang, level, c)).collect();
        let key = if *local { "credits-because-local" } else { "credits-because" };
        let subjects = subjects.join(&Msg::new("credits-plus").text(lang));
        Msg::new(key).with("subjects", subjects).with("year", year).with("line", points(*line)).text(lang)
    };
    groups.iter().map(one).collect::<Vec<_>>().join(&Msg::new("credits-because-and").text(lang))
}

/// "Laws and policies: 66 in 2025, counts up to the exam year 2026."
#[must_use]
pub fn credit(lang: Lang, level: &Level, c: &Used) -> String {
    let key = if c.local { "credits-credit-local" } else { "credits-credit" };
    Msg::new(key)
        .with("subject", name(lang, level, &c.subject))
        .with("mark", points(c.mark))
        .with("year", c.year)
        .with("until", c.until)
        .text(lang)
}

/// The advice as sentences, the most important first.
#[must_use]
pub fn advice(lang: Lang, level: &Level, a: &Advice) -> Vec<String> {
    if a.done {
        let proof = level.passing_in(a.year - 1).is_some_and(|r| r.gives == Gives::Proof);
        return vec![Msg::new(if proof { "credits-done-proof" } else { "credits-done" }).text(lang)];
    }
    let codes = |all: &[super::Retake]| names(lang, level, all.iter().map(|r| r.subject.as_str()));
    let mut said = Vec::new();
    let sit = if a.keep.is_empty() { "credits-sit-all" } else { "credits-sit" };
    said.push(Msg::new(sit).with("year", a.year).with("subjects", codes(&a.retake)).text(lang));
    said.extend(a.retake.iter().filter_map(|r| why(lang, &name(lang, level, &r.subject), &r.why)));
    said.extend(a.keep.iter().map(|c| credit(lang, level, c)));
    if !a.last_time.is_empty() {
        let subjects = names(lang, level, a.last_time.iter().map(String::as_str));
        said.push(Msg::new("credits-last-time").with("year", a.year).with("subjects", subjects).text(lang));
    }
    if !a.line_to_come.is_empty() {
        let subjects = names(lang, level, a.line_to_come.iter().map(String::as_str));
        said.push(Msg::new("credits-line-to-come").with("year", a.year - 1).with("subjects", subjects).text(lang));
    }
    said
}

fn why(lang: Lang, subject: &str, why: &Why) -> Option<String> {
    let msg = match why {
        Why::NotSat => return None,
        Why::Below { year, mark, line } => {
            Msg::new("credits-why-below").with("year", year).with("mark", points(*mark)).with("line", points(*line))
        }
        Why::Lapsed { year } => Msg::new("credits-why-lapsed").with("year", year),
        Why::Code { year, outcome } => Msg::new(match outcome {
            Outcome::Absent => "credits-why-absent",
            Outcome::Violation => "credits-why-violation",
            Outcome::Void | Outcome::Mark(_) => "credits-why-void",
        })
        .with("year", year),
        Why::LineUnknown { year, mark } => {
            Msg::new("credits-why-line-unknown").with("year", year).with("mark", points(*mark))
        }
    };
    Some(msg.with("subject", subject).text(lang))
}
