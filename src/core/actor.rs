//! Who acts: a signed-in person, an API token, the command line or a job. Only values; how one signs in is `auth`'s.

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::i18n::Lang;

/// What a person may do (design: "Who does what"). `Public` is anybody who has not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Administrator,
    Trainer,
    Supervisor,
    Intern,
    Observer,
}

impl Role {
    pub const ALL: [Self; 5] = [Self::Administrator, Self::Trainer, Self::Supervisor, Self::Intern, Self::Observer];

    /// The name in table, API and command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Trainer => "trainer",
            Self::Supervisor => "supervisor",
            Self::Intern => "intern",
            Self::Observer => "observer",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

/// What rows a user may see. An administrator or observer without a region sees all; a trainer, supervisor or intern
/// without a scope sees nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Region codes; everything below them too.
    pub regions: Vec<String>,
    pub cohorts: Vec<i64>,
    pub classes: Vec<i64>,
    pub bases: Vec<i64>,
}

/// How the call came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Page,
    Api,
    CommandLine,
    Job,
}

#[derive(Clone, Debug)]
pub struct Actor {
    /// Absent for the command line and for jobs.
    pub user_id: Option<i64>,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub lang: Lang,
    /// The person behind an intern's account.
    pub person_id: Option<i64>,
    pub scope: Scope,
    pub via: Via,
    /// Must change the one-time password before anything else.
    pub one_time: bool,
}

/// The command line's name in the audit.
const COMMAND_LINE: &str = "command line";

impl Actor {
    /// The command line: whoever can run the binary on the database file owns it.
    #[must_use]
    pub fn command_line() -> Self {
        Self::machine(COMMAND_LINE, Via::CommandLine)
    }

    /// The name kept in the audit as a reader sees it: the command line's in the reader's language, others as they are.
    #[must_use]
    pub fn shown_name(name: &str, lang: Lang) -> String {
        if name == COMMAND_LINE { super::i18n::text(lang, "actor-command-line", &[]) } else { name.to_owned() }
    }

    /// A scheduled job.
    #[must_use]
    pub fn job(name: &str) -> Self {
        Self::machine(name, Via::Job)
    }

    fn machine(name: &str, via: Via) -> Self {
        Self {
            user_id: None,
            login: String::new(),
            name: name.to_owned(),
            role: Role::Administrator,
            lang: Lang::ZhCn,
            person_id: None,
            scope: Scope::default(),
            via,
            one_time: false,
        }
    }

    #[must_use]
    pub fn is(&self, roles: &[Role]) -> bool {
        roles.contains(&self.role)
    }

    /// Use cases call this first: the routes' table guards the door, this guards the room.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn require(&self, roles: &[Role]) -> Result<()> {
        if self.is(roles) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Sees every row: an administrator or observer without a region.
    #[must_use]
    pub fn sees_all(&self) -> bool {
        matches!(self.role, Role::Administrator | Role::Observer) && self.scope.regions.is_empty()
    }

    /// May see names and numbers of people at all (an observer sees figures only).
    #[must_use]
    pub fn sees_identities(&self) -> bool {
        self.role != Role::Observer
    }
}
