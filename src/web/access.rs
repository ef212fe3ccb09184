//! Who may open which route: the types of the one table in `app::permissions`, and the look-up in it.

use std::collections::HashMap;

use crate::core::{Actor, Role};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, signed in or not.
    Public,
    /// Every role.
    SignedIn,
    /// These roles only.
    Roles(&'static [Role]),
}

impl Access {
    /// Whether this visitor may use the route.
    #[must_use]
    pub fn allows(self, actor: Option<&Actor>) -> bool {
        match (self, actor) {
            (Self::Public, _) | (Self::SignedIn, Some(_)) => true,
            (Self::Roles(roles), Some(a)) => a.is(roles),
            (_, None) => false,
        }
    }
}

/// Method, path (`:name` stands for one segment, a last `*` for the rest) and who may use it.
pub type Rule = (&'static str, &'static str, Access);

/// What the table says about a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// The path is in no rule: it does not exist.
    Nothing,
    /// The path exists, but not with this method; these are the methods it has.
    OtherMethods(Vec<&'static str>),
    Rule(&'static Rule),
}

/// The rules, ready for look-up: fixed segments win over `:name`, `:name` over `*`.
#[derive(Debug)]
pub struct Table {
    rules: &'static [Rule],
    by_length: HashMap<usize, Vec<(Vec<&'static str>, &'static Rule)>>,
    rest: Vec<(Vec<&'static str>, &'static Rule)>,
}

impl Table {
    #[must_use]
    pub fn new(rules: &'static [Rule]) -> Self {
        let mut by_length: HashMap<usize, Vec<_>> = HashMap::new();
        let mut rest = Vec::new();
        for rule in rules {
            let mut parts = segments(rule.1);
            if parts.last() == Some(&"*") {
                parts.pop();
                rest.push((parts, rule));
            } else {
                by_length.entry(parts.len()).or_default().push((parts, rule));
            }
        }
        Self { rules, by_length, rest }
    }

    #[must_use]
    pub fn rules(&self) -> &'static [Rule] {
        self.rules
    }

    /// Looks up a path as requested (no query). HEAD counts as GET.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Found {
        let method = if method == "HEAD" { "GET" } else { method };
        let parts = segments(path);
        let full = self.by_length.get(&parts.len()).into_iter().flatten().filter(|(p, _)| fits(p, &parts));
        // Among the rules that fit, the one whose first difference is a fixed segment is the more exact one.
        let exact = full.clone().max_by_key(|(p, _)| p.iter().map(|s| !s.starts_with(':')).collect::<Vec<_>>());
        let fitting: Vec<&'static Rule> = match exact {
            Some((best, _)) => full.filter(|(p, _)| p == best).map(|(_, r)| *r).collect(),
            None => self
                .rest
                .iter()
                .filter(|(p, _)| p.len() < parts.len() && fits(p, parts.get(..p.len()).unwrap_or_default()))
                .map(|(_, r)| *r)
                .collect(),
        };
        match fitting.iter().find(|r| r.0 == method) {
            Some(rule) => Found::Rule(rule),
            None if fitting.is_empty() => Found::Nothing,
            None => Found::OtherMethods(fitting.iter().map(|r| r.0).collect()),
        }
    }
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|s| !s.is_empty()).collect()
}

fn fits(rule: &[&str], path: &[&str]) -> bool {
    rule.len() == path.len() && rule.iter().zip(path).all(|(r, p)| r.starts_with(':') || r == p)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &[Rule] = &[
        ("GET", "/", Access::SignedIn),
        ("GET", "/people/:id", Access::SignedIn),
        ("POST", "/people/:id", Access::Roles(&[Role::Trainer])),
        ("GET", "/people/new", Access::Roles(&[Role::Trainer])),
        ("GET", "/assets/*", Access::Public),
    ];

    #[test]
    fn fixed_segments_win_and_unknown_paths_are_nothing() {
        let t = Table::new(RULES);
        for (method, path, want) in [
            ("GET", "/", Some("/")),
            ("HEAD", "/people/7", Some("/people/:id")),
            ("GET", "/people/new", Some("/people/new")),
            ("POST", "/people/7/", Some("/people/:id")),
            ("GET", "/assets/a/b.css", Some("/assets/*")),
            ("GET", "/assets", None),
            ("GET", "/nothing", None),
            ("GET", "/people/7/more", None),
        ] {
            let got = match t.find(method, path) {
                Found::Rule(r) => Some(r.1),
                _ => None,
            };
            assert_eq!(got, want, "{method} {path}");
        }
        assert_eq!(t.find("DELETE", "/people/7"), Found::OtherMethods(vec!["GET", "POST"]));
    }

    #[test]
    fn roles_are_asked_for() {
        let mut actor = Actor::command_line();
        actor.role = Role::Intern;
        assert!(Access::Public.allows(None));
        assert!(!Access::SignedIn.allows(None));
        assert!(Access::SignedIn.allows(Some(&actor)));
        assert!(!Access::Roles(&[Role::Trainer]).allows(Some(&actor)));
        assert!(Access::Roles(&[Role::Intern]).allows(Some(&actor)));
    }
}
