//! Accounts for a whole cohort: each person who has none gets one with a one-time code, to be printed or sent.

use std::collections::HashSet;

use sea_orm::{FromQueryResult, Value};

use super::visible;
use crate::auth::users::{self, MadeUser, NewUser};
use crate::auth::{password, rules};
use crate::core::{Actor, Result, Role};
use crate::db::{self, Cx};

/// Accounts of one call; a larger cohort takes several.
pub const MOST: i64 = 300;

/// An account made, with whose it is.
#[derive(Clone, Debug)]
pub struct MadeAccount {
    pub person_id: i64,
    pub name: String,
    pub made: MadeUser,
}

#[derive(FromQueryResult)]
struct Without {
    id: i64,
    name: String,
    email: String,
    phone: String,
    student_no: String,
}

/// Makes an intern's account for everybody in the cohort who has none; the login is the student number, the phone, or
/// `p` and the person's id, the first that is free. At most [`MOST`] a call.
///
/// # Errors
/// [`crate::core::Error::NotFound`] for the cohort, and what the database reports.
pub async fn make_accounts(cx: &Cx, who: &Actor, cohort_id: i64) -> Result<Vec<MadeAccount>> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    visible(cx.read(), who, cohort_id).await?;
    let sql = "SELECT p.id, p.name, p.email, p.phone, p.student_no FROM enrolment e JOIN person p ON p.id = e.person_id \
               WHERE e.cohort_id = ? AND e.state = 'active' AND p.active = TRUE \
               AND NOT EXISTS (SELECT 1 FROM user_account u WHERE u.person_id = p.id) ORDER BY e.person_id LIMIT ?";
    let people: Vec<Without> = db::rows(cx.read(), sql, [cohort_id.into(), MOST.into()]).await?;
    // Made before the writing transaction begins: hashing takes its time.
    let plain: Vec<String> = people.iter().map(|_| rules::one_time_password(rand::random())).collect();
    let codes = plain.clone().into_iter().zip(password::hash_codes(plain).await?);
    let txn = cx.begin().await?;
    let mut taken = taken_logins(&txn, &people).await?;
    let mut out = Vec::with_capacity(people.len());
    for (p, (plain, hash)) in people.into_iter().zip(codes) {
        let wanted = [p.student_no.clone(), p.phone.clone(), format!("p{}", p.id)];
        let mut fits = wanted.iter().map(|w| rules::tidy_login(w)).filter(|l| rules::login_problem(l).is_none());
        let login = fits.find(|l| !taken.contains(l)).unwrap_or_else(|| format!("person-{}", p.id));
        taken.insert(login.clone());
        let new = NewUser {
            login,
            name: p.name.chars().take(80).collect(),
            email: p.email,
            role: Role::Intern,
            person_id: Some(p.id),
            scopes: Vec::new(),
        };
        let made = users::insert(&txn, cx, who, new, plain, hash).await?;
        out.push(MadeAccount { person_id: p.id, name: p.name, made });
    }
    txn.commit().await?;
    Ok(out)
}

async fn taken_logins(db: &impl sea_orm::ConnectionTrait, people: &[Without]) -> Result<HashSet<String>> {
    #[derive(FromQueryResult)]
    struct Login {
        login: String,
    }
    let mut out = HashSet::new();
    for chunk in people.chunks(100) {
        let wanted: Vec<Value> = chunk
            .iter()
            .flat_map(|p| [rules::tidy_login(&p.student_no), rules::tidy_login(&p.phone), format!("p{}", p.id)])
            .map(Value::from)
            .collect();
        let sql = format!("SELECT login FROM user_account WHERE login IN ({})", db::places(wanted.len()));
        let rows: Vec<Login> = db::rows(db, &sql, wanted).await?;
        out.extend(rows.into_iter().map(|r| r.login));
    }
    Ok(out)
}
