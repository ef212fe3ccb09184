//! `import KIND … FILE` and `import undo ID`.

use std::io;
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use crate::app;
use crate::core::{Actor, Lang, Msg, Result};
use crate::db::Cx;
use crate::importing::{Ask, Kind, Outcome, Params, run as runs};

pub(super) async fn run(cx: &Cx, m: &ArgMatches, lang: Lang) -> Result<u8> {
    let Some((name, sub)) = m.subcommand() else { return Ok(2) };
    let mut who = Actor::command_line();
    who.lang = lang;
    let kinds = app::kinds();
    if name == "undo" {
        let id = sub.get_one::<i64>("import_id").copied().unwrap_or_default();
        runs::undo(cx, &who, &kinds, id).await?;
        say!("{}", Msg::new("cli-import-undone").with("id", id).text(lang));
        return Ok(0);
    }
    let kind = kinds.get(name)?;
    let file = sub.get_one::<PathBuf>("file").cloned().unwrap_or_default();
    let limit = cx.settings.import.max_bytes;
    let outcome = match read(&file, limit) {
        Ok(bytes) => {
            let file_name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            runs::now(cx, &who, kind, &params(kind, sub), &file_name, &bytes, sub.get_flag("dry-run")).await?
        }
        Err(e) => Outcome::unreadable(file.display(), &e),
    };
    if sub.get_flag("json") {
        say!("{}", outcome.to_json(lang));
    } else {
        print(&outcome, sub.get_flag("dry-run"), lang);
    }
    Ok(outcome.exit_code())
}

fn read(file: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let about = std::fs::metadata(file)?;
    if about.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    // A file over the limit is not even read: one byte more than allowed is enough for the reader to refuse it.
    if about.len() > limit { Ok(vec![0; usize::try_from(limit).unwrap_or(0) + 1]) } else { std::fs::read(file) }
}

fn params(kind: &dyn Kind, m: &ArgMatches) -> Params {
    let mut p = Params::default();
    let text = |name: &str| m.get_one::<String>(name).cloned();
    for ask in kind.asks() {
        match ask {
            Ask::Cohort => p.cohort = text("cohort"),
            Ask::CreateCohort => p.create_cohort = m.get_flag("create-cohort"),
            Ask::Region => p.region = text("region"),
            Ask::Scheme => p.scheme = text("scheme"),
            Ask::Year => p.year = m.get_one::<i64>(if kind.name() == "hours" { "cycle-year" } else { "year" }).copied(),
            Ask::Class => p.class = text("class"),
            Ask::CreateSessions => p.create_sessions = m.get_flag("create-sessions"),
        }
    }
    p
}

fn print(o: &Outcome, dry_run: bool, lang: Lang) {
    let key = match (o.rejected, dry_run) {
        (true, _) => "cli-import-rejected",
        (false, true) => "cli-import-dry-run",
        (false, false) => "cli-import-done",
    };
    let id = o.import_id.map_or_else(|| "-".to_owned(), |i| i.to_string());
    let msg = Msg::new(key).with("id", id).with("rows", o.rows).with("accepted", o.accepted);
    say!("{}", msg.with("refused", o.refused).with("unchanged", o.unchanged).text(lang));
    for p in &o.problems {
        let place = [p.sheet.clone(), p.row.map(|r| r.to_string()).unwrap_or_default(), p.column.clone()];
        let place: Vec<_> = place.into_iter().filter(|s| !s.is_empty()).collect();
        let kind = Msg::new(if p.is_error() { "cli-error" } else { "cli-warning" }).text(lang);
        say!("{kind}\t{}\t{}\t{}", place.join(" "), p.code, p.message(lang));
    }
}
