//! `tally`: the figures of page and API on the terminal.

use chrono::NaiveDate;
use clap::ArgMatches;

use crate::core::{Actor, Error, Lang, Msg, Result};
use crate::db::Cx;
use crate::reports::repair;
use crate::reports::tally::{self, Ask, By, Line};

pub(super) async fn run(cx: &Cx, m: &ArgMatches, lang: Lang) -> Result<u8> {
    let mut who = Actor::command_line();
    who.lang = lang;
    let text = |name: &str| m.get_one::<String>(name).map(String::as_str);
    if m.get_flag("repair") {
        let done = repair::run(cx, &who).await?;
        if !m.get_flag("json") {
            say!("{}", done.msg().text(lang));
        }
    }
    let as_of = text("as-of").map(date).transpose()?;
    let by = text("by").and_then(By::parse).unwrap_or_default();
    let ask = Ask { as_of, by, year: m.get_one::<i64>("year").copied(), region: None };
    let t = tally::tally(cx, &who, &ask).await?;
    if m.get_flag("json") {
        say!("{}", serde_json::to_string(&t).map_err(Error::internal)?);
        return Ok(0);
    }
    let year = t.year.map_or_else(|| "–".to_owned(), |y| y.to_string());
    say!("{}", Msg::new("cli-tally-of").with("date", t.as_of).with("year", year).text(lang));
    say!("{}", Msg::new("cli-tally-head").text(lang));
    for r in &t.rows {
        say!("{}\t{}", r.label, line(&r.line));
    }
    say!("{}\t{}", Msg::new("cli-tally-total").text(lang), line(&t.total));
    Ok(0)
}

fn date(text: &str) -> Result<NaiveDate> {
    text.parse().map_err(|_| Error::field("as_of", Msg::new("cli-date-wrong").with("date", text)))
}

fn line(l: &Line) -> String {
    let f = &l.figures;
    let rate = |r: Option<f64>| r.map_or_else(|| "–".to_owned(), |r| format!("{:.1}%", r * 100.0));
    let counts = format!("{}\t{}\t{}\t{}\t{}", f.people, f.registered, f.sat, f.passed, f.certified);
    format!("{counts}\t{}\t{}\t{}", rate(l.pass_rate_sat), rate(l.pass_rate_registered), rate(l.certification_rate))
}
