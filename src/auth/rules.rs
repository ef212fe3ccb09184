//! Decisions about names and passwords, over plain values.

use chrono::{DateTime, TimeDelta, Utc};
use unicode_normalization::UnicodeNormalization;

use crate::core::{FieldError, Msg};

/// Shortest password, in characters (NIST SP 800-63B asks for at least 8).
pub const MIN_PASSWORD: usize = 8;
/// Longest password, in characters: argon2 reads all of it.
pub const MAX_PASSWORD: usize = 200;
/// A login session ends after so long even when it is used every day.
pub const MAX_SESSION_DAYS: i64 = 30;

/// A login name as it is stored and looked up: compatibility forms folded, spaces off, lower case.
#[must_use]
pub fn tidy_login(raw: &str) -> String {
    raw.nfkc().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()
}

/// What is wrong with a tidied login name, if anything: 2 to 64 letters, digits, `.`, `-`, `_`, `@`.
#[must_use]
pub fn login_problem(login: &str) -> Option<Msg> {
    let n = login.chars().count();
    let fits = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    ((2..=64).contains(&n) && login.chars().all(fits))
        .then_some(())
        .map_or_else(|| Some(Msg::new("auth-login-form")), |()| None)
}

/// What is wrong with a new password. `old` is the present one, so that a one-time password is really replaced.
#[must_use]
pub fn password_problems(login: &str, old: &str, new: &str, again: &str) -> Vec<FieldError> {
    let n = new.chars().count();
    let mut out = Vec::new();
    let mut wrong = |field: &str, msg: Msg| out.push(FieldError { field: field.to_owned(), msg });
    if n < MIN_PASSWORD {
        wrong("new", Msg::new("auth-password-short").with("min", MIN_PASSWORD));
    } else if n > MAX_PASSWORD {
        wrong("new", Msg::new("auth-password-long").with("max", MAX_PASSWORD));
    } else if new == old {
        wrong("new", Msg::new("auth-password-same"));
    } else if tidy_login(new) == login || easy(new) {
        wrong("new", Msg::new("auth-password-easy"));
    }
    if new != again {
        wrong("again", Msg::new("auth-password-differs"));
    }
    out
}

/// One character over and over, a run such as 12345678, or one of the words everybody tries.
fn easy(password: &str) -> bool {
    const KNOWN: &[&str] = &[
        "password",
        "password1",
        "passw0rd",
        "qwertyui",
        "qwerty123",
        "1q2w3e4r",
        "a1234567",
        "iloveyou",
        "abc12345",
        "admin123",
    ];
    let codes: Vec<i64> = password.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps: Vec<i64> = codes.windows(2).filter_map(|w| Some(w.get(1)? - w.first()?)).collect();
    let run = steps.first().is_some_and(|first| (-1..=1).contains(first) && steps.iter().all(|s| s == first));
    run || KNOWN.contains(&password.to_lowercase().as_str())
}

/// Failures and waiting time after one more wrong password.
#[must_use]
pub fn after_failure(failures: i64, max: i64, wait: TimeDelta, now: DateTime<Utc>) -> (i64, Option<DateTime<Utc>>) {
    let failures = failures + 1;
    (failures, (failures >= max).then(|| now + wait))
}

/// A one-time password of 12 characters in groups, without letters that look like digits; 60 random bits.
#[must_use]
pub fn one_time_password(random: [u8; 12]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789w";
    let mut out = String::with_capacity(14);
    for (i, b) in random.iter().enumerate() {
        if i > 0 && i % 4 == 0 {
            out.push('-');
        }
        out.push(LETTERS.get(usize::from(b & 31)).map_or('x', |c| char::from(*c)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_names_are_tidied_and_checked() {
        for (raw, tidy, good) in [
            (" Trainer-1 ", "trainer-1", true),
            ("ＡＢＣ", "abc", true),
            ("王 芳", "王芳", true),
            ("a", "a", false),
            ("a/b", "a/b", false),
            ("<script>", "<script>", false),
        ] {
            assert_eq!(tidy_login(raw), tidy);
            assert_eq!(login_problem(tidy).is_none(), good, "{raw}");
        }
    }

    #[test]
    fn passwords() {
        for (new, again, field, key) in [
            ("geese fly north", "geese fly north", "", ""),
            ("short", "short", "new", "auth-password-short"),
            ("old-password", "old-password", "new", "auth-password-same"),
            ("Trainer1", "Trainer1", "new", "auth-password-easy"),
            ("12345678", "12345678", "new", "auth-password-easy"),
            ("aaaaaaaaa", "aaaaaaaaa", "new", "auth-password-easy"),
            ("Password1", "Password1", "new", "auth-password-easy"),
            ("geese fly north", "geese fly south", "again", "auth-password-differs"),
        ] {
            let got = password_problems("trainer1", "old-password", new, again);
            let got = got.first().map_or(("", ""), |e| (e.field.as_str(), e.msg.key.as_str()));
            assert_eq!(got, (field, key), "{new}");
        }
        assert!(!password_problems("x", "", &"长".repeat(201), &"长".repeat(201)).is_empty());
    }

    #[test]
    fn the_account_waits_after_the_last_allowed_failure() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let wait = TimeDelta::minutes(10);
        assert_eq!(after_failure(0, 3, wait, now), (1, None));
        assert_eq!(after_failure(1, 3, wait, now), (2, None));
        assert_eq!(after_failure(2, 3, wait, now), (3, Some(now + wait)));
        assert_eq!(after_failure(3, 3, wait, now), (4, Some(now + wait)));
    }

    #[test]
    fn one_time_passwords_have_three_groups() {
        let p = one_time_password([0, 1, 2, 3, 31, 5, 6, 7, 255, 9, 10, 11]);
        assert_eq!(p.len(), 14);
        assert_eq!(p.split('-').count(), 3);
    }
}
