//! Giving feedback and reading it; the only writer of `feedback` and `feedback_given`.

use chrono::{Days, NaiveDate};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::rules::{BEST, Shown, together};
use crate::classes::config::{self, Question};
use crate::classes::ops as classes;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};

/// A session as those are asked about it who were there.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Session {
    pub id: i64,
    pub class_id: i64,
    pub class_name: String,
    pub held_on: NaiveDate,
    pub slot: String,
    pub course: String,
}

/// Whether a person can still answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// They were not there, or nobody has written it down yet.
    NotThere,
    Given,
    Over,
}

async fn session(db: &impl ConnectionTrait, id: i64) -> Result<Session> {
    let sql = "SELECT s.id, s.class_id, c.name AS class_name, s.held_on, s.slot, s.course FROM class_session s \
               JOIN class c ON c.id = s.class_id WHERE s.id = ?";
    let found = db::rows::<Session>(db, sql, [id.into()]).await?.pop();
    found.ok_or_else(|| Error::not_found("error-not-found"))
}

async fn standing(cx: &Cx, db: &impl ConnectionTrait, s: &Session, person: i64) -> Result<Standing> {
    let given = "SELECT COUNT(*) FROM feedback_given WHERE session_id = ? AND person_id = ?";
    if db::int(db, given, [s.id.into(), person.into()]).await? != Some(0) {
        return Ok(Standing::Given);
    }
    let there = "SELECT COUNT(*) FROM attendance WHERE session_id = ? AND person_id = ? \
                 AND state IN ('present', 'late', 'left_early')";
    if db::int(db, there, [s.id.into(), person.into()]).await? == Some(0) {
        return Ok(Standing::NotThere);
    }
    let days = u64::try_from(config::of(cx)?.feedback.days).unwrap_or(0);
    let last = s.held_on.checked_add_days(Days::new(days)).unwrap_or(s.held_on);
    Ok(if cx.today() > last { Standing::Over } else { Standing::Open })
}

/// What the signed-in person is asked.
///
/// # Errors
/// Not found, also for a class they are not in; forbidden for an account without a person.
pub async fn asked(cx: &Cx, who: &Actor, session_id: i64) -> Result<(Session, Standing, Vec<Question>)> {
    let person = who.person_id.filter(|_| who.role == Role::Intern).ok_or(Error::Forbidden)?;
    let s = session(cx.read(), session_id).await?;
    // Whether they may see the class at all.
    classes::class_view(cx.read(), who, s.class_id).await?;
    let standing = standing(cx, cx.read(), &s, person).await?;
    Ok((s, standing, config::of(cx)?.feedback.questions.clone()))
}

/// Answers, and a remark that may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Question and value from 1 to 5; a question may be left out.
    pub values: Vec<(String, i64)>,
    pub remark: String,
}

/// Takes the signed-in person's answers, once.
///
/// # Errors
/// As [`asked`]; nothing answered; unknown questions or values; given already, not there, too late.
pub async fn give(cx: &Cx, who: &Actor, session_id: i64, input: &Answers) -> Result<()> {
    let (_, _, questions) = asked(cx, who, session_id).await?;
    let person = who.person_id.ok_or(Error::Forbidden)?;
    let wrong: Vec<FieldError> = input
        .values
        .iter()
        .filter(|(code, v)| !(1..=BEST).contains(v) || questions.iter().all(|q| q.code != *code))
        .map(|(code, _)| FieldError { field: code.clone(), msg: Msg::new("feedback-value") })
        .collect();
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if input.values.is_empty() {
        return Err(Error::field("answers", Msg::new("feedback-nothing")));
    }
    if input.remark.chars().count() > 1000 {
        return Err(Error::field("remark", Msg::new("classes-text-long")));
    }
    let txn = cx.begin().await?;
    let s = session(&txn, session_id).await?;
    match standing(cx, &txn, &s, person).await? {
        Standing::Open => {}
        Standing::NotThere => return Err(Error::conflict("feedback-not-there")),
        Standing::Given => return Err(Error::conflict("feedback-given")),
        Standing::Over => return Err(Error::conflict("feedback-over")),
    }
    let sql = "INSERT INTO feedback_given (session_id, person_id) VALUES (?, ?) ON CONFLICT (session_id, person_id) DO NOTHING";
    if db::run(&txn, sql, [session_id.into(), person.into()]).await? != 1 {
        return Err(Error::conflict("feedback-given"));
    }
    let answers: serde_json::Map<String, serde_json::Value> =
        input.values.iter().map(|(c, v)| (c.clone(), (*v).into())).collect();
    let sql = "INSERT INTO feedback (id, session_id, answers, remark) VALUES (?, ?, ?, ?)";
    let values: [Value; 4] = [
        hex::encode(rand::random::<[u8; 16]>()).into(),
        session_id.into(),
        serde_json::Value::Object(answers).to_string().into(),
        input.remark.trim().into(),
    ];
    db::run(&txn, sql, values).await?;
    txn.commit().await?;
    Ok(())
}

/// What may be shown of the answers to one session.
#[derive(Clone, Debug)]
pub struct Report {
    pub session: Session,
    /// How many answered.
    pub answers: i64,
    /// How many were there and could.
    pub there: i64,
    /// How many it takes before anything is shown.
    pub least: i64,
    /// Nothing while there are too few.
    pub shown: Option<Contents>,
}

/// The questions with what was answered, and the remarks.
pub type Contents = (Vec<(Question, Shown)>, Vec<String>);

#[derive(FromQueryResult)]
struct Row {
    answers: String,
    remark: String,
}

/// The report on a session.
///
/// # Errors
/// Forbidden for those who do not run the training; not found.
pub async fn report(cx: &Cx, who: &Actor, session_id: i64) -> Result<Report> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let db = cx.read();
    let session = session(db, session_id).await?;
    classes::class_view(db, who, session.class_id).await?;
    let feedback = &config::of(cx)?.feedback;
    // By the drawn key: the order of writing is not to be seen.
    let rows: Vec<Row> = db::rows(
        db,
        "SELECT answers, remark FROM feedback WHERE session_id = ? ORDER BY id LIMIT 5000",
        [session_id.into()],
    )
    .await?;
    let there = "SELECT COUNT(*) FROM attendance WHERE session_id = ? AND state IN ('present', 'late', 'left_early')";
    let there = db::int(db, there, [session_id.into()]).await?.unwrap_or(0);
    let answers: Vec<Vec<(String, i64)>> = rows.iter().map(|r| read(&r.answers)).collect();
    let codes: Vec<String> = feedback.questions.iter().map(|q| q.code.clone()).collect();
    let shown = together(&codes, &answers, feedback.least).map(|all| {
        let named = all.into_iter().filter_map(|s| {
            let q = feedback.questions.iter().find(|q| q.code == s.code)?;
            Some((q.clone(), s))
        });
        let remarks = rows.iter().map(|r| r.remark.clone()).filter(|t| !t.is_empty()).collect();
        (named.collect(), remarks)
    });
    let n = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Ok(Report { session, answers: n, there, least: feedback.least, shown })
}

fn read(json: &str) -> Vec<(String, i64)> {
    let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    map.into_iter().filter_map(|(c, v)| Some((c, v.as_i64()?))).collect()
}
