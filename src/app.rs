//! The composition: the only file that knows every feature. Pages, API structs and menu lines stand in one list each;
//! who may open them stands in [`permissions`].

pub mod health;
mod kinds;
pub mod permissions;
pub mod record;
mod work;

pub use kinds::kinds;
pub use work::{jobs, post};

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Endpoint, EndpointExt, Response, Route, Server};
use poem_openapi::{OpenApi, OpenApiService};

use crate::auth::Sessions;
use crate::core::Role::{Administrator, Supervisor, Trainer};
use crate::core::config::Settings;
use crate::core::{Error, Msg, Result};
use crate::db::{self, Cx};
use crate::web::{Entry, Frame, Pages, Site, Skin, Table, metrics::Metrics};
use crate::{admin, api, auth, certificates, importing, jobs as job_engine, reminders, reports, schemes, web};

/// Where the API begins.
pub const API_ROOT: &str = "/api/v1";

/// Time that requests under way get when the server is told to stop.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// The menu, in the order shown. The first four that a role may open stand in the bottom bar of a phone, so what an
/// intern or a supervisor does daily stands early. A line whose page a role may not open is not shown to it.
pub const NAV: &[Entry] = &[
    Entry { path: "/", label: "nav-home", icon: "home", roles: &[] },
    Entry { path: "/my-hours", label: "practicum-my-title", icon: "clock", roles: &[] },
    Entry { path: "/hours", label: "practicum-waiting-title", icon: "check", roles: &[Supervisor] },
    Entry { path: "/people", label: "nav-people", icon: "people", roles: &[Administrator, Trainer, Supervisor] },
    Entry { path: "/cohorts", label: "nav-cohorts", icon: "cohort", roles: &[] },
    Entry { path: "/imports", label: "import-title", icon: "import", roles: &[] },
    Entry {
        path: "/placements",
        label: "practicum-placements",
        icon: "base",
        roles: &[Administrator, Trainer, Supervisor],
    },
    Entry { path: "/placing", label: "placing-title", icon: "cohort", roles: &[] },
    Entry { path: "/classes", label: "classes-title", icon: "class", roles: &[] },
    Entry { path: "/lecturers", label: "lecturer-title", icon: "people", roles: &[] },
    Entry { path: "/my-results", label: "assessment-own-title", icon: "check", roles: &[] },
    Entry { path: "/completions", label: "completion-title", icon: "certificate", roles: &[] },
    Entry { path: "/honours", label: "honour-title", icon: "check", roles: &[] },
    Entry { path: "/formations", label: "formation-title", icon: "people", roles: &[] },
    Entry { path: "/exams", label: "exams-title", icon: "exam", roles: &[] },
    Entry { path: "/eligibility", label: "eligible-title", icon: "check", roles: &[] },
    Entry { path: "/certificates", label: "nav-certificates", icon: "certificate", roles: &[] },
    Entry { path: "/my-placing", label: "placing-my-title", icon: "base", roles: &[] },
    Entry { path: "/tally", label: "nav-tally", icon: "tally", roles: &[] },
    Entry { path: "/figures", label: "figures-title", icon: "tally", roles: &[] },
    Entry { path: "/bases", label: "nav-bases", icon: "base", roles: &[] },
    Entry { path: "/regions", label: "nav-regions", icon: "region", roles: &[] },
    // directory
    Entry { path: "/stations", label: "station-title", icon: "base", roles: &[] },
    Entry { path: "/service-records", label: "service-title", icon: "check", roles: &[] },
    Entry { path: "/projects", label: "project-title", icon: "exam", roles: &[] },
    Entry { path: "/employments", label: "employment-title", icon: "people", roles: &[] },
    Entry { path: "/organisations", label: "organisation-title", icon: "cohort", roles: &[] },
    Entry { path: "/reminders", label: "reminders-title", icon: "bell", roles: &[] },
    Entry { path: "/outbox", label: "mail-title", icon: "mail", roles: &[] },
    Entry { path: "/jobs", label: "jobs-title", icon: "jobs", roles: &[] },
    Entry { path: "/users", label: "nav-users", icon: "users", roles: &[] },
    Entry { path: "/audit", label: "nav-audit", icon: "audit", roles: &[] },
];

/// The pages of every feature: a line a feature.
const PAGES: &[fn(Pages) -> Pages] = &[
    frame_pages,
    auth::pages::routes,
    crate::directory::pages::routes,
    crate::organisations::pages::routes,
    crate::stations::pages::routes,
    crate::people::pages::routes,
    crate::employments::pages::routes,
    crate::cohorts::pages::routes,
    importing::pages::routes,
    certificates::pages::routes,
    crate::practicum::pages::routes,
    crate::placing::pages::routes,
    crate::projects::pages::routes,
    crate::services::pages::routes,
    crate::lecturers::pages::routes,
    crate::classes::pages::routes,
    crate::feedback::pages::routes,
    crate::classes::completion::pages::routes,
    crate::assessments::pages::routes,
    crate::honours::pages::routes,
    crate::formations::pages::routes,
    crate::exams::pages::routes,
    crate::eligibility::pages::routes,
    // exams
    reports::pages::routes,
    reminders::pages::routes,
    admin::routes,
];

/// Every page.
#[must_use]
pub fn pages() -> Pages {
    PAGES.iter().fold(Pages::default(), |pages, add| add(pages))
}

fn frame_pages(pages: Pages) -> Pages {
    pages
        .get("/assets/:file", web::assets::serve)
        .get("/api/openapi.json", health::spec)
        .get("/api/docs", health::docs)
        .get("/healthz", health::healthz)
        .get("/readyz", health::readyz)
        .get("/metrics", health::metrics)
}

/// Every operation of every feature: a line a feature. Tuples take at most 16; a feature may give a tuple itself.
#[rustfmt::skip]
fn operations() -> impl OpenApi {
    (
        api::me::MeApi,
        (crate::directory::api::DirectoryApi, crate::directory::api::AgreementsApi, crate::people::api::PeopleApi, crate::cohorts::api::CohortsApi),
        importing::api::ImportsApi,
        certificates::api::CertificatesApi,
        (crate::exams::api::ExamsApi, crate::eligibility::api::EligibilityApi),
        (crate::practicum::api::PracticumApi, crate::practicum::api::SupervisionApi, crate::placing::api::PlacingApi),
        (
            crate::classes::api::ClassesApi,
            crate::classes::api::SessionsApi,
            crate::classes::api::RequestsApi,
            crate::lecturers::api::LecturersApi,
            crate::feedback::api::FeedbackApi,
        ),
        (
            crate::classes::completion::api::CompletionApi,
            crate::assessments::api::AssessmentsApi,
            crate::honours::api::HonoursApi,
            crate::formations::api::FormationsApi,
        ),
        // exams
        (
            crate::organisations::api::OrganisationsApi,
            crate::stations::api::StationsApi,
            crate::employments::api::EmploymentsApi,
            crate::projects::api::ProjectsApi,
            crate::services::api::ServicesApi,
        ),
        reports::api::ReportsApi,
        (reminders::api::RemindersApi, reminders::outbox_api::OutboxApi),
        admin::jobs_api::JobsApi,
        admin::api::AdminApi,
    )
}

fn service() -> OpenApiService<impl OpenApi, ()> {
    OpenApiService::new(operations(), "Yanzhen", env!("CARGO_PKG_VERSION"))
        .summary("Training and certification tracker for social-work talent")
        .description(
            "Bearer tokens are made on the account page or with `yanzhen token create`. Lists are keyset pages \
             (`limit`, `after`, `next`). Errors are `application/problem+json`.",
        )
        .server(API_ROOT)
}

/// The OpenAPI document as JSON.
#[must_use]
pub fn openapi_spec() -> String {
    api::docs::finish(&service().spec())
}

/// The whole application as one endpoint.
#[must_use]
pub fn build(cx: Cx) -> impl Endpoint<Output = Response> + 'static {
    let (kinds, post) = (kinds(), post(&cx));
    // A program whose jobs.toml cannot be read does not start serving: this only keeps the pages whole.
    let jobs = jobs(&cx).unwrap_or_else(|_| work::unscheduled());
    let site = Arc::new(Site { table: Table::new(permissions::TABLE), nav: NAV, metrics: Metrics::default() });
    let api = Frame {
        cx: cx.clone(),
        site: site.clone(),
        auth: Sessions::Bearer,
        skin: Skin::Api(api::problem::respond),
        inner: api::intake::Intake(Route::new().nest(API_ROOT, service())),
    };
    let pages = Frame { cx, site, auth: Sessions::Cookie, skin: Skin::Page, inner: pages().into_route() };
    Route::new()
        .nest_no_strip(API_ROOT, api)
        .nest_no_strip("/", pages)
        .data(kinds)
        .data(post)
        .data(jobs)
        .data(record::providers())
        .map_to_response()
}

/// Writes the log to standard error; `RUST_LOG` chooses what.
pub fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn,sea_orm=warn,html5ever=error"));
    // A second call (several command lines in one test process) keeps the first writer.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}

/// Reads and checks every rule file; gives what was found, for people.
///
/// # Errors
/// [`Error::Setup`] naming file and key.
pub fn check(settings: &Settings) -> Result<Vec<String>> {
    let files = settings.rule_files();
    let rules = schemes::load(&files)?;
    let mut found: Vec<String> = rules.all().map(|s| s.code.clone()).collect();
    found.extend(crate::stations::standard::load(&files)?.into_iter().map(|s| s.code));
    crate::services::kinds::load(&files)?;
    crate::practicum::programme::load(&files, &rules)?;
    crate::classes::config::load(&files)?;
    crate::classes::completion::config::load(&files)?;
    let schedules = job_engine::schedule::read(&files.read("jobs.toml")?, settings.time.zone)?;
    found.extend(schedules.iter().map(|s| s.name.clone()));
    work::check(schedules)?;
    found.extend(reminders::rules::read(&files, settings.time.zone)?.into_iter().map(|r| r.name));
    Ok(found)
}

/// Serves until interrupted (Ctrl-C or SIGTERM), then lets requests under way finish.
///
/// # Errors
/// [`Error::Setup`] when the port is taken or may not be opened.
pub async fn serve(cx: Cx) -> Result<()> {
    let (bind, port) = (cx.settings.server.bind, cx.settings.server.port);
    let acceptor = TcpListener::bind((bind, port)).into_acceptor().await.map_err(|e| {
        Error::Setup(format!(
            "server.port: cannot listen on {bind}:{port}: {e}. Choose another with server.port (YANZHEN__SERVER__PORT) or \
             stop the program that uses it."
        ))
    })?;
    let address = acceptor.local_addr().first().and_then(|a| a.as_socket_addr().copied());
    let port = address.map_or(port, |a| a.port());
    println!("Yanzhen {} listens on http://{bind}:{port}", env!("CARGO_PKG_VERSION"));
    let jobs = jobs(&cx)?;
    importing::background::resume(&cx, &kinds(), |id| auth::session::actor_of(&cx, id)).await?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let worker = tokio::spawn(job_engine::worker::work(cx.clone(), jobs, stopped));
    let served = Server::new_with_acceptor(acceptor)
        .run_with_graceful_shutdown(build(cx), stop_signal(), Some(SHUTDOWN))
        .await
        .map_err(Error::internal);
    // The worker ends what it has begun; a task that takes longer keeps its lease and is taken up after the restart.
    stop.send_replace(true);
    if tokio::time::timeout(SHUTDOWN, worker).await.is_err() {
        tracing::warn!("work under way did not end in time; it will be taken up after the restart");
    }
    served
}

/// A scope as the command line writes it (`region:CODE`, `cohort:CODE`, `class:CODE`, `base:CODE`), as `user_scope` keeps it.
///
/// # Errors
/// [`Error::Invalid`] when it names nothing.
pub async fn scope_of(cx: &Cx, text: &str) -> Result<(&'static str, String)> {
    let wrong = || Error::field("scope", Msg::new("cli-scope-unknown").with("scope", text));
    let (kind, code) = text.split_once(':').ok_or_else(wrong)?;
    let (kind, sql) = match kind {
        "region" => return Ok(("region", code.to_owned())),
        "cohort" => ("cohort", "SELECT id FROM cohort WHERE code = ?"),
        "class" => ("class", "SELECT id FROM class WHERE code = ?"),
        "base" => ("base", "SELECT id FROM base WHERE code = ?"),
        _ => return Err(wrong()),
    };
    let id = db::int(cx.read(), sql, [code.into()]).await?.ok_or_else(wrong)?;
    Ok((kind, id.to_string()))
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn stop_signal() {
    #[cfg(unix)]
    if let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = term.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    // Without a handler for the signal there is nothing to wait for but the end of the process.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
