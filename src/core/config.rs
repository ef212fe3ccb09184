//! Settings: `config/default.toml` (or the file of `--config`), then `YANZHEN__SECTION__KEY` from the environment.
//! Everything is checked at start; a wrong value names the file and the key and says what is allowed.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use serde::Deserialize;

use super::error::{Error, Result};
use super::files::RuleFiles;

/// The defaults, built in: the same file as `config/default.toml`.
const DEFAULTS: &str = include_str!("../../config/default.toml");

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub database: Database,
    pub server: Server,
    pub data: Data,
    pub mail: Mail,
    pub secrets: Secrets,
    pub time: Time,
    pub import: Import,
    pub sign_in: SignIn,
    pub authority: Authority,
    /// The file of `--config`; rule files may lie beside it.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://PATH?mode=rwc` or `postgres://…`.
    pub url: String,
    /// Connections for reading (SQLite) or in all (PostgreSQL).
    pub connections: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub bind: IpAddr,
    pub port: u16,
    /// The address people type; links in mails start with it.
    pub public_url: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Folder for uploads under way, mails written to files, exports.
    pub dir: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Empty: mails are written to files in `data.dir`/mail.
    pub host: String,
    pub port: u16,
    /// `tls` (465), `starttls` (587) or `none` (25, loopback and closed networks only).
    pub security: MailSecurity,
    pub user: String,
    pub password: String,
    pub from: String,
    /// Seconds until a whole send is given up.
    pub timeout_seconds: u64,
    /// Mails sent at once.
    pub parallel: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum MailSecurity {
    Tls,
    Starttls,
    None,
}

impl TryFrom<String> for MailSecurity {
    type Error = String;

    fn try_from(word: String) -> std::result::Result<Self, String> {
        match word.to_lowercase().as_str() {
            "tls" => Ok(Self::Tls),
            "starttls" => Ok(Self::Starttls),
            "none" => Ok(Self::None),
            _ => Err(format!("mail.security: {word} is not allowed; use tls, starttls or none")),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Empty: `yanzhen.key` beside the SQLite file, or in `data.dir` on PostgreSQL.
    pub key_file: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    #[serde(deserialize_with = "zone")]
    pub zone: Tz,
}

fn zone<'de, D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Tz, D::Error> {
    let name = String::deserialize(d)?;
    let why = || format!("{name:?}: expected the IANA name of a time zone, for example Asia/Shanghai");
    name.parse().map_err(|_| serde::de::Error::custom(why()))
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    pub max_bytes: u64,
    pub max_unpacked_bytes: u64,
    pub max_rows: usize,
    pub max_columns: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// argon2id memory in KiB and passes; the defaults are OWASP's.
    pub argon2_memory_kib: u32,
    pub argon2_passes: u32,
    /// A login session ends after so many minutes without a request.
    pub idle_minutes: i64,
    /// Wrong passwords in a row before an account waits.
    pub max_failures: i32,
    pub wait_minutes: i64,
}

/// The name of the authority on the pages: since 2023 the party committee's social-work department in most counties,
/// the civil-affairs bureau in others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    pub zh: String,
    pub en: String,
}

impl Settings {
    /// Reads the defaults, the file if given, and the environment.
    ///
    /// # Errors
    /// [`Error::Setup`] naming file and key.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        Self::load_with(file, &[])
    }

    /// As [`Settings::load`], with values set last: `("database.url", "sqlite://…")`. For `demo` and the tests.
    ///
    /// # Errors
    /// [`Error::Setup`] naming file and key.
    pub fn load_with(file: Option<&Path>, set: &[(&str, &str)]) -> Result<Self> {
        let mut b = config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(Error::Setup(format!("{}: no such settings file", file.display())));
            }
            b = b.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        b = b.add_source(
            config::Environment::with_prefix("YANZHEN").prefix_separator("__").separator("__").try_parsing(true),
        );
        for (key, value) in set {
            b = b.set_override(*key, *value).map_err(|e| Error::Setup(format!("{key}: {e}")))?;
        }
        let name = file.map_or_else(|| "config/default.toml".to_owned(), |f| f.display().to_string());
        let read = b.build().map_err(|e| Error::Setup(format!("{name}: {e}")))?;
        let mut s: Self = read
            .try_deserialize()
            .map_err(|e| Error::Setup(format!("{name} (or YANZHEN__… in the environment): {e}")))?;
        s.file = file.map(Path::to_path_buf);
        s.check(&name)?;
        Ok(s)
    }

    fn check(&self, name: &str) -> Result<()> {
        let bad = |key: &str, why: &str| Err(Error::Setup(format!("{name}: {key}: {why}")));
        let url = &self.database.url;
        if !(url.starts_with("sqlite:") || url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return bad("database.url", "expected sqlite://PATH?mode=rwc or postgres://USER:PASSWORD@HOST/NAME");
        }
        if !(1..=200).contains(&self.database.connections) {
            return bad("database.connections", "expected a number from 1 to 200");
        }
        if !(self.server.public_url.is_empty() || self.server.public_url.starts_with("http")) {
            return bad("server.public_url", "expected an address that begins with http:// or https://");
        }
        if self.mail.from.parse::<lettre::message::Mailbox>().is_err() {
            return bad("mail.from", "expected a mail address, for example 培训中心 <noreply@example.com>");
        }
        if !(1..=100).contains(&self.mail.parallel) {
            return bad("mail.parallel", "expected a number from 1 to 100");
        }
        if self.sign_in.argon2_memory_kib < 8 || self.sign_in.argon2_passes < 1 {
            return bad("sign_in.argon2_memory_kib", "expected at least 8, and argon2_passes at least 1");
        }
        Ok(())
    }

    /// Where jobs, schemes, cycles and reminders are read from.
    #[must_use]
    pub fn rule_files(&self) -> RuleFiles {
        RuleFiles::beside(self.file.as_deref())
    }

    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.database.url.starts_with("sqlite:")
    }

    /// The SQLite file, if that is the database.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let rest = self.database.url.strip_prefix("sqlite:")?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        Some(PathBuf::from(rest.split('?').next().unwrap_or(rest)))
    }

    /// Where the key file lies.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        if !self.secrets.key_file.as_os_str().is_empty() {
            return self.secrets.key_file.clone();
        }
        let dir =
            self.sqlite_file().and_then(|f| f.parent().map(Path::to_path_buf)).unwrap_or_else(|| self.data.dir.clone());
        dir.join("yanzhen.key")
    }

    /// `server.public_url`, or the bound address when that is empty; no slash at the end.
    #[must_use]
    pub fn public_url(&self) -> String {
        if self.server.public_url.is_empty() {
            format!("http://{}:{}", self.server.bind, self.server.port)
        } else {
            self.server.public_url.trim_end_matches('/').to_owned()
        }
    }
}
