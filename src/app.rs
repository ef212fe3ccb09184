//! The composition: the only file that knows every feature. Pages, API structs and menu lines stand in one list each;
//! who may open them stands in [`permissions`].

pub mod health;
pub mod permissions;

use std::sync::Arc;
use std::time::Duration;

use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Endpoint, EndpointExt, Response, Route, Server};
use poem_openapi::{OpenApi, OpenApiService};

use crate::auth::Sessions;
use crate::core::{Error, Result};
use crate::db::Cx;
use crate::web::{Entry, Frame, Pages, Site, Skin, Table, metrics::Metrics};
use crate::{api, auth, web};

/// Where the API begins.
pub const API_ROOT: &str = "/api/v1";

/// Time that requests under way get when the server is told to stop.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// The menu, in the order shown. The first four that a role may open stand in the bottom bar of a phone, so what an
/// intern or a supervisor does daily stands early. A line whose page a role may not open is not shown to it.
pub const NAV: &[Entry] = &[
    Entry { path: "/", label: "nav-home", icon: "home", roles: &[] },
    // practicum: the pages of interns and supervisors
    // people
    // cohorts
    // importing
    // classes
    // exams
    // certificates
    // reports
    // directory
    // reminders, outbox
    // jobs
    // admin
];

/// The pages of every feature: a line a feature.
const PAGES: &[fn(Pages) -> Pages] = &[
    frame_pages,
    auth::pages::routes,
    // directory
    // people
    // cohorts
    // importing
    // certificates
    // practicum
    // classes
    // exams
    // reminders
    // reports
    // admin
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
        .get("/healthz", health::healthz)
        .get("/readyz", health::readyz)
        .get("/metrics", health::metrics)
        .get("/", health::start)
}

/// Every operation of every feature: a line a feature. Tuples take at most 16; a feature may give a tuple itself.
#[rustfmt::skip]
fn operations() -> impl OpenApi {
    (
        api::me::MeApi,
        // directory
        // people
        // cohorts
        // importing
        // certificates
        // practicum
        // classes
        // exams
        // reminders
        // reports
        // jobs
        // admin
        (),
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
    service().spec()
}

/// The whole application as one endpoint.
#[must_use]
pub fn build(cx: Cx) -> impl Endpoint<Output = Response> + 'static {
    let site = Arc::new(Site { table: Table::new(permissions::TABLE), nav: NAV, metrics: Metrics::default() });
    let api = Frame {
        cx: cx.clone(),
        site: site.clone(),
        auth: Sessions::Bearer,
        skin: Skin::Api(api::problem::respond),
        inner: Route::new().nest(API_ROOT, service()),
    };
    let pages = Frame { cx, site, auth: Sessions::Cookie, skin: Skin::Page, inner: pages().into_route() };
    Route::new().nest_no_strip(API_ROOT, api).nest_no_strip("/", pages).map_to_response()
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
    Server::new_with_acceptor(acceptor)
        .run_with_graceful_shutdown(build(cx), stop_signal(), Some(SHUTDOWN))
        .await
        .map_err(Error::internal)
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
