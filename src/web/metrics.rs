//! Counters of requests, kept in memory, for `/metrics`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

type Key = (&'static str, &'static str, u16);

/// Requests by method, route and status: how many, and how long in all.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<BTreeMap<Key, (u64, Duration)>>);

impl Metrics {
    /// Notes one answered request. `route` is the pattern of the permission table, so the number of rows is bounded.
    pub fn count(&self, method: &str, route: &'static str, status: u16, took: Duration) {
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = known.into_iter().find(|k| *k == method).unwrap_or("OTHER");
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all.entry((method, route, status)).or_default();
        entry.0 += 1;
        entry.1 += took;
    }

    /// In Prometheus' text form.
    #[must_use]
    pub fn text(&self) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out =
            String::from("# HELP yanzhen_requests_total Answered requests.\n# TYPE yanzhen_requests_total counter\n");
        let mut times = String::from(
            "# HELP yanzhen_request_seconds_total Time spent answering.\n# TYPE yanzhen_request_seconds_total counter\n",
        );
        for ((method, route, status), (n, took)) in all.iter() {
            let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
            // Writing to a String cannot fail.
            let _ = writeln!(out, "yanzhen_requests_total{labels} {n}");
            let _ = writeln!(times, "yanzhen_request_seconds_total{labels} {:.6}", took.as_secs_f64());
        }
        out + &times
    }
}
