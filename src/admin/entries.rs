//! Reading the audit log.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use serde_json::{Map, Value as Json};

use super::scopes;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Result, Role};
use crate::db::{self, Cx};

/// Tables whose rows are about one person.
const PERSONAL: &[&str] =
    &["enrolment", "placement", "hour_entry", "class_enrolment", "attendance", "registration", "result", "certificate"];

/// Columns that change with every change and say nothing.
const NOISE: &[&str] = &["version", "updated_at", "updated_by", "created_at", "created_by"];

/// One entry, with what changed.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub actor_id: Option<i64>,
    pub actor_name: String,
    pub action: String,
    pub entity: String,
    pub entity_id: i64,
    pub version: i64,
    pub import_id: Option<i64>,
    pub why: String,
    pub changes: Vec<FieldChange>,
}

/// One field before and after; empty where it was not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    pub field: String,
    pub before: String,
    pub after: String,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    actor_id: Option<i64>,
    actor_name: String,
    action: String,
    entity: String,
    entity_id: i64,
    version: i64,
    import_id: Option<i64>,
    before: Option<String>,
    after: Option<String>,
    why: Option<String>,
}

/// What the log is narrowed to; empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub entity: String,
    pub entity_id: Option<i64>,
    /// Everything about this person: their row and the rows that hang on it.
    pub person_id: Option<i64>,
    pub actor_id: Option<i64>,
}

/// Entries, newest first. Within a region: those of the accounts one may manage and one's own; the commands and jobs of
/// the system only without a region.
///
/// # Errors
/// [`crate::core::Error::Forbidden`] but for administrators.
pub async fn list(cx: &Cx, who: &Actor, filter: &Filter, page: &PageReq) -> Result<Page<Entry>> {
    who.require(&[Role::Administrator])?;
    let mut sql = String::from(
        "SELECT a.id, a.at, a.actor_id, a.actor_name, a.action, a.entity, a.entity_id, a.version, a.import_id, a.before, \
         a.after, a.why FROM audit_entry a WHERE 1 = 1",
    );
    let mut values: Vec<Value> = Vec::new();
    if !who.sees_all() {
        let (visible, own) = scopes::accounts_visible_to(who);
        sql += &format!(" AND (a.actor_id = ? OR a.actor_id IN (SELECT u.id FROM user_account u WHERE {visible}))");
        values.push(who.user_id.unwrap_or(0).into());
        values.extend(own);
    }
    if let Some(after) = page.after_id() {
        sql += " AND a.id < ?";
        values.push(after.into());
    }
    if !filter.entity.is_empty() {
        sql += " AND a.entity = ?";
        values.push(filter.entity.as_str().into());
    }
    if let Some(id) = filter.entity_id {
        sql += " AND a.entity_id = ?";
        values.push(id.into());
    }
    if let Some(id) = filter.actor_id {
        sql += " AND a.actor_id = ?";
        values.push(id.into());
    }
    if let Some(id) = filter.person_id {
        let mut any = vec!["(a.entity = 'person' AND a.entity_id = ?)".to_owned()];
        values.push(id.into());
        for table in PERSONAL {
            any.push(format!(
                "(a.entity = '{table}' AND a.entity_id IN (SELECT x.id FROM {table} x WHERE x.person_id = ?))"
            ));
            values.push(id.into());
        }
        sql += &format!(" AND ({})", any.join(" OR "));
    }
    sql += " ORDER BY a.id DESC LIMIT ?";
    values.push(i64::try_from(page.limit() + 1).unwrap_or(i64::MAX).into());
    let rows: Vec<Row> = db::rows(cx.read(), &sql, values).await?;
    Ok(Page::cut(rows, page.limit(), |r| r.id.to_string()).map(|r| Entry {
        changes: changes(r.before.as_deref(), r.after.as_deref()),
        id: r.id,
        at: r.at,
        actor_id: r.actor_id,
        actor_name: r.actor_name,
        action: r.action,
        entity: r.entity,
        entity_id: r.entity_id,
        version: r.version,
        import_id: r.import_id,
        why: r.why.unwrap_or_default(),
    }))
}

/// The fields that differ between two JSON objects, in the order of their names.
#[must_use]
pub fn changes(before: Option<&str>, after: Option<&str>) -> Vec<FieldChange> {
    let read = |text: Option<&str>| -> Map<String, Json> {
        text.and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default()
    };
    let (before, after) = (read(before), read(after));
    let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
    fields.sort();
    fields.dedup();
    fields
        .into_iter()
        .filter(|f| !NOISE.contains(&f.as_str()) && f.as_str() != "id")
        .map(|f| FieldChange { field: f.clone(), before: show(before.get(f)), after: show(after.get(f)) })
        .filter(|c| c.before != c.after)
        .collect()
}

fn show(value: Option<&Json>) -> String {
    match value {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(s)) => s.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let got = changes(
            Some(r#"{"id":7,"name":"王芳","phone":"1","version":1,"note":null}"#),
            Some(r#"{"id":7,"name":"王芳芳","phone":"1","version":2,"active":true}"#),
        );
        let change = |field: &str, before: &str, after: &str| FieldChange {
            field: field.into(),
            before: before.into(),
            after: after.into(),
        };
        assert_eq!(got, [change("active", "", "true"), change("name", "王芳", "王芳芳")]);
        assert!(changes(None, Some("no json")).is_empty());
        assert_eq!(changes(None, Some(r#"{"a":1}"#)), [change("a", "", "1")]);
    }
}
