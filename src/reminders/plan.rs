//! The job that keeps the planned reminders in step with rules, exam years and people.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};

use super::audience::{Sql, concerns, lives_in, source};
use super::rules::{Moment, Rule};
use crate::core::{Lang, Msg, Result};
use crate::db::{self, Cx};
use crate::mail::{NewMail, changes, plan as write_down};
use crate::schemes::{self, CycleRule};

/// People read and written at once.
const PAGE: u64 = 1000;

/// What one run changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    pub new: usize,
    pub moved: usize,
    pub cancelled: usize,
    pub revived: usize,
}

impl Planned {
    /// The text of the job's history.
    #[must_use]
    pub fn msg(&self) -> Msg {
        Msg::new("reminders-report")
            .with("new", self.new)
            .with("moved", self.moved)
            .with("cancelled", self.cancelled)
            .with("revived", self.revived)
    }
}

/// Plans new reminders, moves those whose day or area changed, calls off those whose reason fell away and plans again
/// those whose reason (or address) came back. May run at any time and any number of times. A rule seen for the first
/// time counts as known since `seen_at`: now, but real time for a run by hand "as of" another day, which must not make
/// the rule look younger than it is.
///
/// # Errors
/// What the database or the rule files report.
pub async fn run(cx: &Cx, seen_at: DateTime<Utc>) -> Result<Planned> {
    let schemes = schemes::of(cx)?;
    let mut done = Planned::default();
    for rule in super::of(cx)?.iter() {
        let since = known_since(cx, &rule.name, seen_at).await?;
        for scheme in schemes.all() {
            for cycle in schemes.cycles(&scheme.code) {
                for moment in rule.moments(cycle) {
                    if moment.is_open(cx.now(), since) {
                        let p = Pass { cx, rule, cycle, moment: &moment, occasion: Rule::occasion(cycle) };
                        done.moved += p.move_planned().await?;
                        done.cancelled += p.withdraw().await?;
                        done.revived += p.revive().await?;
                        if rule.enabled {
                            done.new += p.add().await?;
                        }
                    }
                }
            }
        }
    }
    Ok(done)
}

async fn known_since(cx: &Cx, rule: &str, first: DateTime<Utc>) -> Result<DateTime<Utc>> {
    #[derive(FromQueryResult)]
    struct Kept {
        value: String,
    }
    let name = format!("reminder-rule-since:{rule}");
    db::run(
        cx.writer(),
        "INSERT INTO setting (name, value, changed_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
        [name.clone().into(), first.to_rfc3339().into(), first.into()],
    )
    .await?;
    let kept: Vec<Kept> = db::rows(cx.writer(), "SELECT value FROM setting WHERE name = ?", [name.into()]).await?;
    Ok(kept.first().and_then(|k| k.value.parse().ok()).unwrap_or(first))
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

enum What {
    Move,
    Withdraw(Msg),
    Revive,
}

struct Pass<'a> {
    cx: &'a Cx,
    rule: &'a Rule,
    cycle: &'a CycleRule,
    moment: &'a Moment,
    occasion: String,
}

impl Pass<'_> {
    /// People of the audience without a mail of this rule and exam year.
    async fn add(&self) -> Result<usize> {
        #[derive(FromQueryResult)]
        struct New {
            id: i64,
            email: String,
            lang: String,
        }
        let payload = serde_json::json!({ "scheme": self.cycle.scheme, "year": self.cycle.year }).to_string();
        let s = source(self.rule.audience, &self.cycle.scheme, self.cycle.year, Some(self.moment.due_at));
        let area = lives_in(self.moment);
        let sql = format!(
            "SELECT p.id AS id, p.email AS email, COALESCE(MAX(u.lang), '') AS lang FROM {} \
             JOIN person p ON p.id = t.person_id LEFT JOIN user_account u ON u.person_id = p.id \
             WHERE {} AND p.active = TRUE AND {} AND p.id > ? AND NOT EXISTS (SELECT 1 FROM outbox o \
             WHERE o.rule = ? AND o.occasion = ? AND o.person_id = p.id) GROUP BY p.id, p.email ORDER BY p.id LIMIT {PAGE}",
            s.from, s.cond, area.text
        );
        let (mut last, mut made) = (0_i64, 0);
        loop {
            let mut values = s.values.clone();
            values.extend(area.values.clone());
            values.extend::<[Value; 3]>([last.into(), self.rule.name.clone().into(), self.occasion.clone().into()]);
            // Read outside the transaction: the outbox's unique key, not this query, keeps mails single.
            let people: Vec<New> = db::rows(self.cx.read(), &sql, values).await?;
            let Some(end) = people.last() else { return Ok(made) };
            last = end.id;
            let mails: Vec<NewMail> = people
                .iter()
                .map(|p| NewMail {
                    rule: self.rule.name.clone(),
                    occasion: self.occasion.clone(),
                    template: self.rule.letter.template(),
                    payload: payload.clone(),
                    person_id: Some(p.id),
                    address: p.email.clone(),
                    lang: Lang::parse(&p.lang),
                    due_at: self.moment.due_at,
                    expires_at: Some(self.moment.expires_at),
                })
                .collect();
            let txn = self.cx.begin().await?;
            made += write_down(&txn, self.cx, &mails).await?;
            txn.commit().await?;
        }
    }

    /// Mails that wait for another moment than the one that follows from rule, exam year and area now.
    async fn move_planned(&self) -> Result<usize> {
        let m = self.moment;
        let area = lives_in(m);
        let mut values: Vec<Value> = vec![m.due_at.into()];
        values.extend(area.values);
        let cond = Sql { text: format!("o.due_at <> ? AND {}", area.text), values };
        self.each("'planned', 'no_address'", cond, &What::Move).await
    }

    /// Mails whose person is no longer of the audience. (They would be called off when sent; this shows it earlier.)
    async fn withdraw(&self) -> Result<usize> {
        let still = concerns(self.rule.audience, &self.cycle.scheme, self.cycle.year);
        let cond = Sql { text: format!("NOT ({})", still.text), values: still.values };
        let why = Msg::new("reminders-off-changed");
        self.each("'planned', 'retry', 'no_address'", cond, &What::Withdraw(why)).await
    }

    /// Mails called off (not by hand) whose person is of the audience again, and those who have an address now.
    async fn revive(&self) -> Result<usize> {
        let again = concerns(self.rule.audience, &self.cycle.scheme, self.cycle.year);
        let area = lives_in(self.moment);
        let mut values: Vec<Value> = vec![crate::mail::note("mail-note-by-hand").into()];
        values.extend(again.values);
        values.extend(area.values);
        let text =
            format!("p.email <> '' AND (o.state = 'no_address' OR o.error <> ?) AND {} AND {}", again.text, area.text);
        let cond = Sql { text, values };
        self.each("'cancelled', 'no_address'", cond, &What::Revive).await
    }

    /// Applies a change to the rule's mails of this exam year in some states that meet a condition, page by page.
    async fn each(&self, states: &str, cond: Sql, what: &What) -> Result<usize> {
        let sql = format!(
            "SELECT o.id AS id FROM outbox o JOIN person p ON p.id = o.person_id WHERE o.rule = ? AND o.occasion = ? \
             AND o.state IN ({states}) AND o.id > ? AND {} ORDER BY o.id LIMIT {PAGE}",
            cond.text
        );
        let (mut last, mut n) = (0_i64, 0);
        loop {
            let mut values: Vec<Value> = vec![self.rule.name.clone().into(), self.occasion.clone().into(), last.into()];
            values.extend(cond.values.clone());
            let ids: Vec<i64> = db::rows::<Id>(self.cx.read(), &sql, values).await?.into_iter().map(|i| i.id).collect();
            let Some(end) = ids.last() else { return Ok(n) };
            last = *end;
            let txn = self.cx.begin().await?;
            let (due, until) = (self.moment.due_at, Some(self.moment.expires_at));
            n += match what {
                What::Move => changes::move_to(&txn, self.cx, &ids, due, until).await?,
                What::Withdraw(why) => changes::withdraw(&txn, self.cx, &ids, why).await?,
                What::Revive => changes::revive(&txn, self.cx, &ids, due, until).await?,
            };
            txn.commit().await?;
        }
    }
}
