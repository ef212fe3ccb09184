//! The command line as a script meets it: exit codes, JSON, and messages that name what to mend.

use std::path::Path;
use std::process::{Command, Output};

use crate::harness;

/// The binary on a database of its own in `dir`.
fn yanzhen(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yanzhen"))
        .current_dir(dir)
        .env("YANZHEN__DATABASE__URL", harness::sqlite_url(&dir.join("y.db")))
        .env("YANZHEN__DATA__DIR", dir)
        .env("YANZHEN__SIGN_IN__ARGON2_MEMORY_KIB", "64")
        .env("YANZHEN_LANG", "en")
        .env("RUST_LOG", "error")
        .args(args)
        .output()
        .unwrap()
}

fn text(o: &Output) -> String {
    String::from_utf8_lossy(&o.stdout).into_owned() + &String::from_utf8_lossy(&o.stderr)
}

fn code(o: &Output) -> i32 {
    o.status.code().unwrap_or(-1)
}

fn json(o: &Output) -> serde_json::Value {
    serde_json::from_slice(&o.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(o)))
}

const ROSTER: &str = "姓名,证件类型,身份证号,报考级别\n陈一,居民身份证,11010519491231002X,初级\n李二,居民身份证,110105194912310021,初级\n";

#[test]
fn what_cannot_be_read_is_said_in_the_same_form_and_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let gone = dir.path().join("fort.csv");
    for (path, problem) in [(gone.as_path(), "file_not_found"), (dir.path(), "file_is_folder")] {
        let name = path.to_str().unwrap();
        let o = yanzhen(dir.path(), &["import", "bases", "--json", name]);
        assert_eq!(code(&o), 1, "{}", text(&o));
        let told = json(&o);
        assert_eq!((told["import_id"].is_null(), told["rows"].as_i64()), (true, Some(0)));
        let p = &told["problems"][0];
        assert_eq!((p["code"].as_str(), p["row"].is_null()), (Some(problem), true), "{told}");
        assert!(p["message"].as_str().unwrap().contains(name), "{told}");
    }
    // An empty database first: a backup that is none must not take its place.
    assert_eq!(code(&yanzhen(dir.path(), &["migrate", "up"])), 0);
    let junk = dir.path().join("unsinn.db");
    std::fs::write(&junk, "no database").unwrap();
    let o = yanzhen(dir.path(), &["restore", junk.to_str().unwrap()]);
    assert_eq!(code(&o), 1, "{}", text(&o));
    assert!(text(&o).contains("unsinn.db: not a backup") && !text(&o).contains("restoring"), "{}", text(&o));
    assert_eq!(code(&yanzhen(dir.path(), &["tally", "--scheme", "x"])), 2, "an argument nobody reads");
}

#[test]
fn an_import_tells_by_exit_code_and_json_what_became_of_each_row() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("名单.csv");
    std::fs::write(&file, ROSTER).unwrap();
    let name = file.to_str().unwrap();
    let import = |extra: &[&str]| {
        let mut args = vec!["import", "roster", "--cohort", "C1", "--create-cohort", "--json"];
        args.extend_from_slice(extra);
        args.push(name);
        yanzhen(dir.path(), &args)
    };

    let o = import(&["--dry-run"]);
    assert_eq!(code(&o), 3, "{}", text(&o));
    let dry = json(&o);
    assert_eq!(dry["import_id"], serde_json::Value::Null);
    assert_eq!(
        (&dry["rows"], &dry["accepted"], &dry["refused"], &dry["unchanged"]),
        (&2.into(), &1.into(), &1.into(), &0.into())
    );
    assert_eq!(dry["problems"][0]["row"], 3);
    assert_eq!(dry["problems"][0]["code"], "id_check_digit");
    assert_eq!(dry["problems"][0]["column"], "身份证号");
    assert_eq!(dry["problems"][0]["severity"], "error");

    // The dry run made nothing, not even the cohort: without --create-cohort there is none to import into.
    let o = yanzhen(dir.path(), &["import", "roster", "--cohort", "C1", name]);
    assert!(code(&o) == 1 || code(&o) == 2, "{}", text(&o));
    assert!(text(&o).contains("C1"), "{}", text(&o));

    let first = import(&[]);
    assert_eq!(code(&first), 3, "{}", text(&first));
    let id = json(&first)["import_id"].as_i64().unwrap();
    let again = json(&import(&[]));
    assert_eq!((&again["accepted"], &again["unchanged"], &again["refused"]), (&0.into(), &1.into(), &1.into()));

    let tally = yanzhen(dir.path(), &["tally", "--json"]);
    assert_eq!(json(&tally)["total"]["people"], 1, "{}", text(&tally));
    let undone = yanzhen(dir.path(), &["import", "undo", &id.to_string()]);
    assert_eq!(code(&undone), 0, "{}", text(&undone));
    assert_eq!(json(&yanzhen(dir.path(), &["tally", "--json"]))["total"]["people"], 0);
    assert_eq!(code(&yanzhen(dir.path(), &["import", "undo", &id.to_string()])), 1);
}

#[test]
fn a_file_refused_as_a_whole_stores_nothing_and_exits_with_1() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes, expected) in [
        ("empty.csv", Vec::new(), "empty_file"),
        (
            "noise.xlsx",
            (0_u32..6000).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect(),
            "not_a_spreadsheet",
        ),
        ("headers.csv", "姓名,身份证号\n".as_bytes().to_vec(), "no_data_rows"),
        ("no-id.csv", "姓名,性别\n陈一,男\n".as_bytes().to_vec(), "missing_required_column"),
    ] {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let o = yanzhen(
            dir.path(),
            &["import", "roster", "--cohort", "C", "--create-cohort", "--json", file.to_str().unwrap()],
        );
        assert_eq!(code(&o), 1, "{name}: {}", text(&o));
        let j = json(&o);
        assert_eq!((&j["import_id"], &j["rows"]), (&serde_json::Value::Null, &0.into()), "{name}");
        assert_eq!(j["problems"][0]["code"], expected, "{name}");
        assert_eq!(j["problems"][0]["row"], serde_json::Value::Null, "{name}");
    }
    let o = yanzhen(dir.path(), &["import", "roster", "--cohort", "C", "no-such-file.csv"]);
    assert_eq!(code(&o), 1);
    assert!(text(&o).contains("no-such-file.csv"), "{}", text(&o));
}

#[test]
fn wrong_settings_name_file_and_key() {
    let dir = tempfile::tempdir().unwrap();
    let run = |key: &str, value: &str| {
        let o = Command::new(env!("CARGO_BIN_EXE_yanzhen"))
            .current_dir(dir.path())
            .env(key, value)
            .arg("check")
            .output()
            .unwrap();
        (code(&o), text(&o))
    };
    for (key, value, named) in [
        ("YANZHEN__SERVER__PORT", "abc", "server.port"),
        ("YANZHEN__TIME__ZONE", "Asia/Nowhere", "time.zone"),
        ("YANZHEN__DATABASE__URL", "mysql://x", "database.url"),
        ("YANZHEN__MAIL__FROM", "nobody", "mail.from"),
    ] {
        let (code, said) = run(key, value);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(named), "{named}: {said}");
    }
    let file = dir.path().join("mine.toml");
    std::fs::write(&file, "[server]\nprot = 80\n").unwrap();
    let o = yanzhen(dir.path(), &["--config", file.to_str().unwrap(), "check"]);
    assert_eq!(code(&o), 1);
    assert!(text(&o).contains("prot") && text(&o).contains("mine.toml"), "{}", text(&o));
    assert_eq!(code(&yanzhen(dir.path(), &["no-such-command"])), 2);
    assert_eq!(code(&yanzhen(dir.path(), &["check"])), 0);
}

#[test]
fn another_key_or_none_is_a_named_error_and_never_a_new_key() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(code(&yanzhen(dir.path(), &["migrate", "up"])), 0);
    let key = dir.path().join("yanzhen.key");
    let right = std::fs::read_to_string(&key).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&key, "11".repeat(32)).unwrap();
    let o = yanzhen(dir.path(), &["tally"]);
    assert_eq!(code(&o), 1);
    assert!(text(&o).contains("secrets.key_file"), "{}", text(&o));
    std::fs::remove_file(&key).unwrap();
    let o = yanzhen(dir.path(), &["tally"]);
    assert_eq!(code(&o), 1);
    assert!(text(&o).contains("secrets.key_file") && !key.exists(), "{}", text(&o));
    std::fs::write(&key, right).unwrap();
    assert_eq!(code(&yanzhen(dir.path(), &["tally"])), 0);
}

#[test]
fn a_taken_port_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let o = Command::new(env!("CARGO_BIN_EXE_yanzhen"))
        .current_dir(dir.path())
        .env("YANZHEN__DATABASE__URL", harness::sqlite_url(&dir.path().join("y.db")))
        .env("YANZHEN__DATA__DIR", dir.path())
        .env("YANZHEN__SERVER__PORT", &port)
        .arg("serve")
        .output()
        .unwrap();
    assert_eq!(code(&o), 1);
    assert!(text(&o).contains("server.port") && text(&o).contains(&port), "{}", text(&o));
}

#[test]
fn a_backup_can_be_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("名单.csv");
    std::fs::write(&file, ROSTER).unwrap();
    let import = ["import", "roster", "--cohort", "C1", "--create-cohort", file.to_str().unwrap()];
    assert_eq!(code(&yanzhen(dir.path(), &import)), 3);
    let copy = dir.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    assert_eq!(code(&yanzhen(dir.path(), &["backup", copy])), 0);
    assert_eq!(code(&yanzhen(dir.path(), &["backup", copy])), 1, "an existing file is not overwritten");
    assert_eq!(code(&yanzhen(dir.path(), &["import", "undo", "1"])), 0);
    let o = yanzhen(dir.path(), &["restore", copy]);
    assert_eq!(code(&o), 0, "{}", text(&o));
    assert_eq!(json(&yanzhen(dir.path(), &["tally", "--json"]))["total"]["people"], 1);
    // A file that is no backup replaces nothing.
    let o = yanzhen(dir.path(), &["restore", file.to_str().unwrap()]);
    assert_eq!(code(&o), 1);
    assert_eq!(json(&yanzhen(dir.path(), &["tally", "--json"]))["total"]["people"], 1);
}

#[test]
fn a_timetable_is_solved_scored_and_explained_without_a_database() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/timetable").join(name);
    let (exam, crs) = (fixture("small.exam"), fixture("small.crs"));
    let (exam, crs, out) = (exam.to_str().unwrap(), crs.to_str().unwrap(), dir.path().join("plan.sln"));
    let out = out.to_str().unwrap();
    let run = |args: &[&str]| yanzhen(dir.path(), &[&["timetable"], args].concat());

    let o = run(&["solve", exam, "--iterations", "20000", "--out", out, "--json"]);
    assert_eq!(code(&o), 0, "{}", text(&o));
    let solved = json(&o);
    let o = run(&["score", exam, out, "--json"]);
    assert_eq!(code(&o), 0, "{}", text(&o));
    assert_eq!((&json(&o)["hard"], &json(&o)["soft"]), (&0.into(), &solved["soft"]));
    assert!(!dir.path().join("y.db").exists(), "no database is touched");

    let o = run(&["solve", crs, "--periods", "4", "--seconds", "0.2", "--out", out, "--json"]);
    assert_eq!((code(&o), json(&o)["soft"].clone()), (0, 32.into()), "{}", text(&o));
    let o = run(&["solve", crs, "--periods", "2", "--iterations", "1000", "--out", out]);
    assert_eq!(code(&o), 1, "three exams that clash do not go into two slots: {}", text(&o));
    let o = run(&["explain", crs, "--periods", "2"]);
    assert_eq!(code(&o), 0);
    assert!(text(&o).contains("0001, 0002, 0003"), "{}", text(&o));

    for usage in [
        vec!["solve", crs, "--seconds", "1", "--out", out],
        vec!["solve", exam, "--out", out],
        vec!["solve", exam, "--seconds", "0", "--out", out],
        vec!["solve", exam, "--seconds", "1"],
        vec!["solve", exam, "--seconds", "1", "--lock", exam, "--out", out],
        vec!["score", "plan.txt", out],
    ] {
        assert_eq!(code(&run(&usage)), 2, "{usage:?}");
    }
    std::fs::write(dir.path().join("bad.exam"), "[Exams:1]\n60, 1, 1\n").unwrap();
    let o = run(&["solve", "bad.exam", "--seconds", "1", "--out", out]);
    assert_eq!(code(&o), 1);
    assert!(text(&o).contains("line 2: candidate \"1\" stands twice"), "{}", text(&o));
    let o = run(&["solve", "bad.exam", "--seconds", "1", "--out", out, "--lang", "zh-CN"]);
    assert!(text(&o).contains("第 2 行：考生“1”重复出现"), "{}", text(&o));
    std::fs::write(dir.path().join("short.sln"), "0, 0\n").unwrap();
    let o = run(&["score", exam, "short.sln"]);
    assert_eq!(code(&o), 1);
    assert!(text(&o).contains("Is it another problem's plan?"), "{}", text(&o));
    std::fs::write(dir.path().join("worst.sln"), "0, 0\n".repeat(6)).unwrap();
    let (en, zh) = (run(&["score", exam, "worst.sln"]), run(&["score", exam, "worst.sln", "--lang", "zh-CN"]));
    assert!(text(&en).contains("candidates and the period") && text(&zh).contains("名共同考生且同场"), "{}", text(&zh));
    let o = run(&["score", exam, "none.sln"]);
    assert_eq!(code(&o), 1, "{}", text(&o));
}
