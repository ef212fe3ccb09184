//! Mail addresses by their form; whether one exists the mail server tells.

/// One @, a dot after it, nothing that mail programs choke on.
#[must_use]
pub fn is_address(s: &str) -> bool {
    let Some((user, host)) = s.split_once('@') else { return false };
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '%');
    !user.is_empty()
        && user.chars().all(fine)
        && host.contains('.')
        && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        && !host.starts_with(['.', '-'])
        && !host.ends_with(['.', '-'])
        && !s.contains("..")
}

#[cfg(test)]
mod tests {
    #[test]
    fn addresses() {
        for s in ["a@example.com", "s.2022-1_x+y@campus.example.com"] {
            assert!(super::is_address(s), "{s}");
        }
        for s in ["", "a", "a@", "@b.c", "a@b", "a b@c.d", "a@b..c", "a@.b", "a@b.c,d@e.f"] {
            assert!(!super::is_address(s), "{s}");
        }
    }
}
