//! The audit log as a page.

use std::collections::HashSet;

use askama::Template;
use poem::{Response, handler};
use serde::Deserialize;

use super::entries::{self, Entry, Filter};
use crate::core::page::{Page, PageReq};
use crate::importing::run;
use crate::web::{self, Pages, Query, Ui, percent};

/// The pages of the audit log.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/audit", list)
}

/// The tables that can be chosen; texts `audit-entity-…`.
const ENTITIES: &[&str] = &[
    "person",
    "enrolment",
    "placement",
    "placing_round",
    "placing_slot",
    "placing_student",
    "placing_wish",
    "placing_line",
    "hour_entry",
    "hour_photo",
    "supervision_note",
    "evaluation",
    "confirm_link",
    "class",
    "class_session",
    "attendance",
    "registration",
    "result",
    "certificate",
    "cohort",
    "campus",
    "base",
    "agreement",
    "user_account",
    "api_token",
    "import_run",
    "outbox",
    "region",
];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    entity: Option<String>,
    id: Option<i64>,
    person: Option<i64>,
    actor: Option<i64>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/pages/audit.html")]
struct AuditPage {
    ui: Ui,
    asked: Asked,
    entities: Vec<(String, String)>,
    page: Page<Entry>,
    next: Option<String>,
    first: String,
    /// The imports whose page opens for the reader.
    imports: HashSet<i64>,
}

impl AuditPage {
    fn opens(&self, import: &i64) -> bool {
        self.imports.contains(import)
    }

    fn number(id: &Option<i64>) -> String {
        id.map_or_else(String::new, |i| i.to_string())
    }

    fn action(&self, name: &str) -> String {
        or_plain(&self.ui, "audit-action-", name)
    }

    fn entity(&self, name: &str) -> String {
        or_plain(&self.ui, "audit-entity-", name)
    }
}

/// The text of a name that features made; the name itself where there is no text.
fn or_plain(ui: &Ui, prefix: &str, name: &str) -> String {
    let key = format!("{prefix}{}", name.replace('_', "-"));
    if crate::core::i18n::has(ui.lang(), &key) { ui.t(&key) } else { name.to_owned() }
}

#[handler]
async fn list(ui: Ui, Query(asked): Query<Asked>) -> web::Result<Response> {
    let filter = Filter {
        entity: asked.entity.clone().unwrap_or_default(),
        entity_id: asked.id,
        person_id: asked.person,
        actor_id: asked.actor,
    };
    let req = PageReq { after: asked.after.clone(), limit: None };
    let page = entries::list(&ui.cx, ui.actor()?, &filter, &req).await?;
    let imports: Vec<i64> = page.items.iter().filter_map(|e| e.import_id).collect();
    let imports = run::seen_among(ui.cx.read(), ui.actor()?, &imports).await?;
    let mut first = format!("/audit?entity={}", percent(&filter.entity));
    for (name, id) in [("id", asked.id), ("person", asked.person), ("actor", asked.actor)] {
        if let Some(id) = id {
            first += &format!("&{name}={id}");
        }
    }
    let next = page.next.as_ref().map(|n| format!("{first}&after={}", percent(n)));
    let mut entities = vec![(String::new(), ui.t("web-all"))];
    entities.extend(ENTITIES.iter().map(|e| ((*e).to_owned(), or_plain(&ui, "audit-entity-", e))));
    web::html(&AuditPage { imports, asked, entities, page, next, first, ui })
}
