//! `backup FILE` and `restore FILE`, for the embedded database. PostgreSQL has better tools of its own, which are named.

use std::path::Path;

use crate::core::clock::Clock;
use crate::core::config::Settings;
use crate::core::{Error, Lang, Msg, Result};
use crate::db::{self, Cx};

/// A consistent copy, also while the server runs.
pub(super) async fn backup(cx: &Cx, to: &Path, lang: Lang) -> Result<u8> {
    only_sqlite(&cx.settings, lang)?;
    if to.exists() {
        return Err(Error::Setup(Msg::new("cli-backup-exists").with("file", to.display()).text(lang)));
    }
    db::run(cx.writer(), "VACUUM INTO ?", [to.display().to_string().into()]).await?;
    let key = cx.settings.key_file();
    say!("{}", Msg::new("cli-backup-done").with("file", to.display()).with("key", key.display()).text(lang));
    Ok(0)
}

/// Puts a backup in the database's place. What was there is kept beside it until the next restore.
pub(super) async fn restore(settings: &Settings, from: &Path, lang: Lang) -> Result<u8> {
    only_sqlite(settings, lang)?;
    let target = settings.sqlite_file().ok_or_else(|| Error::internal("no file"))?;
    let io = |e: std::io::Error| Error::Setup(format!("{}: {e}", from.display()));
    // Opened first as a database of its own: a file that is none, or that another key sealed, replaces nothing.
    let trial = target.with_extension("restoring");
    if let Some(dir) = target.parent().filter(|d| !d.as_os_str().is_empty()) {
        std::fs::create_dir_all(dir).map_err(io)?;
    }
    std::fs::copy(from, &trial).map_err(io)?;
    let checked = check(settings, &trial, from).await;
    remove_side_files(&trial);
    if let Err(e) = checked {
        let _ = std::fs::remove_file(&trial);
        return Err(e);
    }
    if target.exists() {
        refuse_if_in_use(&target, lang).await?;
        std::fs::rename(&target, target.with_extension("before-restore")).map_err(io)?;
        remove_side_files(&target);
    }
    std::fs::rename(&trial, &target).map_err(io)?;
    say!("{}", Msg::new("cli-restore-done").with("file", target.display()).text(lang));
    Ok(0)
}

/// Whether `file`, the copy of the backup `named`, is a database of this program that our key opens.
async fn check(settings: &Settings, file: &Path, named: &Path) -> Result<()> {
    let none = || Error::Setup(format!("{}: not a backup of this program", named.display()));
    let mut s = settings.clone();
    s.secrets.key_file = settings.key_file();
    s.database.url = format!("sqlite://{}?mode=rw", file.display());
    let cx = Cx::open(s, Clock::System).await.map_err(|_| none())?;
    let whole = db::has_table(cx.writer(), "person").await.unwrap_or(false);
    let result = if whole { db::check_key(&cx).await } else { Err(none()) };
    cx.close().await?;
    result
}

/// A running server holds its write-ahead log open; taking the exclusive lock tells.
async fn refuse_if_in_use(file: &Path, lang: Lang) -> Result<()> {
    use sea_orm::{ConnectionTrait, Database};
    let busy = || Error::Setup(Msg::new("cli-restore-in-use").with("file", file.display()).text(lang));
    let url = format!("sqlite://{}?mode=rw", file.display());
    let db = Database::connect(url).await.map_err(|_| busy())?;
    // Leaving the write-ahead log needs to be the only connection.
    let row = db.query_one_raw(db::sql_of(&db, "PRAGMA journal_mode = DELETE", [])).await;
    let mode: String = row.ok().flatten().and_then(|r| r.try_get_by_index(0).ok()).unwrap_or_default();
    db.close().await?;
    if mode == "delete" { Ok(()) } else { Err(busy()) }
}

fn remove_side_files(file: &Path) {
    for end in ["-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        let _ = std::fs::remove_file(name);
    }
}

fn only_sqlite(settings: &Settings, lang: Lang) -> Result<()> {
    if settings.is_sqlite() { Ok(()) } else { Err(Error::Setup(Msg::new("cli-backup-postgres").text(lang))) }
}
