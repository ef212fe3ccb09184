//! Who may open what: the one table. What is not in it does not exist. `tests/it/permissions.rs` walks it with every
//! role and compares it with the routers and the API document. Rows a role may see are decided in the finders.

use crate::core::Role::{Administrator, Intern, Observer, Supervisor, Trainer};
use crate::web::access::Access::{self, Public, Roles, SignedIn};
use crate::web::access::Rule;

/// Administrators.
const ADMIN: Access = Roles(&[Administrator]);
/// Those who run the training.
const STAFF: Access = Roles(&[Administrator, Trainer]);
/// Those who see people's records, each within their rows.
const RECORDS: Access = Roles(&[Administrator, Trainer, Supervisor, Intern]);
/// Those who see figures.
const FIGURES: Access = Roles(&[Administrator, Trainer, Observer]);
/// Those who see registrations and results with names, an intern only their own.
const CANDIDATES: Access = Roles(&[Administrator, Trainer, Intern]);
/// Those who see an exam year's windows and head counts.
const FIGURES_AND_OWN: Access = Roles(&[Administrator, Trainer, Intern, Observer]);

/// Those who see bases and campuses.
const PLACES: Access = Roles(&[Administrator, Trainer, Supervisor, Observer]);

/// Method, path, access; a block a feature.
#[rustfmt::skip]
pub const TABLE: &[Rule] = &[
    // The frame
    ("GET", "/", SignedIn),
    ("GET", "/assets/:file", Public),
    ("GET", "/healthz", Public),
    ("GET", "/readyz", Public),
    ("GET", "/metrics", Public),
    ("GET", "/api/openapi.json", Public),
    ("GET", "/api/docs", Public),

    // Signing in, own account
    ("GET", "/sign-in", Public),
    ("POST", "/sign-in", Public),
    ("POST", "/sign-out", SignedIn),
    ("POST", "/language", Public),
    ("GET", "/account", SignedIn),
    ("GET", "/account/password", SignedIn),
    ("POST", "/account/password", SignedIn),
    ("POST", "/account/sign-out-everywhere", SignedIn),
    ("POST", "/account/tokens", SignedIn),
    ("POST", "/account/tokens/:id/revoke", SignedIn),
    ("GET", "/api/v1/me", SignedIn),

    // Directory
    ("GET", "/regions", FIGURES),
    ("POST", "/regions", ADMIN),
    ("POST", "/regions/:code/rename", ADMIN),
    ("GET", "/bases", PLACES),
    ("GET", "/bases/new", ADMIN),
    ("POST", "/bases", ADMIN),
    ("GET", "/bases/:id", PLACES),
    ("GET", "/bases/:id/edit", ADMIN),
    ("POST", "/bases/:id", ADMIN),
    ("POST", "/bases/:id/supervisors", STAFF),
    ("GET", "/campuses", PLACES),
    ("POST", "/campuses", STAFF),
    ("GET", "/api/v1/regions", FIGURES),
    ("POST", "/api/v1/regions", ADMIN),
    ("PATCH", "/api/v1/regions/:code", ADMIN),
    ("GET", "/api/v1/campuses", PLACES),
    ("POST", "/api/v1/campuses", STAFF),
    ("GET", "/api/v1/bases", PLACES),
    ("POST", "/api/v1/bases", ADMIN),
    ("GET", "/api/v1/bases/:id", PLACES),
    ("POST", "/api/v1/bases/:id/supervisors", STAFF),

    // Organisations
    ("GET", "/organisations", FIGURES),
    ("GET", "/organisations/export", FIGURES),
    ("GET", "/organisations/new", ADMIN),
    ("POST", "/organisations", ADMIN),
    ("GET", "/organisations/:id", FIGURES),
    ("GET", "/organisations/:id/edit", ADMIN),
    ("POST", "/organisations/:id", ADMIN),
    ("GET", "/api/v1/organisations", FIGURES),
    ("POST", "/api/v1/organisations", ADMIN),
    ("GET", "/api/v1/organisations/:id", FIGURES),
    ("PUT", "/api/v1/organisations/:id", ADMIN),

    // Stations
    ("GET", "/stations", FIGURES),
    ("GET", "/stations/export", FIGURES),
    ("GET", "/stations/coverage", FIGURES),
    ("GET", "/stations/coverage/export", FIGURES),
    ("GET", "/stations/new", ADMIN),
    ("POST", "/stations", ADMIN),
    ("GET", "/stations/:id", FIGURES),
    ("GET", "/stations/:id/edit", ADMIN),
    ("POST", "/stations/:id", ADMIN),
    ("GET", "/stations/:id/checks/new", STAFF),
    ("POST", "/stations/:id/checks", STAFF),
    ("GET", "/stations/:id/checks/:check", FIGURES),
    ("GET", "/api/v1/stations", FIGURES),
    ("POST", "/api/v1/stations", ADMIN),
    ("GET", "/api/v1/stations/:id", FIGURES),
    ("PUT", "/api/v1/stations/:id", ADMIN),
    ("GET", "/api/v1/stations/:id/checks", FIGURES),
    ("POST", "/api/v1/stations/:id/checks", STAFF),
    ("GET", "/api/v1/station-coverage", FIGURES),

    // People
    ("GET", "/people", RECORDS),
    ("GET", "/people/:id", RECORDS),
    ("GET", "/people/:id/edit", STAFF),
    ("POST", "/people/:id", STAFF),
    ("POST", "/people/:id/active", ADMIN),
    ("POST", "/people/:id/reveal", STAFF),
    ("GET", "/api/v1/people", RECORDS),
    ("GET", "/api/v1/people/:id", RECORDS),
    ("PATCH", "/api/v1/people/:id", STAFF),
    ("POST", "/api/v1/people/:id/active", ADMIN),
    ("GET", "/api/v1/people/:id/timeline", RECORDS),

    // Cohorts
    ("GET", "/cohorts", FIGURES),
    ("POST", "/cohorts", STAFF),
    ("GET", "/cohorts/new", STAFF),
    ("GET", "/cohorts/:id", FIGURES),
    ("POST", "/cohorts/:id", STAFF),
    ("GET", "/cohorts/:id/edit", STAFF),
    ("GET", "/cohorts/:id/enrol", STAFF),
    ("POST", "/cohorts/:id/enrol", STAFF),
    ("POST", "/cohorts/:id/accounts", STAFF),
    ("POST", "/enrolments/:id/state", STAFF),
    ("GET", "/api/v1/cohorts", FIGURES),
    ("POST", "/api/v1/cohorts", STAFF),
    ("GET", "/api/v1/cohorts/:id", FIGURES),
    ("PATCH", "/api/v1/cohorts/:id", STAFF),
    ("GET", "/api/v1/cohorts/:id/members", STAFF),
    ("POST", "/api/v1/cohorts/:id/enrolments", STAFF),
    ("POST", "/api/v1/enrolments/:id/state", STAFF),

    // Importing; each kind says itself which of these roles may load it
    ("GET", "/imports", STAFF),
    ("GET", "/imports/new/:kind", STAFF),
    ("POST", "/imports/new/:kind", STAFF),
    ("GET", "/imports/form/:kind", STAFF),
    ("GET", "/imports/:id", STAFF),
    ("POST", "/imports/:id/commit", STAFF),
    ("POST", "/imports/:id/discard", STAFF),
    ("POST", "/imports/:id/undo", STAFF),
    ("GET", "/imports/:id/refused", STAFF),
    ("POST", "/api/v1/imports/files/:kind", STAFF),
    ("GET", "/api/v1/imports", STAFF),
    ("GET", "/api/v1/imports/:id", STAFF),
    ("GET", "/api/v1/imports/:id/problems", STAFF),
    ("POST", "/api/v1/imports/:id/undo", STAFF),

    // Certificates
    ("GET", "/certificates", STAFF),
    ("GET", "/certificates/new", STAFF),
    ("POST", "/certificates/new", STAFF),
    ("GET", "/certificates/:id", STAFF),
    ("POST", "/certificates/:id/correct", ADMIN),
    ("POST", "/certificates/:id/revoke", ADMIN),
    ("GET", "/api/v1/certificates", STAFF),
    ("POST", "/api/v1/certificates", STAFF),
    ("GET", "/api/v1/certificates/:id", STAFF),
    ("POST", "/api/v1/certificates/:id/correct", ADMIN),
    ("POST", "/api/v1/certificates/:id/revoke", ADMIN),

    // Practicum: interns their own hours; supervisors those at their bases
    ("GET", "/my-hours", Roles(&[Intern])),
    ("POST", "/my-hours", Roles(&[Intern])),
    ("GET", "/my-hours/:id", Roles(&[Intern])),
    ("POST", "/my-hours/:id", Roles(&[Intern])),
    ("POST", "/my-hours/:id/withdraw", Roles(&[Intern])),
    ("GET", "/hours", Roles(&[Administrator, Trainer, Supervisor])),
    ("POST", "/hours", Roles(&[Administrator, Supervisor])),
    ("GET", "/placements", Roles(&[Administrator, Trainer, Supervisor])),
    ("GET", "/placements/:id", Roles(&[Administrator, Trainer, Supervisor])),
    ("POST", "/placements/:id", STAFF),
    ("GET", "/api/v1/placements", RECORDS),
    ("POST", "/api/v1/placements", STAFF),
    ("GET", "/api/v1/placements/:id", RECORDS),
    ("PUT", "/api/v1/placements/:id", STAFF),
    ("GET", "/api/v1/hour-entries", RECORDS),
    ("POST", "/api/v1/hour-entries", Roles(&[Administrator, Trainer, Intern])),
    ("GET", "/api/v1/hour-entries/figures", SignedIn),
    ("POST", "/api/v1/hour-entries/confirm", Roles(&[Administrator, Supervisor])),
    ("POST", "/api/v1/hour-entries/return", Roles(&[Administrator, Supervisor])),
    ("GET", "/api/v1/hour-entries/:id", RECORDS),
    ("PUT", "/api/v1/hour-entries/:id", Roles(&[Administrator, Trainer, Intern])),
    ("POST", "/api/v1/hour-entries/:id/submit", Roles(&[Administrator, Trainer, Intern])),
    ("POST", "/api/v1/hour-entries/:id/withdraw", Roles(&[Administrator, Trainer, Intern])),

    // Classes
    ("GET", "/classes", Roles(&[Administrator, Trainer, Intern, Observer])),
    ("GET", "/classes/new", STAFF),
    ("POST", "/classes/new", STAFF),
    ("GET", "/classes/:id", Roles(&[Administrator, Trainer, Intern, Observer])),
    ("POST", "/classes/:id/state", STAFF),
    ("POST", "/classes/:id/sessions", STAFF),
    ("GET", "/class-sessions/:id", STAFF),
    ("POST", "/class-sessions/:id", STAFF),
    ("GET", "/api/v1/classes", Roles(&[Administrator, Trainer, Intern, Observer])),
    ("POST", "/api/v1/classes", STAFF),
    ("GET", "/api/v1/classes/:id", Roles(&[Administrator, Trainer, Intern, Observer])),
    ("PUT", "/api/v1/classes/:id", STAFF),
    ("POST", "/api/v1/classes/:id/state", STAFF),
    ("GET", "/api/v1/classes/:id/enrolments", Roles(&[Administrator, Trainer, Intern])),
    ("POST", "/api/v1/classes/:id/enrolments", STAFF),
    ("POST", "/api/v1/class-enrolments/:id/state", STAFF),
    ("GET", "/api/v1/classes/:id/sessions", Roles(&[Administrator, Trainer, Intern, Observer])),
    ("POST", "/api/v1/classes/:id/sessions", STAFF),
    ("GET", "/api/v1/class-sessions/:id/attendance", Roles(&[Administrator, Trainer, Intern])),
    ("POST", "/api/v1/class-sessions/:id/attendance", STAFF),

    // Exams
    ("GET", "/exams", FIGURES_AND_OWN),
    ("GET", "/exams/:scheme/:year", FIGURES_AND_OWN),
    ("POST", "/exams/:scheme/:year", STAFF),
    ("GET", "/exams/:scheme/:year/registrations", CANDIDATES),
    ("GET", "/exams/:scheme/:year/results", CANDIDATES),
    ("GET", "/exams/:scheme/:year/results/:person/:level", CANDIDATES),
    ("POST", "/exams/:scheme/:year/results/:person/:level", STAFF),
    ("POST", "/exams/:scheme/:year/results/:person/:level/decide", STAFF),
    ("GET", "/registrations/:id", CANDIDATES),
    ("POST", "/registrations/:id", STAFF),
    ("GET", "/api/v1/exam-cycles", FIGURES_AND_OWN),
    ("GET", "/api/v1/exam-cycles/:scheme/:year", FIGURES_AND_OWN),
    ("GET", "/api/v1/exam-cycles/:scheme/:year/registrations", CANDIDATES),
    ("GET", "/api/v1/exam-cycles/:scheme/:year/results", CANDIDATES),
    ("PUT", "/api/v1/exam-cycles/:scheme/:year/results", STAFF),
    ("PUT", "/api/v1/exam-cycles/:scheme/:year/decisions", STAFF),
    ("PUT", "/api/v1/registrations/:id", STAFF),

    // Reminders, outbox
    ("GET", "/reminders", STAFF),
    ("GET", "/reminders/calls", STAFF),
    ("GET", "/outbox", STAFF),
    ("GET", "/outbox/:id", STAFF),
    ("POST", "/outbox/:id/cancel", STAFF),
    ("POST", "/outbox/:id/resend", STAFF),
    ("GET", "/api/v1/reminders", STAFF),
    ("GET", "/api/v1/reminders/rules", STAFF),
    ("GET", "/api/v1/outbox", STAFF),
    ("GET", "/api/v1/outbox/:id", STAFF),
    ("POST", "/api/v1/outbox/:id/cancel", STAFF),
    ("POST", "/api/v1/outbox/:id/resend", STAFF),

    // Reports
    ("GET", "/tally", FIGURES),
    ("GET", "/tally/export", FIGURES),
    ("GET", "/tally/people", STAFF),
    ("GET", "/alarms", Roles(&[Administrator, Observer])),
    ("POST", "/alarms/:id/clear", ADMIN),
    ("GET", "/api/v1/tally", FIGURES),
    ("GET", "/api/v1/tally/people", STAFF),
    ("GET", "/api/v1/tally/snapshots", FIGURES),
    ("GET", "/api/v1/alarms", Roles(&[Administrator, Observer])),
    ("POST", "/api/v1/alarms/:id/clear", ADMIN),

    // Jobs
    ("GET", "/jobs", ADMIN),
    ("POST", "/jobs/:name/run", ADMIN),
    ("GET", "/api/v1/jobs", ADMIN),
    ("GET", "/api/v1/jobs/runs", ADMIN),
    ("POST", "/api/v1/jobs/:name/run", ADMIN),

    // Users, audit
    ("GET", "/users", STAFF),
    ("POST", "/users", STAFF),
    ("GET", "/users/new", STAFF),
    ("GET", "/users/:id", STAFF),
    ("POST", "/users/:id", STAFF),
    ("POST", "/users/:id/reset", STAFF),
    ("GET", "/users/cohort/:id", STAFF),
    ("POST", "/users/cohort/:id", STAFF),
    ("GET", "/audit", ADMIN),
    ("GET", "/api/v1/users", STAFF),
    ("POST", "/api/v1/users", STAFF),
    ("GET", "/api/v1/users/:id", STAFF),
    ("GET", "/api/v1/audit", ADMIN),
];
