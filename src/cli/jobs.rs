//! `jobs list` and `jobs run NAME`.

use chrono::{DateTime, Utc};
use clap::ArgMatches;

use crate::app;
use crate::core::{Actor, Error, Lang, Msg, Result, civil};
use crate::db::Cx;
use crate::jobs::{runs, say};

pub(super) async fn run(cx: &Cx, m: &ArgMatches, lang: Lang) -> Result<u8> {
    let who = Actor::command_line();
    let jobs = app::jobs(cx)?;
    match m.subcommand() {
        Some(("run", sub)) => {
            let name = sub.get_one::<String>("name").cloned().unwrap_or_default();
            let at = sub.get_one::<String>("at").map(|t| instant(t)).transpose()?;
            let claimed = runs::by_hand(cx, &who, &jobs, &name, at).await?;
            let done = runs::execute(cx, &jobs, claimed).await?;
            say!("{}\t{}\t{}", done.job, done.state, say(&done.message, lang));
            Ok(u8::from(done.state != "done"))
        }
        _ => {
            say!("{}", Msg::new("cli-jobs-head").text(lang));
            let show = |t: Option<DateTime<Utc>>| t.map_or_else(|| "–".to_owned(), |t| civil::show(t, cx.zone()));
            for j in runs::list(cx, &who, &jobs).await? {
                let last = j.last.as_ref();
                let cron = j.cron.unwrap_or_else(|| "–".to_owned());
                let (at, state) = (show(last.map(|l| l.tick_at)), last.map_or("–", |l| l.state.as_str()));
                say!("{}\t{cron}\t{}\t{at}\t{state}", j.name, show(j.next));
            }
            Ok(0)
        }
    }
}

fn instant(text: &str) -> Result<DateTime<Utc>> {
    let parsed = DateTime::parse_from_rfc3339(text).map(|t| t.with_timezone(&Utc));
    parsed.map_err(|_| Error::field("at", Msg::new("cli-time-wrong").with("time", text)))
}
