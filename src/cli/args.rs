//! The commands and their arguments. Imports take theirs from the kinds, so that what is not built is not in the help.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use crate::core::Role;
use crate::importing::{Ask, Kinds};

pub(super) fn command(kinds: &Kinds) -> Command {
    Command::new("yanzhen")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Yanzhen (雁阵): training and certification of social workers, from the campus to the registered certificate")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .global(true)
                .value_parser(value_parser!(PathBuf))
                .help("Settings file [default: config/default.toml if it is there, else the built-in one]"),
        )
        .arg(
            Arg::new("lang")
                .long("lang")
                .value_name("LANGUAGE")
                .global(true)
                .value_parser(["zh-CN", "en"])
                .env("YANZHEN_LANG")
                .default_value("zh-CN")
                .help("Language of the messages"),
        )
        .subcommand(
            Command::new("demo")
                .about("Serve a fresh sample county on SQLite; prints the address and one login per role")
                .arg(path("dir", "DIR", "Folder for its files [default: a temporary one]").long("dir").required(false))
                .arg(Arg::new("port").long("port").value_name("PORT").value_parser(value_parser!(u16)).default_value("8080")),
        )
        .subcommand(Command::new("serve").about("Serve pages and API and run the jobs"))
        .subcommand(
            Command::new("migrate")
                .about("Bring the database's schema up or down, or show where it stands")
                .subcommand_required(true)
                .subcommand(Command::new("up").about("To the newest schema"))
                .subcommand(Command::new("down").about("Take back the last migration").arg(
                    Arg::new("all").long("all").action(ArgAction::SetTrue).help("Take back every migration: all data is lost"),
                ))
                .subcommand(Command::new("status").about("Which migrations are applied")),
        )
        .subcommand(Command::new("check").about("Check the settings and all rule files without starting"))
        .subcommand(Command::new("openapi").about("Print the OpenAPI document"))
        .subcommand(user())
        .subcommand(
            Command::new("token").about("API tokens").subcommand_required(true).subcommand(
                Command::new("create")
                    .about("Make an API token and print it, this once")
                    .arg(text("login", "NAME", "The account it belongs to"))
                    .arg(Arg::new("days").long("days").value_parser(value_parser!(i64)).default_value("90").help("Valid for so many days")),
            ),
        )
        .subcommand(import(kinds))
        .subcommand(
            Command::new("tally")
                .about("Registered, sat, passed, certified, and the rates")
                .arg(text("as-of", "DATE", "As of this day [default: today]").required(false))
                .arg(text("by", "GROUP", "Rows by this group").required(false).value_parser([
                    "region", "cohort", "campus", "base", "class", "level", "year",
                ]))
                .arg(text("year", "Y", "Exam year [default: the latest with records]").required(false).value_parser(value_parser!(i64)))
                .arg(
                    Arg::new("repair")
                        .long("repair")
                        .action(clap::ArgAction::SetTrue)
                        .help("First put the running figures right from the records, after an alarm"),
                )
                .arg(json()),
        )
        .subcommand(
            Command::new("jobs")
                .about("Scheduled jobs")
                .subcommand_required(true)
                .subcommand(Command::new("list").about("Jobs, their schedules, last and next runs"))
                .subcommand(
                    Command::new("run")
                        .about("Run a job now")
                        .arg(Arg::new("name").value_name("NAME").required(true))
                        .arg(text("at", "TIME", "As if it were this instant, e.g. 2026-11-25T22:30:00+08:00").required(false)),
                ),
        )
        .subcommand(timetable())
        .subcommand(Command::new("backup").about("Copy the SQLite database, also while it is in use").arg(path("file", "FILE", "The copy")))
        .subcommand(
            Command::new("restore").about("Put a backup in the database's place; stop the server first").arg(path("file", "FILE", "The backup")),
        )
}

fn user() -> Command {
    let roles: Vec<&'static str> = Role::ALL.iter().map(|r| r.name()).collect();
    Command::new("user").about("Accounts").subcommand_required(true).subcommand(
        Command::new("add")
            .about("Make an account; prints a one-time password")
            .arg(text("role", "ROLE", "What the account may do").value_parser(roles))
            .arg(text("login", "NAME", "The name to sign in with"))
            .arg(text("name", "NAME", "The person's name [default: the login]").required(false))
            .arg(text("email", "ADDRESS", "Mail address").required(false))
            .arg(
                text(
                    "scope",
                    "SCOPE",
                    "What it sees: region:CODE, cohort:CODE, class:CODE, base:CODE; may be given several times",
                )
                .required(false)
                .action(ArgAction::Append),
            ),
    )
}

fn import(kinds: &Kinds) -> Command {
    let mut c = Command::new("import").about("Import a file, or take an import back").subcommand_required(true);
    for kind in kinds.iter() {
        let mut k = Command::new(kind.name()).about(format!("Import a file of {}", kind.name()));
        for ask in kind.asks() {
            k = k.arg(match ask {
                Ask::Cohort => text("cohort", "CODE", "The cohort the people belong to"),
                Ask::CreateCohort => flag("create-cohort", "Make the cohort if it is not there"),
                Ask::Region => text("region", "CODE", "The region the file comes from").required(false),
                Ask::Scheme => text("scheme", "SCHEME", "The scheme, e.g. social-work"),
                Ask::Year => {
                    let name = if kind.name() == "hours" { "cycle-year" } else { "year" };
                    text(name, "Y", "The exam year").value_parser(value_parser!(i64))
                }
                Ask::Class => text("class", "CODE", "The class the sheets belong to"),
                Ask::CreateSessions => flag("create-sessions", "Make the class sessions that are not there"),
            });
        }
        c = c.subcommand(
            k.arg(path("file", "FILE", "The file: xlsx, xls, ods, csv, tsv, or a web page named .xls"))
                .arg(flag("dry-run", "Only say what would happen"))
                .arg(json()),
        );
    }
    c.subcommand(
        Command::new("undo")
            .about("Take a committed import back; refused if its rows were changed or used since")
            .arg(Arg::new("import_id").value_name("IMPORT_ID").required(true).value_parser(value_parser!(i64))),
    )
}

fn timetable() -> Command {
    let file = || {
        [
            path("file", "FILE", "The problem"),
            text("format", "FORMAT", "Its form [default: by its name: .exam, .crs, .json]")
                .required(false)
                .value_parser(["itc", "toronto", "json"]),
            path("students", "STU", "Toronto's list of candidates [default: FILE with .stu]")
                .long("students")
                .required(false),
            text("periods", "N", "Toronto's number of periods").required(false).value_parser(value_parser!(u32)),
        ]
    };
    let plan = |help: &'static str| path("plan", "SOL", help);
    Command::new("timetable")
        .about("Exam timetables: find one, score one, explain what is in the way")
        .subcommand_required(true)
        .subcommand(
            Command::new("solve")
                .about("Find a timetable; Ctrl-C keeps the best so far. Exit code 1 if hard rules stay broken")
                .args(file())
                .arg(
                    text("seconds", "N", "Stop after so many seconds")
                        .required(false)
                        .required_unless_present("iterations")
                        .conflicts_with("iterations")
                        .value_parser(seconds),
                )
                .arg(
                    text("iterations", "N", "Stop after so many proposals per thread: same result on any machine")
                        .required(false)
                        .value_parser(value_parser!(u64)),
                )
                .arg(text("seed", "S", "Luck").required(false).value_parser(value_parser!(u64)).default_value("1"))
                .arg(
                    text("threads", "T", "Threads [default: all cores; 1 with --iterations]")
                        .required(false)
                        .value_parser(value_parser!(u64).range(1..=64)),
                )
                .arg(path("from", "PLAN", "Start from this plan").long("from").required(false))
                .arg(
                    path("lock", "FILE", "Keep the exams this file names where PLAN has them")
                        .long("lock")
                        .required(false)
                        .requires("from"),
                )
                .arg(path("out", "SOL", "Where the plan goes").long("out"))
                .arg(json()),
        )
        .subcommand(
            Command::new("score")
                .about("Count a timetable's cost by the rules, and name every hard rule it breaks")
                .args(file())
                .arg(plan("The plan"))
                .arg(json()),
        )
        .subcommand(
            Command::new("explain")
                .about("Prove what cannot be; with a plan, say what is in the way of its unplaced and costliest exams")
                .args(file())
                .arg(plan("The plan").required(false)),
        )
}

/// Seconds above 0 and at most a week.
fn seconds(s: &str) -> Result<f64, String> {
    let n: f64 = s.parse().map_err(|_| "a number is expected".to_owned())?;
    if n > 0.0 && n <= 604_800.0 { Ok(n) } else { Err("seconds above 0, at most a week, are expected".to_owned()) }
}

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).required(true).help(help)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn json() -> Arg {
    flag("json", "Print JSON")
}

fn path(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).value_name(value).required(true).value_parser(value_parser!(PathBuf)).help(help)
}
