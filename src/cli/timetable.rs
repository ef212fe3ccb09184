//! `timetable solve | score | explain`: files in and out, the progress line, Ctrl-C; the work is [`crate::timetable`]'s.

mod words;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ArgMatches;

use crate::core::{Error, Lang, Msg, Result};
use crate::timetable::command::{self, Input};
use crate::timetable::error::{Bad, Source};
use crate::timetable::model::{Plan, Problem};
use crate::timetable::parse::{Format, plan};
use crate::timetable::solve::{Control, Limit, Options, Outcome, Progress, solve};
use words::Words;

/// Runs the subcommand; 2 where the arguments do not go together.
pub(super) async fn run(m: &ArgMatches, lang: Lang) -> Result<u8> {
    let Some((name, sub)) = m.subcommand() else { return Ok(2) };
    let file = of(sub, "file").unwrap_or_default();
    let Some(format) = format(sub, &file) else { return usage("timetable-format-missing", lang) };
    if format == Format::Toronto && sub.get_one::<u32>("periods").is_none() {
        return usage("timetable-periods-missing", lang);
    }
    let mut problem = problem(sub, &file, format, lang)?;
    match name {
        "solve" => {
            let start = match of(sub, "from") {
                Some(f) => Some(read_plan(&f, format, &problem, lang)?),
                None => None,
            };
            if let Some(f) = of(sub, "lock") {
                let Some(start) = &start else { return usage("timetable-lock-without-plan", lang) };
                command::lock(&read(&f)?, &mut problem, start).map_err(|e| bad(&f, &e, lang))?;
            }
            let Some(options) = options(sub, start) else { return usage("timetable-limit-missing", lang) };
            let outcome = search(&problem, options, lang).await?;
            let words = Words { problem: &problem, lang };
            let out = of(sub, "out").unwrap_or_default();
            let text = plan::write(&outcome.plan, format, &problem);
            std::fs::write(&out, text).map_err(|e| Error::Setup(format!("{}: {e}", out.display())))?;
            if sub.get_flag("json") {
                say!("{}", command::outcome_json(&problem, &outcome, &|v| words.violation(v)));
            } else {
                let seconds = format!("{:.1}", outcome.seconds);
                say!("{}", Msg::new("timetable-done").with("seconds", seconds).with("file", out.display()).text(lang));
                words.score(&outcome.score).iter().for_each(|l| say!("{l}"));
            }
            Ok(u8::from(outcome.score.hard() > 0))
        }
        "score" => {
            let plan = read_plan(&of(sub, "plan").unwrap_or_default(), format, &problem, lang)?;
            let words = Words { problem: &problem, lang };
            let score = crate::timetable::recount::score(&problem, &plan);
            if sub.get_flag("json") {
                say!("{}", command::score_json(&problem, &score, &|v| words.violation(v)));
            } else {
                words.score(&score).iter().for_each(|l| say!("{l}"));
            }
            Ok(0)
        }
        _ => {
            let plan = match of(sub, "plan") {
                Some(f) => Some(read_plan(&f, format, &problem, lang)?),
                None => None,
            };
            let lines = Words { problem: &problem, lang }.explain(plan.as_ref());
            if lines.is_empty() {
                say!("{}", Msg::new("timetable-nothing-in-the-way").text(lang));
            }
            lines.iter().for_each(|l| say!("{l}"));
            Ok(0)
        }
    }
}

fn of(m: &ArgMatches, name: &str) -> Option<PathBuf> {
    m.try_get_one::<PathBuf>(name).ok().flatten().cloned()
}

fn usage(key: &'static str, lang: Lang) -> Result<u8> {
    eprintln!("{}", Msg::new(key).text(lang));
    Ok(2)
}

fn format(m: &ArgMatches, file: &Path) -> Option<Format> {
    match m.get_one::<String>("format").map(String::as_str) {
        Some("itc") => Some(Format::Itc),
        Some("toronto") => Some(Format::Toronto),
        Some("json") => Some(Format::Json),
        _ => Format::of_name(&file.to_string_lossy()),
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|e| Error::Setup(format!("{}: {e}", file.display())))
}

fn bad(file: &Path, e: &Bad, lang: Lang) -> Error {
    Error::Setup(format!("{}: {}", file.display(), words::bad(e, lang)))
}

fn problem(m: &ArgMatches, file: &Path, format: Format, lang: Lang) -> Result<Problem> {
    let students_file = of(m, "students").unwrap_or_else(|| file.with_extension("stu"));
    let students = if format == Format::Toronto { Some(read(&students_file)?) } else { None };
    let bytes = read(file)?;
    let periods = m.get_one::<u32>("periods").copied();
    let input = Input { problem: &bytes, format, students: students.as_deref(), periods };
    command::load(&input)
        .map_err(|e| bad(if e.source_file == Source::Students { &students_file } else { file }, &e, lang))
}

fn read_plan(file: &Path, format: Format, problem: &Problem, lang: Lang) -> Result<Plan> {
    command::load_plan(&read(file)?, format, problem).map_err(|e| bad(file, &e, lang))
}

fn options(m: &ArgMatches, start: Option<Plan>) -> Option<Options> {
    let limit = match (m.get_one::<u64>("iterations"), m.get_one::<f64>("seconds")) {
        (Some(n), _) => Limit::Iterations(*n),
        (None, Some(s)) => Limit::Seconds(*s),
        (None, None) => return None,
    };
    // By count the result must not depend on the machine, so there one thread is usual.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let usual = if matches!(limit, Limit::Iterations(_)) { 1 } else { cores };
    let threads = m.get_one::<u64>("threads").map_or(usual, |n| usize::try_from(*n).unwrap_or(1));
    Some(Options { limit, seed: m.get_one::<u64>("seed").copied().unwrap_or(1), threads, start, ..Options::default() })
}

/// Searches on a thread of its own; Ctrl-C ends it with the best so far.
async fn search(problem: &Problem, options: Options, lang: Lang) -> Result<Outcome> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    let watch = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            flag.store(true, Ordering::Relaxed);
        }
    });
    let terminal = std::io::stderr().is_terminal();
    let shown = problem.shown_per;
    let show = move |p: &Progress| {
        let cost = p.cost as f64 / f64::from(shown.unwrap_or(1).max(1));
        let cost = if shown.is_some() { format!("{cost:.4}") } else { p.cost.to_string() };
        let parts: Vec<String> = p.criteria.iter().filter(|c| c.1 > 0).map(|(k, n)| format!("{k} {n}")).collect();
        let line = Msg::new("timetable-progress")
            .with("seconds", format!("{:.1}", p.seconds))
            .with("percent", format!("{:.0}", p.share.clamp(0.0, 1.0) * 100.0))
            .with("unplaced", p.unplaced)
            .with("cost", cost)
            .with("criteria", parts.join(" "));
        // Without the wrap at the edge of a narrow window, so that the line can be written over.
        let _ = write!(std::io::stderr(), "\r\x1b[K\x1b[?7l{}\x1b[?7h", line.text(lang));
    };
    let problem = problem.clone();
    let outcome = tokio::task::spawn_blocking(move || {
        let control = Control { cancel: &cancel, progress: if terminal { Some(&show) } else { None } };
        solve(&problem, &options, &control)
    })
    .await;
    watch.abort();
    if terminal {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    outcome.map_err(|e| Error::Internal(e.to_string()))?.map_err(|e| Error::Setup(words::bad(&e, lang)))
}
