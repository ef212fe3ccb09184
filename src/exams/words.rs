//! Verdicts and outcomes in words, the same on page, export and API.

use super::rules::show_mark;
use crate::core::{Lang, Msg};
use crate::schemes::{Level, Outcome, Verdict};

/// A score: the mark, or the word for the code.
#[must_use]
pub fn outcome(lang: Lang, outcome: Outcome) -> String {
    match outcome {
        Outcome::Mark(m) => show_mark(m),
        code => Msg::new(&format!("exams-code-{}", code.parts().0)).text(lang),
    }
}

/// The verdict in one sentence: what came of it and which passes it rests on, or what still counts.
#[must_use]
pub fn verdict(lang: Lang, level: &Level, year: i64, v: &Verdict, held: bool) -> String {
    verdict_msg(lang, level, year, v, held).text(lang)
}

/// The same as a message; names of subjects in it are those of `lang`.
#[must_use]
pub fn verdict_msg(lang: Lang, level: &Level, year: i64, v: &Verdict, held: bool) -> Msg {
    let and = if lang == Lang::ZhCn { "、" } else { ", " };
    let name = |code: &str| level.subject(code).map_or_else(|| code.to_owned(), |s| s.name.text(lang).to_owned());
    let names = |codes: &[String]| codes.iter().map(|c| name(c)).collect::<Vec<_>>().join(and);
    if v.passed {
        let why: Vec<String> = v.why.iter().map(|u| format!("{} {}", name(&u.subject), u.year)).collect();
        let key = match (v.local, v.by_rolling) {
            (true, _) => "exams-verdict-passed-local",
            (false, true) => "exams-verdict-passed-rolling",
            (false, false) => "exams-verdict-passed",
        };
        return Msg::new(key).with("why", why.join(and));
    }
    if held {
        Msg::new("exams-verdict-held")
    } else if let Some(why) = v.withheld {
        Msg::new("exams-verdict-withheld").with("why", outcome(lang, why)).with("year", year)
    } else if let Some(before) = v.passed_before {
        Msg::new("exams-verdict-before").with("year", before)
    } else if v.line_unknown {
        Msg::new("exams-verdict-line-unknown").with("year", year)
    } else if v.carried.is_empty() {
        Msg::new("exams-verdict-nothing")
    } else {
        Msg::new("exams-verdict-carried").with("year", year + 1).with("subjects", names(&v.carried))
    }
}
