//! Asking for a place: the link, who opens it, what they send.

use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait};
use serde::{Deserialize, Serialize};

use super::super::super::config;
use super::super::super::entity::{class, class_request};
use super::super::class::{ROLES, find, seen, store};
use super::{fresh, key_of, known};
use crate::audit;
use crate::core::actor::{Scope, Via};
use crate::core::{Actor, Error, FieldError, Lang, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::people::rules::id_type::IdType;
use crate::people::rules::{id_no, mail, name, phone};
use crate::records;

/// The purpose of the signature: a link for something else does not open this.
const PURPOSE: &str = "join-class";

/// Opens the link of self-registration, or closes it; opened again it is another link, and the one before stays dead.
///
/// # Errors
/// Forbidden; not found; changed meanwhile.
pub async fn join_link(cx: &Cx, who: &Actor, class_id: i64, version: i64, on: bool) -> Result<()> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let old = seen(find(&txn, who, class_id).await?, version)?;
    let join_key = if on { hex::encode(rand::random::<[u8; 8]>()) } else { String::new() };
    let row = class::Model { join_key, ..old.clone() };
    store(&txn, cx, who, &old, row).await?;
    txn.commit().await?;
    Ok(())
}

/// The signed part of the link's address; nothing while it is closed.
#[must_use]
pub fn join_token(cx: &Cx, class_id: i64, join_key: &str) -> Option<String> {
    if join_key.is_empty() {
        return None;
    }
    let sign = cx.seal.sign(PURPOSE, &format!("{class_id}:{join_key}"));
    Some(format!("{class_id}-{}", sign.get(..32).unwrap_or(&sign)))
}

/// A class as those see it who are asked to join.
#[derive(Clone, Debug)]
pub struct Joining {
    pub class: class::Model,
    /// People who have a place, and who wait.
    pub people: i64,
    pub waiting: i64,
}

/// Opens a link of self-registration.
///
/// # Errors
/// Not found when the signature is not ours or the link was closed; conflict when the class is closed.
pub async fn joining(cx: &Cx, token: &str) -> Result<Joining> {
    let class = opened(cx, cx.read(), token).await?;
    let sql = "SELECT COUNT(*) FROM class_enrolment WHERE class_id = ? AND state <> 'withdrawn'";
    let people = db::int(cx.read(), sql, [class.id.into()]).await?.unwrap_or(0);
    let sql = "SELECT COUNT(*) FROM class_request WHERE class_id = ? AND state IN ('asked', 'waiting')";
    let waiting = db::int(cx.read(), sql, [class.id.into()]).await?.unwrap_or(0);
    Ok(Joining { class, people, waiting })
}

async fn opened(cx: &Cx, db: &impl ConnectionTrait, token: &str) -> Result<class::Model> {
    let unknown = || Error::not_found("classes-join-unknown");
    let id: i64 = token.split_once('-').and_then(|(id, _)| id.parse().ok()).ok_or_else(unknown)?;
    let class = class::Entity::find_by_id(id).one(db).await?.ok_or_else(unknown)?;
    let good = join_token(cx, class.id, &class.join_key).ok_or_else(unknown)?;
    if !bool::from(subtle::ConstantTimeEq::ct_eq(good.as_bytes(), token.as_bytes())) {
        return Err(unknown());
    }
    if class.state == "closed" {
        return Err(Error::conflict("classes-join-closed"));
    }
    Ok(class)
}

/// What somebody writes of themselves who is not signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    pub name: String,
    pub id_type: String,
    pub id_no: String,
    pub phone: String,
    pub email: String,
    pub unit: String,
    #[serde(default)]
    pub note: String,
}

impl Applicant {
    /// The same, tidied.
    fn read(&self) -> Result<Self> {
        let mut wrong = Vec::new();
        let mut no = |field: &str, key: &str| wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
        let name = name::read(&self.name).map(|n| n.name).ok();
        if name.is_none() {
            no("name", "classes-join-name");
        }
        let kind = IdType::from_code(&self.id_type);
        if kind.is_none() {
            no("id_type", "classes-join-id-type");
        }
        let number = kind.and_then(|k| id_no::check(&id_no::tidy(&self.id_no), k).ok());
        if number.is_none() && kind.is_some() {
            no("id_no", "classes-join-id-no");
        }
        let phone = phone::read(&self.phone).ok().flatten();
        if phone.is_none() {
            no("phone", "classes-join-phone");
        }
        let email = self.email.trim();
        if !email.is_empty() && !mail::is_address(email) {
            no("email", "classes-join-email");
        }
        if self.unit.chars().count() > 100 || self.note.chars().count() > 500 {
            no("note", "classes-text-long");
        }
        match (name, kind, number, phone) {
            (Some(name), Some(kind), Some(number), Some(phone)) if wrong.is_empty() => Ok(Self {
                name,
                id_type: kind.code().to_owned(),
                id_no: number.number,
                phone,
                email: email.to_owned(),
                unit: self.unit.trim().to_owned(),
                note: self.note.trim().to_owned(),
            }),
            _ => Err(Error::Invalid(wrong)),
        }
    }
}

/// Asks for a place by the link. Whether the person is on record is not told, and asking again changes nothing: what was
/// answered stays answered; only who has left the list stands on it anew.
///
/// # Errors
/// As [`joining`]; invalid fields; too many requests for this class.
pub async fn ask(cx: &Cx, token: &str, input: &Applicant) -> Result<()> {
    let class = opened(cx, cx.read(), token).await?;
    let input = input.read()?;
    let key = cx.seal.lookup(&input.id_type, &input.id_no);
    let who = Actor {
        user_id: None,
        login: String::new(),
        name: input.name.clone(),
        role: Role::Intern,
        lang: Lang::ZhCn,
        person_id: None,
        scope: Scope::default(),
        via: Via::Page,
        one_time: false,
    };
    let txn = cx.begin().await?;
    let class = opened(cx, &txn, &join_token(cx, class.id, &class.join_key).unwrap_or_default()).await?;
    db::lock_rows(&txn, "class", &[class.id]).await?;
    // On record already: the request is theirs.
    let person = crate::people::ops::by_hash(&txn, std::slice::from_ref(&key)).await?.remove(&key);
    let same = person.filter(|p| p.name_key == name::key(&input.name));
    // Asked before they were on record: that request is the one.
    let first = known(&txn, class.id, &key).await?.is_some();
    let key = same.as_ref().filter(|_| !first).map_or(key, |p| key_of(p.id));
    let mut row = fresh(cx, class.id, key, "link", "asked");
    row.name.clone_from(&input.name);
    row.note.clone_from(&input.note);
    row.person_id = same.map(|p| p.id);
    row.details = cx.seal.seal(&serde_json::to_string(&input).map_err(Error::internal)?)?;
    put(&txn, cx, &who, row).await?;
    txn.commit().await?;
    Ok(())
}

/// Asks for a place for the signed-in person, by the link.
///
/// # Errors
/// As [`ask`]; forbidden for an account without a person.
pub async fn ask_own(cx: &Cx, who: &Actor, token: &str, note: &str) -> Result<()> {
    let person = who.person_id.ok_or(Error::Forbidden)?;
    let txn = cx.begin().await?;
    let class = opened(cx, &txn, token).await?;
    db::lock_rows(&txn, "class", &[class.id]).await?;
    let own = crate::people::ops::visible(&txn, who, person).await?;
    let mut row = fresh(cx, class.id, key_of(person), "own", "asked");
    row.person_id = Some(person);
    row.name = own.name;
    note.trim().chars().take(500).collect::<String>().clone_into(&mut row.note);
    put(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(())
}

async fn put(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, row: class_request::Model) -> Result<()> {
    if let Some(old) = known(txn, row.class_id, &row.who_key).await? {
        if old.state != "left" {
            return Ok(());
        }
        let new = class_request::Model {
            id: old.id,
            version: old.version,
            created_at: old.created_at,
            updated_at: old.updated_at,
            created_by: old.created_by,
            updated_by: old.updated_by,
            ..row
        };
        records::update(txn, cx, who, &old, new, audit::Change::new("update", "class_request", old.id, 0)).await?;
        return Ok(());
    }
    let sql = "SELECT COUNT(*) FROM class_request WHERE class_id = ? AND state = 'asked'";
    let open = db::int(txn, sql, [row.class_id.into()]).await?.unwrap_or(0);
    if open >= config::of(cx)?.waiting.most_requests {
        return Err(Error::conflict("classes-join-full"));
    }
    records::insert(txn, cx, who, row).await?;
    Ok(())
}
