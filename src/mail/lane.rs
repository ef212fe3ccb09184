//! One line to the mail server, kept open from mail to mail. Without a server: files.
//!
//! The commands of a mail are given one by one rather than by lettre's pool, for two reasons: after a refused address
//! the connection is reset and kept, and when a connection breaks it is known whether the content had gone out. Every
//! mail runs under one time limit; lettre's own covers connecting only.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};

use super::rules::Outcome;
use crate::core::config::{self, MailSecurity, Settings};

/// Where mails go.
#[derive(Clone, Debug)]
pub enum Route {
    Smtp(Box<config::Mail>),
    /// `data.dir`/mail
    Files(PathBuf),
}

impl Route {
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        if settings.mail.host.is_empty() {
            Self::Files(settings.data.dir.join("mail"))
        } else {
            Self::Smtp(Box::new(settings.mail.clone()))
        }
    }
}

/// The file of a mail that was written rather than sent.
#[must_use]
pub fn file_of(dir: &Path, outbox_id: i64) -> PathBuf {
    dir.join(format!("{outbox_id:08}.eml"))
}

/// How far the mail under way has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Connecting,
    Envelope,
    /// The content is on its way: without an answer nobody knows whether it was taken.
    Content,
}

enum Trouble {
    Mail(Outcome),
    /// The server had closed a line that was kept open: nobody's fault, try on a new one.
    Stale,
}

/// See [`self`].
pub struct Lane {
    route: Route,
    line: Option<AsyncSmtpConnection>,
    stage: Stage,
}

impl Lane {
    #[must_use]
    pub fn new(route: Route) -> Self {
        Self { route, line: None, stage: Stage::Connecting }
    }

    /// Sends one mail, whatever it takes within the time limit.
    pub async fn send(&mut self, outbox_id: i64, envelope: &Envelope, content: &[u8]) -> Outcome {
        let settings = match &self.route {
            Route::Files(dir) => return to_file(dir, outbox_id, content).await,
            Route::Smtp(s) => s.clone(),
        };
        let limit = Duration::from_secs(settings.timeout_seconds.max(1));
        self.stage = Stage::Connecting;
        if let Ok(outcome) = tokio::time::timeout(limit, self.attempt(&settings, envelope, content)).await {
            return outcome;
        }
        self.line = None;
        let why = format!("no answer within {} s", limit.as_secs());
        match self.stage {
            Stage::Connecting => Outcome::Unreached(why),
            Stage::Envelope => Outcome::Again(why),
            Stage::Content => Outcome::Again(format!("{why} after the content: it may have arrived")),
        }
    }

    /// Says goodbye, if the line is still open.
    pub async fn close(mut self) {
        if let Some(mut line) = self.line.take() {
            let _ = tokio::time::timeout(Duration::from_secs(2), line.quit()).await;
        }
    }

    async fn attempt(&mut self, settings: &config::Mail, envelope: &Envelope, content: &[u8]) -> Outcome {
        if let Some(line) = self.line.take() {
            match self.dialogue(line, true, envelope, content).await {
                Ok(()) => return Outcome::Sent,
                Err(Trouble::Mail(outcome)) => return outcome,
                Err(Trouble::Stale) => {}
            }
        }
        self.stage = Stage::Connecting;
        let line = match connect(settings).await {
            Ok(line) => line,
            Err(e) => return Outcome::Unreached(format!("{}:{}: {e}", settings.host, settings.port)),
        };
        match self.dialogue(line, false, envelope, content).await {
            Ok(()) => Outcome::Sent,
            Err(Trouble::Mail(outcome)) => outcome,
            Err(Trouble::Stale) => Outcome::Again("the server closed the connection".to_owned()),
        }
    }

    async fn dialogue(
        &mut self,
        mut line: AsyncSmtpConnection,
        kept: bool,
        envelope: &Envelope,
        content: &[u8],
    ) -> Result<(), Trouble> {
        self.stage = Stage::Envelope;
        let result = match self.commands(&mut line, envelope, content).await {
            Ok(()) => {
                self.line = Some(line);
                return Ok(());
            }
            Err(e) => e,
        };
        let closing = result.status().is_some_and(|c| u16::from(c) == 421);
        let answered = result.status().is_some() && !closing;
        if answered {
            // The server is well; it did not want this mail. Only a line that can be reset is kept.
            if self.stage == Stage::Content || line.command(Rset).await.is_ok() {
                self.line = Some(line);
            }
        } else if kept && self.stage == Stage::Envelope && !result.is_client() {
            return Err(Trouble::Stale);
        }
        let why = reason(&result);
        let unsigned = result.status().is_some_and(|c| matches!(u16::from(c), 530 | 535 | 538));
        Err(Trouble::Mail(if unsigned {
            Outcome::Unreached(why)
        } else if result.is_permanent() || result.is_client() {
            Outcome::Never(why)
        } else if self.stage == Stage::Content && !answered {
            Outcome::Again(format!("{why} after the content: it may have arrived"))
        } else {
            Outcome::Again(why)
        }))
    }

    async fn commands(
        &mut self,
        line: &mut AsyncSmtpConnection,
        envelope: &Envelope,
        content: &[u8],
    ) -> Result<(), SmtpError> {
        let mut options = Vec::new();
        let beyond_ascii = envelope.to().iter().chain(envelope.from()).any(|a| !AsRef::<str>::as_ref(a).is_ascii());
        if beyond_ascii && line.server_info().supports_feature(Extension::SmtpUtfEight) {
            options.push(MailParameter::SmtpUtfEight);
        }
        if !content.is_ascii() && line.server_info().supports_feature(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        line.command(Mail::new(envelope.from().cloned(), options)).await?;
        for to in envelope.to() {
            line.command(Rcpt::new(to.clone(), Vec::new())).await?;
        }
        line.command(Data).await?;
        self.stage = Stage::Content;
        line.message(content).await?;
        Ok(())
    }
}

async fn connect(s: &config::Mail) -> Result<AsyncSmtpConnection, SmtpError> {
    let hello = ClientId::default();
    let limit = Some(Duration::from_secs(s.timeout_seconds.max(1)));
    let tls = match s.security {
        MailSecurity::None => None,
        MailSecurity::Tls | MailSecurity::Starttls => Some(TlsParameters::new_rustls(s.host.clone())?),
    };
    let at_once = tls.clone().filter(|_| s.security == MailSecurity::Tls);
    let mut line = AsyncSmtpConnection::connect_tokio1((s.host.as_str(), s.port), limit, &hello, at_once, None).await?;
    if let Some(tls) = tls.filter(|_| s.security == MailSecurity::Starttls) {
        line.starttls(tls, &hello).await?;
    }
    if !s.user.is_empty() {
        line.auth(DEFAULT_MECHANISMS, &Credentials::new(s.user.clone(), s.password.clone())).await?;
    }
    Ok(line)
}

/// The server's code and words, or what broke; one line, bounded.
fn reason(e: &SmtpError) -> String {
    e.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

async fn to_file(dir: &Path, outbox_id: i64, content: &[u8]) -> Outcome {
    let file = file_of(dir, outbox_id);
    let part = file.with_extension("part");
    let write = async {
        tokio::fs::create_dir_all(dir).await?;
        tokio::fs::write(&part, content).await?;
        tokio::fs::rename(&part, &file).await
    };
    match write.await {
        Ok(()) => Outcome::Sent,
        Err(e) => Outcome::Unreached(format!("{}: {e}", file.display())),
    }
}
