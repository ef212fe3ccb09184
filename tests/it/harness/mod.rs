//! The test bench: a whole program on a fresh database of its own, with a clock that stands still.
//!
//! Every test of behaviour runs on both databases: write it once with [`on_both!`]. SQLite is a temporary file; PostgreSQL
//! is a database made from a migrated template in the cluster that `tests/run` starts and names in `YANZHEN_TEST_PG`.

pub mod chrome;
pub mod http;
pub mod program;
pub mod smtp;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use tokio::sync::OnceCell;
use yanzhen::core::clock::Clock;
use yanzhen::core::config::Settings;
use yanzhen::db::{self, Cx};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Makes two tests of one body, one for each database: `on_both!(name, |bench| async move { … })`.
#[macro_export]
macro_rules! on_both {
    ($name:ident, |$bench:ident| $body:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn body($bench: $crate::harness::Bench) {
                $body.await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body($crate::harness::Bench::start($crate::harness::Backend::Sqlite).await).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                body($crate::harness::Bench::start($crate::harness::Backend::Postgres).await).await
            }
        }
    };
}

/// A fresh database, a data folder, a fixed clock (2026-11-25 10:00 in Shanghai).
pub struct Bench {
    pub cx: Cx,
    pub clock: Clock,
    pub backend: Backend,
    pub dir: tempfile::TempDir,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Bench {
    /// Migrated and empty.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, &[]).await
    }

    /// The same with settings of its own: `("mail.host", "127.0.0.1")`.
    pub async fn start_with(backend: Backend, set: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = match backend {
            Backend::Sqlite => {
                let file = dir.path().join("yanzhen.db");
                std::fs::copy(sqlite_template().await, &file).unwrap();
                sqlite_url(&file)
            }
            Backend::Postgres => new_pg_database().await,
        };
        // The template was sealed with this key.
        std::fs::write(dir.path().join("yanzhen.key"), hex::encode([7_u8; 32])).unwrap();
        let settings = settings(&url, dir.path(), set);
        let clock = Clock::fixed(start_of_time());
        let cx = Cx::open(settings, clock.clone()).await.unwrap();
        db::check_key(&cx).await.unwrap();
        Self { cx, clock, backend, dir }
    }

    /// A second program on the same database: other connections, the same clock and key.
    pub async fn second(&self) -> Cx {
        Cx::open((*self.cx.settings).clone(), self.clock.clone()).await.unwrap()
    }

    /// Moves the clock.
    pub fn at(&self, instant: &str) {
        self.clock.set(instant.parse::<DateTime<Utc>>().unwrap());
    }
}

pub fn start_of_time() -> DateTime<Utc> {
    "2026-11-25T02:00:00Z".parse().unwrap()
}

pub fn settings(url: &str, dir: &Path, set: &[(&str, &str)]) -> Settings {
    let dir = dir.to_str().unwrap();
    let key = format!("{dir}/yanzhen.key");
    let mut all = vec![
        ("database.url", url),
        ("database.connections", "4"),
        ("data.dir", dir),
        ("secrets.key_file", &key),
        // Cheap on purpose: what is tested is the flow, not the cost.
        ("sign_in.argon2_memory_kib", "64"),
        ("sign_in.argon2_passes", "1"),
    ];
    all.extend_from_slice(set);
    Settings::load_with(None, &all).unwrap()
}

pub fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

async fn migrate(url: &str, dir: &Path) {
    std::fs::write(dir.join("yanzhen.key"), hex::encode([7_u8; 32])).unwrap();
    let cx = Cx::open(settings(url, dir, &[]), Clock::fixed(start_of_time())).await.unwrap();
    db::migrate_up(&cx).await.unwrap();
    if url.starts_with("sqlite") {
        db::run(cx.writer(), "PRAGMA wal_checkpoint(TRUNCATE)", []).await.unwrap();
    }
    cx.close().await.unwrap();
}

async fn sqlite_template() -> PathBuf {
    static MADE: OnceCell<(tempfile::TempDir, PathBuf)> = OnceCell::const_new();
    let made = MADE
        .get_or_init(|| async {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("template.db");
            migrate(&sqlite_url(&file), dir.path()).await;
            (dir, file)
        })
        .await;
    made.1.clone()
}

/// The address of the test cluster, without a database's name.
fn pg_server() -> String {
    std::env::var("YANZHEN_TEST_PG").unwrap_or_else(|_| {
        panic!(
            "the PostgreSQL half of the tests needs a cluster: run tests/run, which starts one, \
             or set YANZHEN_TEST_PG=postgres://USER@HOST:PORT"
        )
    })
}

async fn pg(sql: &str) {
    use sea_orm::ConnectionTrait;
    let admin = sea_orm::Database::connect(format!("{}/postgres", pg_server())).await.unwrap();
    admin.execute_unprepared(sql).await.unwrap();
    admin.close().await.unwrap();
}

/// A migrated, empty database's address on the test cluster.
pub async fn new_pg_database() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let pid = std::process::id();
    let template = TEMPLATE
        .get_or_init(|| async {
            let name = format!("template_{pid}");
            pg(&format!("CREATE DATABASE {name}")).await;
            let dir = tempfile::tempdir().unwrap();
            migrate(&format!("{}/{name}", pg_server()), dir.path()).await;
            name
        })
        .await;
    let name = format!("test_{pid}_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    // Two databases cannot be made from one template at once.
    static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _one = ONE.lock().await;
    pg(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    format!("{}/{name}", pg_server())
}

/// An empty database without a schema, for the migration tests.
pub async fn blank_pg_database() -> String {
    let name = format!("blank_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    pg(&format!("CREATE DATABASE {name}")).await;
    format!("{}/{name}", pg_server())
}

/// The sample files, where the folder is beside the project; says which was done.
pub fn samples() -> Option<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/samples");
    if dir.is_dir() {
        return Some(dir);
    }
    // A worktree may lie one level deeper.
    let deeper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/samples");
    if deeper.is_dir() {
        return Some(deeper);
    }
    println!("the sample files are not here: only the project's own fixtures were used");
    None
}
