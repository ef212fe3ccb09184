//! Accounts for a whole cohort: everybody enrolled gets a login and a one-time password, printed as slips.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::visible;
use crate::auth::users::{self, NewUser};
use crate::auth::{password, rules};
use crate::core::{Actor, Result, Role};
use crate::db::{self, Cx};

/// Passwords made at once; a larger cohort takes several rounds.
pub const AT_ONCE: usize = 500;

/// How a cohort stands with accounts.
#[derive(Clone, Debug, FromQueryResult)]
pub struct AccountState {
    /// People enrolled now.
    pub members: i64,
    pub with_account: i64,
    /// With an account whose one-time password has not been changed yet.
    pub waiting: i64,
}

/// A slip to be cut out and handed over.
#[derive(Clone, Debug)]
pub struct Slip {
    pub name: String,
    pub login: String,
    /// The one-time password; it is nowhere else in plain text.
    pub code: String,
}

/// Whom to make passwords for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Members without an account.
    New,
    /// Members who have never signed in: their one-time password is replaced.
    Waiting,
}

const MEMBERS: &str = "FROM enrolment e JOIN person p ON p.id = e.person_id AND p.active = TRUE \
     LEFT JOIN user_account u ON u.person_id = p.id WHERE e.cohort_id = ? AND e.state = 'active'";

/// How the cohort stands.
///
/// # Errors
/// [`crate::core::Error::NotFound`] for a cohort out of scope.
pub async fn account_state(cx: &Cx, who: &Actor, cohort_id: i64) -> Result<AccountState> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    visible(cx.read(), who, cohort_id).await?;
    let counted = |test: &str| format!("CAST(COALESCE(SUM(CASE WHEN {test} THEN 1 ELSE 0 END), 0) AS BIGINT)");
    let sql = format!(
        "SELECT COUNT(*) AS members, {} AS with_account, {} AS waiting {MEMBERS}",
        counted("u.id IS NOT NULL"),
        counted("u.one_time = TRUE")
    );
    let rows: Vec<AccountState> = db::rows(cx.read(), &sql, [cohort_id.into()]).await?;
    Ok(rows.into_iter().next().unwrap_or(AccountState { members: 0, with_account: 0, waiting: 0 }))
}

#[derive(FromQueryResult)]
struct Member {
    id: i64,
    name: String,
    student_no: String,
    phone: String,
    email: String,
    user_id: Option<i64>,
}

impl Member {
    /// Logins in the order they are wished: what the person knows by heart first.
    fn logins(&self) -> [String; 3] {
        [rules::tidy_login(&self.student_no), rules::tidy_login(&self.phone), format!("p{}", self.id)]
    }
}

/// Makes the passwords and gives the slips, this once, at most [`AT_ONCE`]. The login is the student number, the phone or
/// `p` and the person's number, the first that is free and fit for a login.
///
/// # Errors
/// [`crate::core::Error::NotFound`] for a cohort out of scope, and what the database reports.
pub async fn make_accounts(cx: &Cx, who: &Actor, cohort_id: i64, whom: Whom) -> Result<Vec<Slip>> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    visible(cx.read(), who, cohort_id).await?;
    // Hashed before the transaction: the database never waits for argon2.
    let want = members(cx.read(), cohort_id, whom).await?.len();
    let plain: Vec<String> = (0..want).map(|_| rules::one_time_password(rand::random())).collect();
    let codes: Vec<_> = plain.clone().into_iter().zip(password::hash_codes(plain).await?).collect();

    let txn = cx.begin().await?;
    // Asked again inside: two people may press the button at once, and only the first finds people without an account.
    let found = members(&txn, cohort_id, whom).await?;
    let mut taken = taken_logins(&txn, &found).await?;
    let mut slips = Vec::with_capacity(found.len());
    for (member, (code, hash)) in found.into_iter().zip(codes) {
        let login = if let Some(user_id) = member.user_id {
            users::replace_code(&txn, cx, who, user_id, hash).await?
        } else {
            let mut fit = member.logins().into_iter().filter(|l| rules::login_problem(l).is_none());
            let login = fit.find(|l| !taken.contains(l)).unwrap_or_else(|| format!("person-{}", member.id));
            taken.insert(login.clone());
            let new = NewUser {
                login,
                name: member.name.chars().take(80).collect(),
                email: member.email,
                role: Role::Intern,
                person_id: Some(member.id),
                scopes: Vec::new(),
            };
            users::insert(&txn, cx, who, new, code.clone(), hash).await?.login
        };
        slips.push(Slip { name: member.name, login, code });
    }
    txn.commit().await?;
    Ok(slips)
}

async fn members(db: &impl ConnectionTrait, cohort_id: i64, whom: Whom) -> Result<Vec<Member>> {
    let which = match whom {
        Whom::New => "u.id IS NULL",
        Whom::Waiting => "u.one_time = TRUE AND u.active = TRUE",
    };
    let sql = format!(
        "SELECT p.id, p.name, p.student_no, p.phone, p.email, u.id AS user_id {MEMBERS} AND {which} \
         ORDER BY p.name_key, p.id LIMIT {AT_ONCE}"
    );
    db::rows(db, &sql, [cohort_id.into()]).await
}

async fn taken_logins(db: &impl ConnectionTrait, people: &[Member]) -> Result<HashSet<String>> {
    #[derive(FromQueryResult)]
    struct Login {
        login: String,
    }
    let mut out = HashSet::new();
    for chunk in people.chunks(100) {
        let wanted: Vec<Value> = chunk.iter().flat_map(Member::logins).map(Value::from).collect();
        let sql = format!("SELECT login FROM user_account WHERE login IN ({})", db::places(wanted.len()));
        let rows: Vec<Login> = db::rows(db, &sql, wanted).await?;
        out.extend(rows.into_iter().map(|r| r.login));
    }
    Ok(out)
}
