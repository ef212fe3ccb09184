//! The human documentation: one page made from the OpenAPI document, without a script.

use std::collections::BTreeMap;

use askama::Template;
use poem::Response;
use serde_json::{Map, Value};

use crate::web::{self, Ui};

/// Adds to the document what the framework does not know: the Idempotency-Key of every POST. Anything unreadable is given
/// back as it is.
#[must_use]
pub fn finish(spec: &str) -> String {
    let Ok(mut doc) = serde_json::from_str::<Value>(spec) else { return spec.to_owned() };
    let header = serde_json::json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "description": "Any text of 1 to 200 characters. The same key with the same body gives the first answer again for \
                        24 hours; with another body 409.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
    });
    for path in doc.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        if let Some(post) = path.get_mut("post").and_then(Value::as_object_mut) {
            let parameters = post.entry("parameters").or_insert_with(|| Value::Array(Vec::new()));
            if let Some(list) = parameters.as_array_mut() {
                list.push(header.clone());
            }
        }
    }
    serde_json::to_string_pretty(&doc).unwrap_or_else(|_| spec.to_owned())
}

struct Chapter {
    name: String,
    text: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    parameters: Vec<Field>,
    /// Media type and schema of the body.
    body: Option<(String, Type)>,
    /// Status, words, schema.
    answers: Vec<(String, String, Option<Type>)>,
}

struct Field {
    name: String,
    place: String,
    kind: Type,
    required: bool,
    text: String,
}

/// A type in words; `link` names a schema of this page.
#[derive(Clone)]
struct Type {
    text: String,
    link: String,
}

struct Schema {
    name: String,
    text: String,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "api/docs.html")]
struct DocsPage {
    ui: Ui,
    version: String,
    text: String,
    chapters: Vec<Chapter>,
    schemas: Vec<Schema>,
}

/// The page.
///
/// # Errors
/// [`crate::core::Error::Internal`] when the document is not JSON.
pub fn page(ui: Ui, spec: &str) -> web::Result<Response> {
    let doc: Value = serde_json::from_str(spec).map_err(crate::core::Error::internal)?;
    let chapters = chapters(&doc);
    let schemas = object(&doc, "/components/schemas").map(|(name, v)| schema(name, v)).collect();
    let (version, text) = (string(&doc, "/info/version"), string(&doc, "/info/description"));
    web::html(&DocsPage { ui, version, text, chapters, schemas })
}

fn string(value: &Value, at: &str) -> String {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn object<'a>(value: &'a Value, at: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(at).and_then(Value::as_object).into_iter().flatten()
}

fn array<'a>(value: &'a Value, at: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(at).and_then(Value::as_array).into_iter().flatten()
}

fn chapters(doc: &Value) -> Vec<Chapter> {
    let root = string(doc, "/servers/0/url");
    let mut by_tag: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    for (path, methods) in object(doc, "/paths") {
        for (method, op) in methods.as_object().into_iter().flatten() {
            let tag = string(op, "/tags/0");
            by_tag.entry(tag).or_default().push(operation(method, &format!("{root}{path}"), op));
        }
    }
    let words: BTreeMap<String, String> =
        array(doc, "/tags").map(|t| (string(t, "/name"), string(t, "/description"))).collect();
    by_tag
        .into_iter()
        .map(|(name, operations)| Chapter { text: words.get(&name).cloned().unwrap_or_default(), name, operations })
        .collect()
}

fn operation(method: &str, path: &str, op: &Value) -> Operation {
    let parameters = array(op, "/parameters")
        .map(|p| Field {
            name: string(p, "/name"),
            place: string(p, "/in"),
            kind: type_of(p.get("schema").unwrap_or(&Value::Null)),
            required: p.get("required").and_then(Value::as_bool).unwrap_or(false),
            text: string(p, "/description"),
        })
        .collect();
    let body = object(op, "/requestBody/content")
        .next()
        .map(|(media, v)| (media.clone(), type_of(v.get("schema").unwrap_or(&Value::Null))));
    let answers = object(op, "/responses")
        .map(|(status, a)| {
            let kind = object(a, "/content").next().and_then(|(_, v)| v.get("schema")).map(type_of);
            (status.clone(), string(a, "/description"), kind)
        })
        .collect();
    Operation {
        id: string(op, "/operationId"),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: string(op, "/summary"),
        description: string(op, "/description"),
        parameters,
        body,
        answers,
    }
}

fn type_of(schema: &Value) -> Type {
    let reference = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref")).and_then(Value::as_str);
    if let Some(name) = reference.and_then(|r| r.rsplit('/').next()) {
        return Type { text: name.to_owned(), link: name.to_owned() };
    }
    if let Some(items) = schema.get("items") {
        let inner = type_of(items);
        return Type { text: format!("[{}]", inner.text), link: inner.link };
    }
    let values: Vec<&str> = array(schema, "/enum").filter_map(Value::as_str).collect();
    if !values.is_empty() {
        return Type { text: values.join(" | "), link: String::new() };
    }
    let (kind, format) = (string(schema, "/type"), string(schema, "/format"));
    Type { text: if format.is_empty() { kind } else { format!("{kind} ({format})") }, link: String::new() }
}

fn schema(name: &str, v: &Value) -> Schema {
    let required: Vec<&str> = array(v, "/required").filter_map(Value::as_str).collect();
    let fields = object(v, "/properties")
        .map(|(field, s)| Field {
            name: field.clone(),
            place: String::new(),
            kind: type_of(s),
            required: required.contains(&field.as_str()),
            text: string(s, "/description"),
        })
        .collect();
    Schema { name: name.to_owned(), text: string(v, "/description"), fields }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_post_gets_the_key_and_nothing_else_does() {
        let doc = r#"{"paths":{"/a":{"post":{},"get":{}}}}"#;
        let out: Value = serde_json::from_str(&finish(doc)).unwrap();
        assert_eq!(out["paths"]["/a"]["post"]["parameters"][0]["name"], "Idempotency-Key");
        assert_eq!(out["paths"]["/a"]["get"]["parameters"], Value::Null);
        assert_eq!(finish("no json"), "no json");
    }

    #[test]
    fn types_are_said_in_words() {
        for (schema, text, link) in [
            (r##"{"$ref":"#/components/schemas/Person"}"##, "Person", "Person"),
            (r##"{"type":"array","items":{"$ref":"#/x/Person"}}"##, "[Person]", "Person"),
            (r#"{"type":"string","format":"date"}"#, "string (date)", ""),
            (r#"{"type":"string","enum":["a","b"]}"#, "a | b", ""),
        ] {
            let got = type_of(&serde_json::from_str(schema).unwrap());
            assert_eq!((got.text.as_str(), got.link.as_str()), (text, link));
        }
    }
}
