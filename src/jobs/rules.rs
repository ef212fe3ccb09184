//! When a job ticks: a six-field cron expression read as civil time of a zone. Pure.
//!
//! The expression is evaluated on civil times and each is then turned into instants, because evaluating it on zoned
//! times loses or doubles firings at a clock change. A daily job ticks once a civil date whatever the clock does: a
//! skipped time moves to the end of the gap, a doubled one counts at its first. Any other job ticks at every instant
//! that shows a matching time.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use cron::TimeUnitSpec;

use crate::core::civil;

/// More ticks than this are not listed one by one: a job that was down for years has missed "at least" so many.
const MOST: usize = 100_000;
/// No zone's clock change is larger than this.
const SHIFT: TimeDelta = TimeDelta::hours(3);

/// One line of `config/jobs.toml`, checked.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub name: String,
    /// The expression as written.
    pub source: String,
    pub cron: cron::Schedule,
    pub zone: Tz,
    /// How late a tick may still run.
    pub catch_up: TimeDelta,
    /// One tick a civil date.
    pub daily: bool,
}

/// Reads a cron expression of six fields; the error says what is expected.
///
/// # Errors
/// A sentence for the terminal.
pub fn parse_cron(text: &str) -> Result<cron::Schedule, String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [_, _, _, _, _, weekday] = fields.as_slice() else {
        return Err(format!(
            "{text:?} has {} fields; expected six: second minute hour day month weekday, for example \"0 30 4 * * MON-FRI\"",
            fields.len()
        ));
    };
    if weekday.chars().any(|c| c.is_ascii_digit()) {
        return Err(format!("{text:?}: write the weekday by name (MON-FRI, SAT): programs disagree on which day 1 is"));
    }
    text.parse().map_err(|e| format!("{text:?}: {e}"))
}

/// Whether the expression can fire at most once a civil date.
#[must_use]
pub fn once_a_day(cron: &cron::Schedule) -> bool {
    [cron.hours().count(), cron.minutes().count(), cron.seconds().count()] == [1, 1, 1]
}

impl Schedule {
    /// What makes a tick unique beside the job's name.
    #[must_use]
    pub fn key(&self, tick: DateTime<Utc>) -> String {
        if self.daily {
            civil::date_in(tick, self.zone).to_string()
        } else {
            tick.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        }
    }

    /// The ticks in (after, until], in order.
    #[must_use]
    pub fn ticks(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let end = self.civil(until) + self.margin(until);
        let mut found: Vec<DateTime<Utc>> = self
            .civil_times(after)
            .take_while(|c| *c <= end)
            .take(MOST)
            .flat_map(|c| self.instants(c))
            .filter(|t| *t > after && *t <= until)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The first tick after an instant; none for an expression that never fires again.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut best: Option<(DateTime<Utc>, NaiveDateTime)> = None;
        for c in self.civil_times(after).take(MOST) {
            // Where the clock goes back, a later civil time can be an earlier instant: look a little further.
            if best.is_some_and(|(t, first)| c > first + self.margin(t)) {
                break;
            }
            for t in self.instants(c).into_iter().filter(|t| *t > after) {
                if best.is_none_or(|(b, _)| t < b) {
                    best = Some((t, best.map_or(c, |(_, first)| first)));
                }
            }
        }
        best.map(|(t, _)| t)
    }

    fn civil(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone).naive_local()
    }

    /// Nothing where the clock stands firm around an instant.
    fn margin(&self, at: DateTime<Utc>) -> TimeDelta {
        let offset = |t: DateTime<Utc>| self.civil(t) - t.naive_utc();
        if offset(at - SHIFT) == offset(at + SHIFT) { TimeDelta::zero() } else { SHIFT }
    }

    fn civil_times(&self, after: DateTime<Utc>) -> impl Iterator<Item = NaiveDateTime> {
        let from = self.civil(after) - self.margin(after) - TimeDelta::seconds(1);
        self.cron.after_owned(from.and_utc()).map(|t| t.naive_utc())
    }

    fn instants(&self, c: NaiveDateTime) -> Vec<DateTime<Utc>> {
        match self.zone.from_local_datetime(&c) {
            LocalResult::Single(t) => vec![t.to_utc()],
            LocalResult::Ambiguous(a, _) if self.daily => vec![a.to_utc()],
            LocalResult::Ambiguous(a, b) => vec![a.to_utc(), b.to_utc()],
            LocalResult::None if self.daily => vec![civil::instant(c.date(), c.time(), self.zone)],
            LocalResult::None => Vec::new(),
        }
    }
}

/// What to do with the ticks that came due since the last one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Run this tick now; the number counts the earlier ones it catches up.
    pub run: Option<(DateTime<Utc>, i64)>,
    /// Record this tick as missed; the number counts the earlier ones that are too late as well.
    pub missed: Option<(DateTime<Utc>, i64)>,
}

/// Ticks inside the catch-up window run once, as the last of them; older ones are missed.
#[must_use]
pub fn decide(ticks: &[DateTime<Utc>], now: DateTime<Utc>, catch_up: TimeDelta) -> Decision {
    let late = ticks.partition_point(|t| now - *t > catch_up);
    let (old, fresh) = ticks.split_at(late);
    let sum = |part: &[DateTime<Utc>]| {
        part.last().map(|t| (*t, i64::try_from(part.len().saturating_sub(1)).unwrap_or(i64::MAX)))
    };
    Decision { run: sum(fresh), missed: sum(old) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: &str) -> DateTime<Utc> {
        s.parse().unwrap()
    }

    fn schedule(cron: &str, zone: &str) -> Schedule {
        let cron_ = parse_cron(cron).unwrap();
        let daily = once_a_day(&cron_);
        Schedule {
            name: "x".into(),
            source: cron.into(),
            cron: cron_,
            zone: zone.parse().unwrap(),
            catch_up: TimeDelta::hours(1),
            daily,
        }
    }

    #[test]
    fn what_is_no_expression_of_ours_is_refused_with_the_reason() {
        for (text, why) in [
            ("0 4 * * *", "has 5 fields"),
            ("0 0 4 * * * 2026", "has 7 fields"),
            ("0 0 4 * * 1-5", "by name"),
            ("0 0 25 * * *", "25"),
            ("", "has 0 fields"),
        ] {
            let e = parse_cron(text).unwrap_err();
            assert!(e.contains(why), "{text}: {e}");
        }
    }

    #[test]
    fn weekdays_by_name_are_monday_to_friday() {
        let s = schedule("0 0 9 * * MON-FRI", "Asia/Shanghai");
        // Friday 2026-03-20 09:00 in Shanghai, then Monday.
        assert_eq!(s.next(at("2026-03-20T00:59:59Z")), Some(at("2026-03-20T01:00:00Z")));
        assert_eq!(s.next(at("2026-03-20T01:00:00Z")), Some(at("2026-03-23T01:00:00Z")));
    }

    #[test]
    fn ticks_are_after_the_first_bound_and_up_to_the_second() {
        let s = schedule("0 */15 * * * *", "Asia/Shanghai");
        assert_eq!(
            s.ticks(at("2026-03-20T01:00:00Z"), at("2026-03-20T01:30:00Z")),
            [at("2026-03-20T01:15:00Z"), at("2026-03-20T01:30:00Z")]
        );
        assert!(s.ticks(at("2026-03-20T01:00:00Z"), at("2026-03-20T01:14:59Z")).is_empty());
    }

    #[test]
    fn a_daily_job_ticks_once_a_date_at_both_clock_changes() {
        let s = schedule("0 30 2 * * *", "Europe/Rome");
        let spring = s.ticks(at("2026-03-28T12:00:00Z"), at("2026-03-30T12:00:00Z"));
        assert_eq!(spring, [at("2026-03-29T01:00:00Z"), at("2026-03-30T00:30:00Z")]);
        let autumn = s.ticks(at("2026-10-24T12:00:00Z"), at("2026-10-26T12:00:00Z"));
        assert_eq!(autumn, [at("2026-10-25T00:30:00Z"), at("2026-10-26T01:30:00Z")]);
        assert_eq!(s.next(at("2026-10-25T00:30:00Z")), Some(at("2026-10-26T01:30:00Z")));
        assert_eq!(s.key(autumn[0]), "2026-10-25");
    }

    #[test]
    fn an_hourly_job_ticks_every_hour_of_the_day_with_25_and_with_23() {
        let s = schedule("0 15 * * * *", "Europe/Rome");
        let day = |a: &str, b: &str| s.ticks(at(a), at(b));
        let autumn = day("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
        assert_eq!(autumn.len(), 25);
        assert!(autumn.windows(2).all(|w| w[1] - w[0] == TimeDelta::hours(1)));
        assert_eq!(day("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z").len(), 23);
        // Going on from each tick gives the same list.
        let mut t = at("2026-10-24T22:00:00Z");
        for want in &autumn {
            t = s.next(t).unwrap();
            assert_eq!(t, *want);
        }
    }

    #[test]
    fn late_ticks_inside_the_window_run_once_and_the_others_are_missed() {
        let t = |h: u32| at(&format!("2026-03-20T{h:02}:00:00Z"));
        let d = |ticks: &[u32], now: u32| {
            let ticks: Vec<_> = ticks.iter().map(|h| t(*h)).collect();
            decide(&ticks, t(now), TimeDelta::hours(2))
        };
        assert_eq!(d(&[], 5), Decision::default());
        assert_eq!(d(&[5], 5), Decision { run: Some((t(5), 0)), missed: None });
        assert_eq!(d(&[3, 4, 5], 5), Decision { run: Some((t(5), 2)), missed: None });
        assert_eq!(d(&[1, 2, 3, 4], 5), Decision { run: Some((t(4), 1)), missed: Some((t(2), 1)) });
        assert_eq!(d(&[1, 2], 9), Decision { run: None, missed: Some((t(2), 1)) });
    }

    #[test]
    fn an_expression_that_never_fires_again_has_no_next_tick() {
        assert_eq!(schedule("0 0 0 30 FEB *", "Asia/Shanghai").next(at("2026-01-01T00:00:00Z")), None);
    }
}
