//! Accounts for a whole cohort: everybody enrolled gets a login and a one-time code, printed as slips.

use sea_orm::FromQueryResult;

use crate::auth::users::{self, NewUser};
use crate::auth::{password, rules};
use crate::cohorts;
use crate::core::{Actor, Result, Role};
use crate::db::{self, Cx};

/// Codes made at once; a larger cohort takes several rounds.
pub const AT_ONCE: i64 = 500;

/// How a cohort stands with accounts.
#[derive(Clone, Debug)]
pub struct State {
    pub cohort_id: i64,
    pub code: String,
    pub name: String,
    pub members: i64,
    pub with_account: i64,
    /// With an account whose one-time code has not been changed yet.
    pub waiting: i64,
}

/// A slip to be cut out and handed over.
#[derive(Clone, Debug)]
pub struct Slip {
    pub name: String,
    pub login: String,
    pub code: String,
}

/// Whom to make codes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Members without an account.
    New,
    /// Members who have never signed in: their code is replaced.
    Waiting,
}

const STATE: &str = "SELECT COUNT(*) AS members, CAST(COALESCE(SUM(CASE WHEN u.id IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT) \
     AS with_account, CAST(COALESCE(SUM(CASE WHEN u.one_time = TRUE THEN 1 ELSE 0 END), 0) AS BIGINT) AS waiting \
     FROM enrolment e JOIN person p ON p.id = e.person_id AND p.active = TRUE LEFT JOIN user_account u ON u.person_id = p.id \
     WHERE e.cohort_id = ? AND e.state = 'active'";

#[derive(FromQueryResult)]
struct Counts {
    members: i64,
    with_account: i64,
    waiting: i64,
}

/// How the cohort stands.
///
/// # Errors
/// [`crate::core::Error::NotFound`] for a cohort out of scope.
pub async fn state(cx: &Cx, who: &Actor, cohort_id: i64) -> Result<State> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let cohort = cohorts::ops::visible(cx.read(), who, cohort_id).await?;
    let rows: Vec<Counts> = db::rows(cx.read(), STATE, [cohort_id.into()]).await?;
    let c = rows.into_iter().next().unwrap_or(Counts { members: 0, with_account: 0, waiting: 0 });
    Ok(State {
        cohort_id,
        code: cohort.code,
        name: cohort.name,
        members: c.members,
        with_account: c.with_account,
        waiting: c.waiting,
    })
}

#[derive(FromQueryResult)]
struct Member {
    id: i64,
    name: String,
    student_no: String,
    email: String,
    user_id: Option<i64>,
}

/// Makes the codes and gives the slips, this once. Logins are student numbers where they are free and fit, `p` and the
/// person's number otherwise.
///
/// # Errors
/// [`crate::core::Error::NotFound`] for a cohort out of scope.
pub async fn make(cx: &Cx, who: &Actor, cohort_id: i64, whom: Whom) -> Result<Vec<Slip>> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    cohorts::ops::visible(cx.read(), who, cohort_id).await?;
    // Hashed before the transaction: the database never waits for argon2.
    let count = usize::try_from(AT_ONCE).unwrap_or(0);
    let want = members(cx.read(), cohort_id, whom).await?.len().min(count);
    let plain: Vec<String> = (0..want).map(|_| rules::one_time_password(rand::random())).collect();
    let hashes = password::hash_codes(plain.clone()).await?;

    let txn = cx.begin().await?;
    let found = members(&txn, cohort_id, whom).await?;
    let mut slips = Vec::new();
    for (member, (code, hash)) in found.into_iter().zip(plain.into_iter().zip(hashes)) {
        let login = if let Some(user_id) = member.user_id {
            users::replace_code(&txn, cx, who, user_id, hash).await?
        } else {
            let login = login_for(&txn, &member).await?;
            let new = NewUser {
                login,
                name: member.name.clone(),
                email: member.email.clone(),
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

async fn members(db: &impl sea_orm::ConnectionTrait, cohort_id: i64, whom: Whom) -> Result<Vec<Member>> {
    let which = match whom {
        Whom::New => "u.id IS NULL",
        Whom::Waiting => "u.one_time = TRUE AND u.active = TRUE",
    };
    let sql = format!(
        "SELECT p.id, p.name, p.student_no, p.email, u.id AS user_id FROM enrolment e \
         JOIN person p ON p.id = e.person_id AND p.active = TRUE LEFT JOIN user_account u ON u.person_id = p.id \
         WHERE e.cohort_id = ? AND e.state = 'active' AND {which} ORDER BY p.name_key, p.id LIMIT {AT_ONCE}"
    );
    db::rows(db, &sql, [cohort_id.into()]).await
}

async fn login_for(db: &impl sea_orm::ConnectionTrait, member: &Member) -> Result<String> {
    let number = rules::tidy_login(&member.student_no);
    let fits = rules::login_problem(&number).is_none()
        && db::int(db, "SELECT id FROM user_account WHERE login = ?", [number.as_str().into()]).await?.is_none();
    Ok(if fits { number } else { format!("p{}", member.id) })
}
