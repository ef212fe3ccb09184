//! The command line. Every command calls the use case a page or the API calls too.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but some rows were refused.

/// Writes a line to standard output; a reader that has gone away (`| head`) is no fault.
macro_rules! say {
    ($($arg:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($arg)*);
    }};
}

mod args;
mod backup;
pub mod demo;
mod import;
mod jobs;
mod tally;
mod timetable;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;

use crate::core::clock::Clock;
use crate::core::config::Settings;
use crate::core::{Actor, Error, Lang, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::{app, auth};

/// Reads the arguments, does what they say, and tells how it went.
pub async fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let matches = match args::command(&app::kinds()).try_get_matches_from(args) {
        Ok(m) => m,
        Err(e) => {
            // Help and version come this way too, with code 0.
            let _ = e.print();
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
        }
    };
    app::log_to_stderr();
    match run(&matches).await {
        Ok(code) => ExitCode::from(code),
        Err(e) => {
            if let Error::Internal(cause) = &e {
                eprintln!("{}", cause.trim());
            }
            eprintln!("{}", e.text(lang(&matches)));
            ExitCode::from(if matches!(e, Error::Invalid(_)) { 2 } else { 1 })
        }
    }
}

async fn run(m: &ArgMatches) -> Result<u8> {
    let Some((name, sub)) = m.subcommand() else { return Ok(2) };
    let lang = lang(m);
    if name == "openapi" {
        say!("{}", app::openapi_spec());
        return Ok(0);
    }
    if name == "demo" {
        return demo::run(sub, lang).await;
    }
    if name == "timetable" {
        return timetable::run(sub, lang).await;
    }
    let settings = settings(m)?;
    let found = app::check(&settings)?;
    if name == "check" {
        say!("{}", Msg::new("cli-check-ok").with("what", found.join(", ")).text(lang));
        return Ok(0);
    }
    let file = || sub.get_one::<PathBuf>("file").cloned().unwrap_or_default();
    if name == "restore" {
        return backup::restore(&settings, &file(), lang).await;
    }
    let cx = Cx::open(settings, Clock::System).await?;
    if name == "migrate" {
        return migrate(&cx, sub, lang).await;
    }
    db::migrate_up(&cx).await?;
    match name {
        "serve" => app::serve(cx).await.map(|()| 0),
        "backup" => backup::backup(&cx, &file(), lang).await,
        "user" => user(&cx, sub, lang).await,
        "token" => token(&cx, sub).await,
        "import" => import::run(&cx, sub, lang).await,
        "tally" => tally::run(&cx, sub, lang).await,
        "jobs" => jobs::run(&cx, sub, lang).await,
        _ => Ok(2),
    }
}

/// The file of `--config`; without it `config/default.toml` where that is, else what is built in.
fn settings(m: &ArgMatches) -> Result<Settings> {
    let given = m.get_one::<PathBuf>("config").cloned();
    let usual = PathBuf::from("config/default.toml");
    let file = given.or_else(|| usual.is_file().then_some(usual));
    Settings::load(file.as_deref())
}

fn lang(m: &ArgMatches) -> Lang {
    m.get_one::<String>("lang").map_or(Lang::ZhCn, |l| Lang::parse(l))
}

async fn migrate(cx: &Cx, m: &ArgMatches, lang: Lang) -> Result<u8> {
    use migrations::{Migrator, MigratorTrait};
    match m.subcommand() {
        Some(("up", _)) => db::migrate_up(cx).await?,
        Some(("down", sub)) => Migrator::down(cx.writer(), (!sub.get_flag("all")).then_some(1)).await?,
        _ => {
            let applied = Migrator::get_applied_migrations(cx.writer()).await?;
            for x in Migrator::migrations() {
                let done = applied.iter().any(|a| a.name() == x.name());
                let key = if done { "cli-migrations-applied" } else { "cli-migrations-pending" };
                say!("{}\t{}", Msg::new(key).text(lang), x.name());
            }
        }
    }
    Ok(0)
}

async fn user(cx: &Cx, m: &ArgMatches, lang: Lang) -> Result<u8> {
    let Some(("add", sub)) = m.subcommand() else { return Ok(2) };
    let text = |name: &str| sub.get_one::<String>(name).cloned();
    let login = text("login").unwrap_or_default();
    let role = text("role").as_deref().and_then(Role::parse).unwrap_or(Role::Observer);
    let mut scopes = Vec::new();
    for s in sub.get_many::<String>("scope").into_iter().flatten() {
        scopes.push(app::scope_of(cx, s).await?);
    }
    let name = text("name").unwrap_or_else(|| login.clone());
    let email = text("email").unwrap_or_default();
    let new = auth::users::NewUser { login, name, email, role, person_id: None, scopes };
    let made = auth::users::create(cx, &Actor::command_line(), new).await?;
    let msg = Msg::new("cli-user-made").with("login", &made.login).with("role", role.name());
    say!("{}", msg.with("password", &made.one_time_password).text(lang));
    Ok(0)
}

async fn token(cx: &Cx, m: &ArgMatches) -> Result<u8> {
    let Some(("create", sub)) = m.subcommand() else { return Ok(2) };
    let login = sub.get_one::<String>("login").cloned().unwrap_or_default();
    let days = sub.get_one::<i64>("days").copied().unwrap_or(90);
    say!("{}", auth::tokens::create_by_login(cx, &Actor::command_line(), &login, days).await?);
    Ok(0)
}
