//! A person typed into a form, judged as a roster's row is. Pure.

use crate::core::{FieldError, Msg};
use crate::people::ops::Incoming;
use crate::people::rules::id_no::{self, IdNo};
use crate::people::rules::id_type::IdType;
use crate::people::rules::{name, phone};

/// What was typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Typed<'a> {
    pub name: &'a str,
    /// A code of [`IdType`]; empty is a resident's card.
    pub id_type: &'a str,
    pub id_no: &'a str,
    pub phone: &'a str,
    pub email: &'a str,
    pub unit: &'a str,
    pub town: &'a str,
}

/// The person, or the wrong fields with the sentences a roster would get.
///
/// # Errors
/// Every field that is wrong.
pub fn person(t: &Typed<'_>) -> Result<Incoming, Vec<FieldError>> {
    let mut wrong = Vec::new();
    let mut bad = |field: &str, code: &str, value: &str| {
        let msg = Msg::new(&format!("people-form-{}", code.replace('_', "-"))).with("value", value);
        wrong.push(FieldError { field: field.to_owned(), msg });
    };
    let name_read = name::read(t.name.trim());
    if t.name.trim().is_empty() {
        bad("name", "name_missing", "");
    } else if name_read.is_err() {
        bad("name", "name_characters", t.name);
    }
    let id_type = if t.id_type.is_empty() { Some(IdType::default()) } else { IdType::from_code(t.id_type) };
    if id_type.is_none() {
        bad("id_type", "id_type_unknown", t.id_type);
    }
    let id = id_type.map(|kind| id_no::check(&id_no::tidy(t.id_no), kind));
    if let Some(Err(p)) = &id {
        let code = match p.code {
            "id_missing"
            | "id_length"
            | "id_check_digit"
            | "id_birth_impossible"
            | "id_15_digits"
            | "id_type_number_disagree" => p.code,
            "id_cut_by_spreadsheet" => "id_check_digit",
            _ => "id_characters",
        };
        bad("id_no", code, "");
    }
    let phone_read = phone::read(t.phone);
    if phone_read.is_err() {
        bad("phone", "phone_format", t.phone);
    }
    let email = t.email.trim();
    if !email.is_empty() && !email.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.')) {
        bad("email", "email_format", email);
    }
    let (Some(kind), Some(Ok(id)), true) = (id_type, id, wrong.is_empty()) else { return Err(wrong) };
    Ok(incoming(t, kind, &id, phone_read.ok().flatten().unwrap_or_default()))
}

fn incoming(t: &Typed<'_>, kind: IdType, id: &IdNo, phone: String) -> Incoming {
    Incoming {
        id_type: kind.code().to_owned(),
        id_no: id.number.clone(),
        name: name::tidy(t.name),
        name_key: name::key(t.name),
        sex: id.sex.map_or("", id_no::Sex::code).to_owned(),
        birth: id.birth.map(|d| d.to_string()).unwrap_or_default(),
        phone,
        email: t.email.trim().to_owned(),
        unit: t.unit.trim().to_owned(),
        town: t.town.trim().to_owned(),
        ..Incoming::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_person_is_judged_field_by_field() {
        let good = Typed { name: "甲某", id_no: "11010519491231002x", phone: "199 0000 0001", ..Typed::default() };
        let p = person(&good).unwrap();
        assert_eq!(
            (p.id_no.as_str(), p.sex.as_str(), p.birth.as_str()),
            ("11010519491231002X", "female", "1949-12-31")
        );
        let cases: [(Typed<'_>, &[&str]); 5] = [
            (Typed { name: "", ..good }, &["name"]),
            (Typed { id_no: "110105194912310021", ..good }, &["id_no"]),
            (Typed { id_type: "library_card", ..good }, &["id_type"]),
            (Typed { phone: "=1+1", email: "x", ..good }, &["phone", "email"]),
            (Typed { id_no: "", name: " ", ..good }, &["name", "id_no"]),
        ];
        for (typed, fields) in cases {
            let wrong = person(&typed).unwrap_err();
            let got: Vec<&str> = wrong.iter().map(|w| w.field.as_str()).collect();
            assert_eq!(got, fields, "{typed:?}");
        }
    }
}
