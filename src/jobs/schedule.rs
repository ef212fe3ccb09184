//! Reads `config/jobs.toml`: which job ticks when, in which zone, and how late it may still run.

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Deserialize;

use super::rules::{Schedule, once_a_day, parse_cron};
use crate::core::files::RuleFile;
use crate::core::{Error, Result};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    job: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    cron: String,
    zone: Option<String>,
    catch_up_minutes: i64,
    #[serde(default)]
    daily: bool,
    #[serde(default = "yes")]
    enabled: bool,
}

fn yes() -> bool {
    true
}

/// Checks the whole file; `zone` is the settings' zone, used where a job names none. Jobs with `enabled = false` are
/// checked and left out.
///
/// # Errors
/// [`Error::Setup`] naming file, job and key, and what is allowed.
pub fn read(file: &RuleFile, zone: Tz) -> Result<Vec<Schedule>> {
    let parsed: File = toml::from_str(&file.text).map_err(|e| Error::Setup(format!("{}: {e}", file.name)))?;
    let mut all: Vec<Schedule> = Vec::new();
    for line in parsed.job {
        let bad = |key: &str, why: String| Error::Setup(format!("{}: job {}: {key}: {why}", file.name, line.name));
        if line.name.is_empty() || !line.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        {
            return Err(bad("name", format!("{:?}: expected small letters, digits and -", line.name)));
        }
        if all.iter().any(|s| s.name == line.name) {
            return Err(bad("name", "stands twice in the file".to_owned()));
        }
        let cron = parse_cron(&line.cron).map_err(|why| bad("cron", why))?;
        let zone = line.zone.as_deref().map_or(Ok(zone), |name| parse_zone(name).map_err(|why| bad("zone", why)))?;
        if !(0..=60 * 24 * 31).contains(&line.catch_up_minutes) {
            return Err(bad("catch_up_minutes", "expected 0 to 44640 (31 days)".to_owned()));
        }
        if line.daily && !once_a_day(&cron) {
            return Err(bad("daily", format!("{:?} can fire more than once a day", line.cron)));
        }
        if line.enabled {
            let catch_up = TimeDelta::minutes(line.catch_up_minutes);
            all.push(Schedule { name: line.name, source: line.cron, cron, zone, catch_up, daily: line.daily });
        }
    }
    Ok(all)
}

/// An IANA zone name.
///
/// # Errors
/// A sentence for the terminal.
pub fn parse_zone(name: &str) -> std::result::Result<Tz, String> {
    name.parse().map_err(|_| format!("unknown zone {name:?}; expected an IANA name such as Asia/Shanghai"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<Schedule>> {
        read(&RuleFile { name: "config/jobs.toml".into(), text: text.into() }, chrono_tz::Asia::Shanghai)
    }

    #[test]
    fn what_is_wrong_is_named_by_file_job_and_key() {
        let job = |rest: &str| format!("[[job]]\nname = \"tally\"\n{rest}");
        for (text, parts) in [
            (job("cron = \"0 0 4 * *\"\ncatch_up_minutes = 5"), vec!["config/jobs.toml", "tally", "cron", "six"]),
            (
                job("cron = \"0 0 4 * * *\"\ncatch_up_minutes = 5\nzone = \"Asia/Beijing\""),
                vec!["tally", "zone", "Asia/Beijing", "Asia/Shanghai"],
            ),
            (job("cron = \"0 0 4 * * *\"\ncatch_up_minutes = -1"), vec!["catch_up_minutes", "44640"]),
            (job("cron = \"0 0 * * * *\"\ncatch_up_minutes = 1\ndaily = true"), vec!["daily", "more than once"]),
            (job("cron = \"0 0 4 * * *\"\ncatch_up_minutes = 5\ncolour = 1"), vec!["config/jobs.toml", "colour"]),
            ("[[job]]\nname = \"A b\"\ncron = \"\"\ncatch_up_minutes = 1".to_owned(), vec!["name", "small letters"]),
        ] {
            let e = of(&text).unwrap_err().to_string();
            for p in parts {
                assert!(e.contains(p), "{p} in {e}");
            }
        }
        let line = job("cron = \"0 0 4 * * *\"\ncatch_up_minutes = 5\n");
        assert!(of(&format!("{line}{line}")).unwrap_err().to_string().contains("twice"));
    }

    #[test]
    fn a_job_switched_off_is_left_out_and_the_zone_is_the_settings_one() {
        let all = of("[[job]]\nname=\"a\"\ncron=\"0 0 4 * * *\"\ncatch_up_minutes=5\nenabled=false\n\
                      [[job]]\nname=\"b\"\ncron=\"0 0 4 * * *\"\ncatch_up_minutes=5")
        .unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].zone, chrono_tz::Asia::Shanghai);
    }

    #[test]
    fn the_file_we_ship_is_right() {
        let file = crate::core::files::RuleFiles::default().read("jobs.toml").unwrap();
        assert!(!read(&file, chrono_tz::Asia::Shanghai).unwrap().is_empty());
    }
}
