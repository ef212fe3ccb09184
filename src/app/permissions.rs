//! Who may open what: the one table. What is not in it does not exist. `tests/it/permissions.rs` walks it with every
//! role and compares it with the routers and the API document. Rows a role may see are decided in the finders.

use crate::core::Role::{self, Administrator, Intern, Observer, Supervisor, Trainer};
use crate::web::access::Access::{Public, Roles, SignedIn};
use crate::web::access::Rule;

/// Administrators.
const ADMIN: &[Role] = &[Administrator];
/// Those who run the training.
const STAFF: &[Role] = &[Administrator, Trainer];
/// Those who see people's records; interns see their own.
pub const IDENTITIES: &[Role] = &[Administrator, Trainer, Supervisor, Intern];
/// Those who see figures.
pub const FIGURES: &[Role] = &[Administrator, Trainer, Observer];

/// Method, path, access.
pub const TABLE: &[Rule] = &[
    // The frame
    ("GET", "/", SignedIn),
    ("GET", "/assets/:file", Public),
    ("GET", "/healthz", Public),
    ("GET", "/readyz", Public),
    ("GET", "/metrics", Public),
    ("GET", "/api/openapi.json", Public),
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
];

/// The named lists of roles, for the features' own lines and tests.
pub const NAMED: &[(&str, &[Role])] =
    &[("admin", ADMIN), ("staff", STAFF), ("identities", IDENTITIES), ("figures", FIGURES)];

/// Keeps `Roles` in use while few lines need it.
pub const ADMIN_ONLY: crate::web::Access = Roles(ADMIN);
