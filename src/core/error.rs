//! One error type for every layer below the pages and the API.
//!
//! A message is kept as key and arguments ([`Msg`]) until the reader's language is known; only the edge (page, API,
//! command line) turns it into a sentence. `Internal` carries the cause for the log and never reaches a reader.

use serde::{Deserialize, Serialize};

use super::i18n::{self, Lang};

/// The result of every use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A sentence for a person: a key of `config/locales` and its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Msg {
    pub key: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(String, String)>,
}

impl Msg {
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self { key: key.to_owned(), args: Vec::new() }
    }

    /// Adds an argument; `name` is the one the locale file uses in `{ $name }`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.push((name.to_owned(), value.to_string()));
        self
    }

    /// The sentence in the reader's language.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        i18n::text(lang, &self.key, &self.args)
    }
}

/// What is wrong with one field of an input; `field` is the input's field name, so that a page can put the message by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub msg: Msg,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The thing does not exist, or is not the reader's to see: both look the same on purpose.
    #[error("not found: {}", .0.key)]
    NotFound(Msg),
    /// Signed in, but the role may not do this.
    #[error("forbidden")]
    Forbidden,
    /// Not signed in, or the token is unknown or expired.
    #[error("not signed in")]
    Unauthenticated,
    /// The input is wrong; nothing was saved.
    #[error("invalid input: {0:?}")]
    Invalid(Vec<FieldError>),
    /// The state of the records does not allow it (already taken, changed meanwhile, in use).
    #[error("conflict: {}", .0.key)]
    Conflict(Msg),
    /// Another writer holds the database for too long, or the limiter says wait.
    #[error("busy")]
    Busy,
    /// What the program stands on does not work at the moment: the disk is full, the database is out of reach. Nothing
    /// was saved; the same request may succeed later.
    #[error("unavailable: {}", .0.key)]
    Unavailable(Msg),
    /// The input is larger than the stated limit.
    #[error("too large: {}", .0.key)]
    TooLarge(Msg),
    /// A setting, file or argument of the command line is wrong; shown as is on the terminal.
    #[error("{0}")]
    Setup(String),
    /// Anything else: logged with its cause, shown as "internal error".
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    #[must_use]
    pub fn not_found(key: &str) -> Self {
        Self::NotFound(Msg::new(key))
    }

    #[must_use]
    pub fn conflict(key: &str) -> Self {
        Self::Conflict(Msg::new(key))
    }

    /// One wrong field.
    #[must_use]
    pub fn field(field: &str, msg: Msg) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), msg }])
    }

    /// See [`Self::Unavailable`].
    #[must_use]
    pub fn unavailable(key: &str) -> Self {
        Self::Unavailable(Msg::new(key))
    }

    /// Whether the same work may succeed a little later without anybody changing anything.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable(_))
    }

    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// The message without its language, to be kept; of several wrong fields the first.
    #[must_use]
    pub fn msg(&self) -> Msg {
        match self {
            Self::NotFound(m) | Self::Conflict(m) | Self::TooLarge(m) | Self::Unavailable(m) => m.clone(),
            Self::Invalid(fields) => fields.first().map_or_else(|| Msg::new("error-internal"), |f| f.msg.clone()),
            Self::Forbidden => Msg::new("error-forbidden"),
            Self::Unauthenticated => Msg::new("error-unauthenticated"),
            Self::Busy => Msg::new("error-busy"),
            Self::Setup(_) | Self::Internal(_) => Msg::new("error-internal"),
        }
    }

    /// What a person is told, in their language; several wrong fields are joined.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Invalid(fields) => {
                let all: Vec<String> = fields.iter().map(|f| f.msg.text(lang)).collect();
                all.join(if lang == Lang::ZhCn { "；" } else { "; " })
            }
            Self::Setup(s) => s.clone(),
            other => other.msg().text(lang),
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(e: sea_orm::DbErr) -> Self {
        use sea_orm::SqlErr;
        match e.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) => {
                return taken(&what);
            }
            _ if is_foreign_key(&e) => return Self::conflict("error-in-use"),
            _ => {}
        }
        match fault(&e) {
            Some(Fault::Busy) => Self::Busy,
            Some(Fault::Full) => Self::unavailable("error-disk-full"),
            Some(Fault::Gone) => Self::unavailable("error-database-gone"),
            None => Self::Internal(e.to_string()),
        }
    }
}

/// What failed around the statement rather than in it.
enum Fault {
    Busy,
    Full,
    Gone,
}

/// Codes: SQLite's primary result codes (5 busy, 6 locked, 13 full, 10 input or output, 14 cannot open), with the
/// extended ones in the higher bytes; PostgreSQL's SQLSTATE classes 08 (connection), 53 (resources), 57P (stopped by an
/// administrator or a crash).
fn fault(e: &sea_orm::DbErr) -> Option<Fault> {
    use sea_orm::sqlx::Error as Sqlx;
    use sea_orm::{DbErr, RuntimeErr};
    let inner = match e {
        DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout) => return Some(Fault::Busy),
        DbErr::ConnectionAcquire(_) => return Some(Fault::Gone),
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => e,
        _ => return None,
    };
    match &**inner {
        Sqlx::PoolTimedOut => Some(Fault::Busy),
        Sqlx::Io(io) if io.kind() == std::io::ErrorKind::StorageFull => Some(Fault::Full),
        Sqlx::Io(_) | Sqlx::Tls(_) | Sqlx::PoolClosed | Sqlx::WorkerCrashed => Some(Fault::Gone),
        Sqlx::Database(e) => {
            let code = e.code().unwrap_or_default();
            if e.try_downcast_ref::<sea_orm::sqlx::sqlite::SqliteError>().is_some() {
                match code.parse::<u32>().unwrap_or(0) & 0xff {
                    5 | 6 => Some(Fault::Busy),
                    13 => Some(Fault::Full),
                    10 | 14 => Some(Fault::Gone),
                    _ => None,
                }
            } else if code == "53100" {
                Some(Fault::Full)
            } else if code.starts_with("08") || code.starts_with("57P") || code == "53300" {
                Some(Fault::Gone)
            } else if code == "40001" || code == "40P01" || code == "55P03" {
                Some(Fault::Busy)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Whether another row points at the one that was to go. SQLite reports `ON DELETE RESTRICT` under the code of a trigger
/// (1811), which sea-orm does not count among the foreign keys.
#[must_use]
pub fn is_foreign_key(e: &sea_orm::DbErr) -> bool {
    matches!(e.sql_err(), Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_)))
        || e.to_string().contains("FOREIGN KEY constraint failed")
}

/// What must be there once only, where people enter it: table, columns, the field of the form. The sentence is
/// `error-taken-TABLE`.
const ONCE: &[(&str, &[&str], &str)] = &[
    ("assessment", &["class_id"], ""),
    ("assessment_mark", &["component_id", "enrolment_id", "hand"], ""),
    ("assessment_review", &["open_key"], "reason"),
    ("completion", &["valid_key"], ""),
    ("formation", &["region_code", "name_key"], "name"),
    ("formation_member", &["formation_id", "person_id", "starts_on"], "starts_on"),
    ("agreement", &["base_id", "campus_id", "number"], "number"),
    ("base", &["region_code", "code"], "code"),
    ("campus", &["name"], "name"),
    ("class", &["code"], "code"),
    ("class_session", &["class_id", "held_on", "slot"], "date"),
    ("cohort", &["code"], "code"),
    ("enrolment", &["cohort_id", "person_id"], ""),
    ("organisation", &["credit_code"], "credit_code"),
    ("person", &["id_hash"], "id_no"),
    ("placement", &["person_id", "base_id", "starts_on"], "starts_on"),
    ("project", &["county_code", "code"], "code"),
    ("region", &["code"], "code"),
    ("registration", &["cycle_id", "person_id", "level"], "level"),
    ("service_record", &["county_code", "record_no"], "record_no"),
    ("station", &["county_code", "code"], "code"),
    ("station_check", &["station_id", "standard", "checked_on"], "checked_on"),
    ("supervisor", &["base_id", "name"], "name"),
];

/// A second row of what must be there once: SQLite names `table.column`s, PostgreSQL the index `uq_table_columns`.
fn taken(text: &str) -> Error {
    let known = ONCE.iter().find(|(table, columns, _)| {
        let listed: Vec<String> = columns.iter().map(|c| format!("{table}.{c}")).collect();
        text.ends_with(&listed.join(", ")) || text.contains(&format!("\"uq_{table}_{}\"", columns.join("_")))
    });
    match known {
        Some((table, ..)) => Error::Conflict(Msg::new(&format!("error-taken-{}", table.replace('_', "-")))),
        None => Error::conflict("error-taken"),
    }
}

/// The field of the form at which a conflict of [`Error::Conflict`] is to be said; empty for the form as a whole.
#[must_use]
pub fn taken_field(msg: &Msg) -> &'static str {
    let table = msg.key.strip_prefix("error-taken-").map(|t| t.replace('-', "_"));
    ONCE.iter().find(|(t, ..)| table.as_deref() == Some(*t)).map_or("", |(_, _, field)| field)
}
