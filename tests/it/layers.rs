//! Imports go one way: a module may use those to its left in the order, never one to its right.

use std::path::Path;

const ORDER: &[&str] = &[
    "core",
    "db",
    "audit",
    "records",
    "jobs",
    "mail",
    "web",
    "auth",
    "api",
    "timetable",
    "schemes",
    "importing",
    "directory",
    "organisations",
    "stations",
    "pipeline",
    "people",
    "employments",
    "cohorts",
    "certificates",
    "practicum",
    "placing",
    "projects",
    "services",
    "lecturers",
    "classes",
    "feedback",
    "assessments",
    "honours",
    "formations",
    "rosters",
    "exams",
    "eligibility",
    "sittings",
    "reminders",
    "reports",
    "admin",
    "app",
    "cli",
];

fn files(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for e in std::fs::read_dir(dir).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() {
            files(&p, out);
        } else if p.extension().is_some_and(|x| x == "rs") {
            out.push(p);
        }
    }
}

fn upward(module: &str, text: &str) -> Vec<String> {
    let at = ORDER.iter().position(|m| *m == module);
    let mut bad = Vec::new();
    for (n, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        for part in line.split("crate::").skip(1) {
            let names: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let other = ORDER.iter().position(|m| *m == names);
            if let (Some(at), Some(other)) = (at, other)
                && other > at
            {
                bad.push(format!("line {}: {module} uses {names}", n + 1));
            }
        }
    }
    bad
}

#[test]
fn imports_go_leftwards_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&src, &mut all);
    let mut bad = Vec::new();
    for f in &all {
        let rel = f.strip_prefix(&src).unwrap();
        let first = rel.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if first == "main" || first == "lib" {
            continue;
        }
        assert!(ORDER.contains(&first.as_str()), "src/{first} is not in the order of imports");
        let text = std::fs::read_to_string(f).unwrap();
        bad.extend(upward(&first, &text).into_iter().map(|b| format!("{}: {b}", rel.display())));
        let name = rel.file_name().unwrap().to_str().unwrap();
        if name == "rules.rs" {
            for word in ["sea_orm", "poem", "async fn"] {
                if text.contains(word) {
                    bad.push(format!("{}: rules are pure, but this names {word}", rel.display()));
                }
            }
        }
        let edge = ["web", "auth", "api", "app", "admin"].contains(&first.as_str())
            || rel.iter().any(|p| matches!(p.to_str(), Some("pages" | "pages.rs" | "api" | "api.rs")));
        if !edge && text.contains("poem::") {
            bad.push(format!("{}: poem belongs to pages, api, web, auth and app", rel.display()));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn the_check_sees_an_upward_import() {
    assert_eq!(upward("people", "use crate::exams::ops;"), ["line 1: people uses exams"]);
    assert_eq!(upward("exams", "use crate::people::ops;").len(), 0);
}
