//! Speed as ratios to a stated reference in the same run, on embedded SQLite. Run by hand:
//!
//! ```text
//! cargo bench --bench speed                    import, then pages at 300,000 people and a tally over a million results
//! cargo bench --bench speed -- import
//! cargo bench --bench speed -- pages [PEOPLE]
//! cargo bench --bench speed -- seed DIR [PEOPLE]    only makes the database in DIR, to be served and looked at
//! ```

mod tools;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use yanzhen::app;
use yanzhen::core::Actor;
use yanzhen::db::{self, Cx};
use yanzhen::importing::{Limits, Params, read, run as imports};

use tools::{SESSION, Visit, measure, ms, open, raw, tell};

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let word = |i: usize| args.get(i).map(String::as_str);
    let people = |i: usize| word(i).and_then(|n| n.parse().ok()).unwrap_or(300_000);
    match word(0) {
        Some("import") => import().await,
        Some("pages") => pages(people(1)).await,
        Some("seed") => {
            let dir = PathBuf::from(word(1).unwrap_or("var/bench"));
            let cx = open(&dir).await;
            seed(&cx, people(2)).await;
            println!("seeded {}", dir.display());
        }
        _ => {
            import().await;
            pages(300_000).await;
        }
    }
}

/// Median of several runs, each on a database of its own.
fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

/// 20,000 roster rows: read, judged, sealed, audited, undoable, against reading the file + one raw INSERT per row.
async fn import() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/samples/set_d/24_两万行.csv");
    let bytes = std::fs::read(&sample).unwrap_or_else(|_| roster(20_000));
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        let cx = open(dir.path()).await;
        let kinds = app::kinds();
        let params = Params { cohort: Some("B".to_owned()), create_cohort: true, ..Params::default() };
        let begun = Instant::now();
        let who = Actor::command_line();
        let kind = kinds.get("roster").unwrap();
        let o = imports::now(&cx, &who, kind, &params, "b.csv", &bytes, false).await.unwrap();
        ours.push(begun.elapsed());
        assert!(o.accepted > 19_000, "{o:?}");

        db::run(cx.writer(), "CREATE TABLE plain (a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT, h TEXT)", [])
            .await
            .unwrap();
        let begun = Instant::now();
        let book = read(&bytes, "b.csv", &Limits::default()).unwrap();
        let txn = cx.begin().await.unwrap();
        for row in book.sheets.iter().flat_map(|s| &s.rows) {
            let values = (0..8).map(|i| row.cell(i).show().into_owned().into());
            db::run(&txn, "INSERT INTO plain VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values).await.unwrap();
        }
        txn.commit().await.unwrap();
        raw.push(begun.elapsed());
    }
    let (ours, raw) = (median(ours), median(raw));
    let ratio = ours.as_secs_f64() / raw.as_secs_f64();
    println!(
        "import of 20,000 rows: {:.0} ms; read + raw INSERTs: {:.0} ms; ratio {ratio:.2} (goal <= 3)",
        ms(ours),
        ms(raw)
    );
}

/// A roster of made-up people; the region part 99 is no province.
fn roster(n: u64) -> Vec<u8> {
    const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let mut s = String::from("序号,姓名,性别,证件类型,身份证号,学历,工作单位,报考级别,联系电话\n");
    for i in 0..n {
        let id =
            format!("990121{:04}{:02}{:02}{:03}", 1960 + i % 45, 1 + i / 45 % 12, 1 + i / 540 % 28, i / 15_120 * 2 + 1);
        let sum: u64 = id.bytes().zip(WEIGHTS).map(|(d, w)| u64::from(d - b'0') * w).sum();
        let check = b"10X98765432"[usize::try_from(sum % 11).unwrap()] as char;
        let name =
            format!("{}{}", ["王", "李", "张", "刘"][i as usize % 4], ["伟", "芳", "娜", "敏", "静"][i as usize % 5]);
        s += &format!("{},{name},男,居民身份证,{id}{check},本科,某单位,初级,\n", i + 1);
    }
    s.into_bytes()
}

/// Fills the tables by the database itself: what is measured is reading.
async fn seed(cx: &Cx, people: i64) {
    let now = cx.now();
    let run = async |sql: &str| {
        let n = sql.matches('?').count();
        let txn = cx.begin().await.unwrap();
        db::run(&txn, sql, (0..n).map(|_| now.into())).await.unwrap();
        txn.commit().await.unwrap();
    };
    let numbers = |n: i64| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n}) ");
    run("INSERT INTO region (code, name, level, version, created_at, updated_at) VALUES ('990121', '县', 3, 1, ?, ?)")
        .await;
    let sql = "INSERT INTO cohort (code, name, active, version, created_at, updated_at) \
               SELECT 'c' || i, '第' || i || '期', TRUE, 1, ?, ? FROM n";
    run(&(numbers(100) + sql)).await;
    let sql = "INSERT INTO person (name, name_key, sex, birth, id_type, id_sealed, id_hash, id_tail, phone, region_code, \
               active, version, created_at, updated_at) SELECT 'p' || (i * 7919 % 1000003), 'p' || (i * 7919 % 1000003), \
               'female', '1990-01', 'resident_id', 'x', printf('%064x', i), printf('%04d', i % 10000), \
               printf('199%08d', i), '99012' || (i % 9) || printf('%03d', i % 20), TRUE, 1, ?, ? FROM n";
    run(&(numbers(people) + sql)).await;
    run("INSERT INTO person_scope (person_id, kind, target_id) SELECT id, 'cohort', 1 + id % 100 FROM person").await;
    let sql = "INSERT INTO enrolment (cohort_id, person_id, scheme, level, state, version, created_at, updated_at) \
               SELECT 1 + id % 100, id, 'social-work', 'junior', 'active', 1, ?, ? FROM person";
    run(sql).await;
    let sql = "INSERT INTO exam_cycle (scheme, year, version, created_at, updated_at) VALUES \
               ('social-work', 2025, 1, ?, ?), ('social-work', 2026, 1, ?, ?)";
    run(sql).await;
    let sql = "INSERT INTO registration (cycle_id, person_id, level, registered_on, payment, state, version, created_at, \
               updated_at) SELECT 2, id, 'junior', '2026-03-20', 'paid', 'active', 1, ?, ? FROM person";
    run(sql).await;
    // Two subjects a year; 2025 for two thirds of the people: a million rows at 300,000 people.
    let sql = "INSERT INTO result (cycle_id, person_id, level, subject, code, mark, published_on, version, created_at, \
               updated_at) SELECT c.id, p.id, 'junior', s.name, 'normal', 4000 + (p.id * 37 + c.id) % 5000, \
               c.year || '-08-01', 1, ?, ? FROM person p, exam_cycle c, (SELECT 'ability' AS name UNION ALL SELECT \
               'practice') s WHERE c.year = 2026 OR p.id % 3 > 0";
    run(sql).await;
    let sql = "INSERT INTO exam_facts (person_id, scheme, level, year, registered, sat, passed) SELECT r.person_id, \
               'social-work', 'junior', c.year, c.year = 2026, TRUE, MIN(r.mark) >= 6000 FROM result r JOIN exam_cycle c \
               ON c.id = r.cycle_id GROUP BY r.person_id, c.year";
    run(sql).await;
    let sql = "INSERT INTO certificate (person_id, scheme, level, number, exam_year, approved_on, version, created_at, \
               updated_at) SELECT person_id, scheme, level, 'N' || person_id, 2026, '2026-09-01', 1, ?, ? FROM exam_facts \
               WHERE passed = TRUE AND year = 2026";
    run(sql).await;
    let sql = "INSERT INTO person_facts (person_id, stage, enrolled, highest_scheme, highest_level, highest_rank, updated_at) \
               SELECT p.id, CASE WHEN c.id IS NULL THEN 'sat' ELSE 'certified' END, TRUE, \
               CASE WHEN c.id IS NULL THEN '' ELSE 'social-work' END, CASE WHEN c.id IS NULL THEN '' ELSE 'junior' END, \
               CASE WHEN c.id IS NULL THEN 0 ELSE 1 END, ? FROM person p LEFT JOIN certificate c ON c.person_id = p.id";
    run(sql).await;
    for (kind, group) in
        [("all", "''"), ("region", "substr(p.region_code, 1, 6)"), ("cohort", "'' || (1 + p.id % 100)")]
    {
        let sql = format!(
            "INSERT INTO tally_counter (kind, group_key, scheme, level, year, registered, sat, passed) \
             SELECT '{kind}', {group}, e.scheme, e.level, e.year, SUM(e.registered), SUM(e.sat), SUM(e.passed) \
             FROM exam_facts e JOIN person p ON p.id = e.person_id GROUP BY 2, 3, 4, 5"
        );
        run(&sql).await;
        let sql = format!(
            "INSERT INTO tally_counter (kind, group_key, scheme, level, year, people) SELECT '{kind}', {group}, '', '', 0, \
             COUNT(*) FROM person p GROUP BY 2"
        );
        run(&sql).await;
        let sql = format!(
            "INSERT INTO tally_counter (kind, group_key, scheme, level, year, certified) SELECT '{kind}', {group}, \
             f.highest_scheme, f.highest_level, 0, COUNT(*) FROM person_facts f JOIN person p ON p.id = f.person_id \
             WHERE f.highest_rank > 0 GROUP BY 2, 3, 4"
        );
        run(&sql).await;
        let sql = format!(
            "INSERT INTO stage_counter (kind, group_key, stage, people) SELECT '{kind}', {group}, f.stage, COUNT(*) \
             FROM person_facts f JOIN person p ON p.id = f.person_id GROUP BY 2, 3"
        );
        run(&sql).await;
    }
    db::run(cx.writer(), "ANALYZE", []).await.unwrap();
}

/// Pages through the whole application against the SQL they need, session and permission look-up included.
async fn pages(people: i64) {
    let dir = tempfile::tempdir().unwrap();
    let cx = open(dir.path()).await;
    let begun = Instant::now();
    seed(&cx, people).await;
    println!("seeded {people} people in {:.0} s", begun.elapsed().as_secs_f64());
    let visit = Visit::new(&cx).await;
    let get = |path: String| visit.get(path);
    let session = async || raw(&cx, SESSION, vec![visit.hash.clone().into(), cx.now().into()]).await;

    let ours = measure(300, |_| get("/people".to_owned())).await;
    let sql = "SELECT p.*, f.stage, f.highest_level FROM person p LEFT JOIN person_facts f ON f.person_id = p.id \
               WHERE p.active = TRUE ORDER BY p.name_key, p.id LIMIT 51";
    let reference = measure(300, async |_| {
        session().await;
        raw(&cx, sql, vec![]).await;
    })
    .await;
    tell("people list", ours, reference);

    let id = |i: usize| (i as i64 * 7919) % people + 1;
    let ours = measure(300, |i| get(format!("/people/{}", id(i)))).await;
    let tables = [
        "enrolment",
        "placement",
        "hour_entry",
        "class_enrolment",
        "attendance",
        "registration",
        "result",
        "certificate",
    ];
    let reference = measure(300, async |i| {
        session().await;
        raw(&cx, "SELECT * FROM person p JOIN person_facts f ON f.person_id = p.id WHERE p.id = ?", vec![id(i).into()])
            .await;
        for t in tables {
            raw(&cx, &format!("SELECT * FROM {t} WHERE person_id = ?"), vec![id(i).into()]).await;
        }
        let audit = "SELECT * FROM audit_entry WHERE entity = 'person' AND entity_id = ?";
        raw(&cx, audit, vec![id(i).into()]).await;
    })
    .await;
    tell("person page", ours, reference);

    let ours = measure(300, |_| get("/".to_owned())).await;
    let reference = measure(300, async |_| {
        session().await;
        raw(&cx, "SELECT * FROM stage_counter WHERE kind = 'all'", vec![]).await;
        raw(&cx, "SELECT * FROM tally_counter WHERE kind = 'all'", vec![]).await;
        raw(&cx, "SELECT * FROM alarm WHERE cleared_at IS NULL", vec![]).await;
        raw(&cx, "SELECT * FROM tally_snapshot ORDER BY as_of DESC LIMIT 1", vec![]).await;
    })
    .await;
    tell("dashboard", ours, reference);

    let ours = measure(100, |_| get("/tally?by=level".to_owned())).await;
    let results = db::int(cx.read(), "SELECT COUNT(*) FROM result", []).await.unwrap().unwrap_or(0);
    let sql = "SELECT level, COUNT(*), SUM(ok) FROM (SELECT person_id, level, MIN(mark) >= 6000 AS ok FROM result \
               WHERE cycle_id = 2 GROUP BY person_id, level) GROUP BY level";
    let begun = Instant::now();
    raw(&cx, sql, vec![]).await;
    let reference = begun.elapsed();
    let part = ours.0.as_secs_f64() / reference.as_secs_f64();
    println!(
        "tally page over {results} results: {:.2} ms; GROUP BY: {:.0} ms; 1/{:.0} (goal < 1/20)",
        ms(ours.0),
        ms(reference),
        1.0 / part
    );

    let begun = Instant::now();
    let job = Actor::job("tally");
    yanzhen::reports::nightly::run(&cx, &job).await.unwrap();
    let ours = begun.elapsed();
    let sql = "SELECT p.region_code, r.cycle_id, r.level, COUNT(DISTINCT r.person_id), SUM(r.mark >= 6000) FROM result r \
               JOIN person p ON p.id = r.person_id GROUP BY 1, 2, 3";
    let begun = Instant::now();
    raw(&cx, sql, vec![]).await;
    println!(
        "nightly recount: {:.1} s; one GROUP BY over the same rows: {:.1} s",
        ours.as_secs_f64(),
        begun.elapsed().as_secs_f64()
    );
}
