//! The exam scheduler: rules counted by hand, search against recount, the same bytes twice, formats, bad input, proofs.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use yanzhen::timetable::command::{self, Input};
use yanzhen::timetable::construct::fill;
use yanzhen::timetable::error::{Bad, Fault, Thing};
use yanzhen::timetable::explain::{Obstacle, Proof, blocked, proofs};
use yanzhen::timetable::instance::{BROKEN, Instance};
use yanzhen::timetable::model::{Plan, Problem, Relation};
use yanzhen::timetable::moves::Mover;
use yanzhen::timetable::parse::{Format, itc, json, locks, plan, toronto};
use yanzhen::timetable::recount::{Score, Violation, score};
use yanzhen::timetable::rng::Rng;
use yanzhen::timetable::solve::{Control, Limit, Options, Outcome, Progress, solve};
use yanzhen::timetable::state::{NONE, Snapshot, State};

const EXAM: &str = include_str!("../fixtures/timetable/small.exam");
const CRS: &str = include_str!("../fixtures/timetable/small.crs");
const STU: &str = include_str!("../fixtures/timetable/small.stu");
const REAL: &str = include_str!("../fixtures/timetable/real.json");

fn run(problem: &Problem, options: &Options) -> Outcome {
    let cancel = AtomicBool::new(false);
    solve(problem, options, &Control { cancel: &cancel, progress: None }).unwrap()
}

fn count(n: u64) -> Options {
    Options { limit: Limit::Iterations(n), ..Options::default() }
}

fn small(text: &str) -> (Problem, Score) {
    let problem = itc::read(EXAM).unwrap();
    let plan = plan::read(text, Format::Itc, &problem).unwrap();
    let score = score(&problem, &plan);
    (problem, score)
}

#[test]
fn the_soft_rules_are_counted_as_by_hand() {
    // Exams 0 to 5 in periods 0, 1, 2, 3, 1, 1: nobody sits twice, 4 and 5 together, 1 after 0, 3 alone.
    let (_, s) = small("0, 0\n1, 0\n2, 0\n3, 0\n1, 1\n1, 1\n");
    assert_eq!(s.violations, []);
    let expected = [
        ("two_in_a_row", 7),     // student 1: exams 0 and 1 in periods 0 and 1
        ("two_in_a_day", 5),     // student 2: exams 0 and 2 in periods 0 and 2
        ("spread", 4),           // 1: exams 0, 1; 2: 0, 2; 5: 2, 3; 6: 3, 4; not 3: exams 0 and 3 are three apart
        ("mixed_durations", 10), // exams 4 (60) and 5 (90) in room 1
        ("front_load", 3),       // exam 3, the second largest by number, in period 3; exam 0 is in period 0
        ("period_weight", 12),   // exams 1, 4, 5 in period 1
        ("room_weight", 4),      // exams 4, 5 in room 1
    ];
    assert_eq!(s.criteria, expected);
}

#[test]
fn each_hard_rule_has_its_violation() {
    let broken = |text: &str| small(text).1.violations;
    assert_eq!(broken("0, 0\n1, 0\n0, 1\n3, 0\n1, 1\n1, 1\n"), [Violation::Clash(0, 2, 1)]);
    assert_eq!(broken("0, 0\n1, 0\n3, 1\n2, 0\n1, 1\n1, 1\n"), [Violation::TooLong(2, 3, 90, 60)]);
    assert_eq!(broken("1, 0\n0, 0\n2, 0\n3, 0\n0, 1\n0, 1\n"), [Violation::Broken(Relation::After(1, 0))]);
    assert_eq!(broken("0, 0\n1, 0\n2, 0\n3, 0\n1, 1\n0, 1\n"), [Violation::Broken(Relation::SamePeriod(4, 5))]);
    assert_eq!(broken("0, 0\n2, 0\n1, 1\n3, 0\n1, 0\n1, 0\n"), [Violation::Broken(Relation::DifferentPeriod(2, 4))]);
    assert_eq!(broken("0, 0\n3, 0\n2, 0\n3, 0\n1, 1\n1, 1\n").len(), 2, "overfull and shared");
    assert!(broken("0, 0\n3, 1\n2, 0\n3, 1\n1, 1\n1, 1\n").contains(&Violation::Shared(3, 1)));
    assert_eq!(broken("-\n1, 0\n2, 0\n3, 0\n1, 1\n1, 1\n"), [Violation::Unplaced(0)]);
}

#[test]
fn toronto_is_counted_as_carter_did() {
    let problem = toronto::read(CRS, STU, 4).unwrap();
    let plan = plan::read("0001 0\n0002 1\n0003 3\n0004 2\n", Format::Toronto, &problem).unwrap();
    let s = score(&problem, &plan);
    // 1-2 at distance 1: 16; 1-3 at 3: 4; 1-4 at 2: 8; 2-3 at 2: 8; four candidates.
    assert_eq!((s.hard(), s.soft()), (0, 36));
    assert!((problem.shown(s.soft()) - 9.0).abs() < 1e-12);
    assert_eq!(
        run(&problem, &count(20_000)).score.soft(),
        16 + 8 + 4 + 4,
        "a triangle over four slots, and 4 far from 1"
    );
}

#[test]
fn plans_and_problems_survive_writing_and_reading() {
    for (text, format) in [(EXAM, Format::Itc), (REAL, Format::Json)] {
        let input = Input { problem: text.as_bytes(), format, students: None, periods: None };
        let problem = command::load(&input).unwrap();
        let made = run(&problem, &count(5_000)).plan;
        assert_eq!(plan::read(&plan::write(&made, format, &problem), format, &problem).unwrap(), made);
        let again = json::read(&json::write(&problem)).unwrap();
        assert_eq!(score(&again, &made).soft(), score(&problem, &made).soft());
        assert_eq!(json::write(&again), json::write(&problem));
    }
}

#[test]
fn the_real_use_model_is_solved_by_all_its_rules() {
    let problem = json::read(REAL).unwrap();
    let out = run(&problem, &count(60_000));
    assert_eq!(out.score.violations, [], "{}", plan::write(&out.plan, Format::Json, &problem));
    let law = out.plan[0].as_ref().unwrap();
    assert!(law.rooms == [0, 1], "five candidates only fit over both rooms of building A: {law:?}");
}

#[test]
fn count_seed_and_threads_decide_every_byte() {
    let problem = json::read(REAL).unwrap();
    for threads in [1, 2] {
        let options = Options { threads, seed: 7, ..count(20_000) };
        let write = |o: &Outcome| plan::write(&o.plan, Format::Json, &problem);
        assert_eq!(write(&run(&problem, &options)), write(&run(&problem, &options)));
    }
}

#[test]
fn progress_tells_the_criteria_of_the_best() {
    let problem = itc::read(EXAM).unwrap();
    let told = std::sync::Mutex::new(0);
    let cancel = AtomicBool::new(false);
    let check = |p: &Progress| {
        assert_eq!((p.unplaced, p.criteria.iter().map(|c| c.1).sum::<i64>()), (0, p.cost));
        *told.lock().unwrap() += 1;
        cancel.store(*told.lock().unwrap() == 2, std::sync::atomic::Ordering::Relaxed);
    };
    solve(&problem, &count(u64::MAX), &Control { cancel: &cancel, progress: Some(&check) }).unwrap();
    assert_eq!(*told.lock().unwrap(), 2);
}

#[test]
fn a_cancelled_search_still_gives_a_plan_and_locked_exams_stay() {
    let mut problem = json::read(REAL).unwrap();
    let cancel = AtomicBool::new(true);
    let out = solve(&problem, &count(u64::MAX), &Control { cancel: &cancel, progress: None }).unwrap();
    assert!(out.cancelled && out.plan.iter().any(Option::is_some));
    let first = run(&problem, &count(20_000)).plan;
    locks::apply("law # keep\n\nsoftware\n", &mut problem, &first).unwrap();
    let again = run(&problem, &Options { seed: 9, start: Some(first.clone()), ..count(20_000) });
    assert_eq!((&again.plan[0], &again.plan[2]), (&first[0], &first[2]));
    assert_eq!(again.score.violations, []);
    assert_eq!(locks::apply("law\nnone\n", &mut problem, &first).unwrap_err().line, 2);
}

/// Random problems of every kind of rule, small enough to be full of conflicts.
fn made(seed: u64) -> Problem {
    let mut rng = Rng::new(seed, 9);
    let (n, people) = (8 + rng.below(12), 10 + rng.below(20));
    let mut v: serde_json::Value = serde_json::from_str(REAL).unwrap();
    let exams: Vec<serde_json::Value> = (0..n)
        .map(|e| {
            let who: Vec<String> = (0..people).filter(|_| rng.below(8) == 0).map(|c| c.to_string()).collect();
            serde_json::json!({"id": e.to_string(), "minutes": 60 + 30 * rng.below(3), "candidates": who,
                "exclusive": rng.below(9) == 0, "split": rng.below(3) == 0, "accessible": rng.below(9) == 0})
        })
        .collect();
    let kinds = ["same_period", "different_period", "after", "same_room"];
    let relations: Vec<serde_json::Value> = (0..rng.below(4))
        .map(|i| serde_json::json!({"kind": kinds[rng.below(4)], "a": (2 * i).to_string(), "b": (2 * i + 1).to_string()}))
        .collect();
    v["exams"] = exams.into();
    v["relations"] = relations.into();
    v["extra_time"] = serde_json::json!({});
    v["earlier"] = serde_json::json!([{"exam": "0", "period": "tue-am", "rooms": ["B1"]}]);
    json::read(&v.to_string()).unwrap()
}

/// What the search should say a state costs: the recount's soft cost and the price of what it lets be broken.
fn expected(problem: &Problem, plan: &Plan) -> (i64, usize) {
    let s = score(problem, plan);
    let mut broken = 0;
    for v in &s.violations {
        match v {
            Violation::Unplaced(_) => {}
            Violation::Daily(n) => broken += n,
            Violation::Broken(Relation::SameRoom(a, b)) => {
                let first = |e: u32| plan[e as usize].as_ref().unwrap().rooms[0];
                broken += i64::from(first(*a) != first(*b));
            }
            other => panic!("the search may never break this: {other:?}"),
        }
    }
    (s.soft() + broken * BROKEN, plan.iter().filter(|x| x.is_none()).count())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn after_every_move_the_search_agrees_with_the_recount(seed in 0u64..1_000_000) {
        let problem = made(seed);
        let inst = Instance::new(&problem).unwrap();
        let (mut st, mut rng) = (State::new(&inst), Rng::new(seed, 1));
        fill(&mut st, &mut rng, 500, || true);
        let mut mover = Mover::new(&inst);
        for i in 0..400 {
            let threshold = [0, 50, 1 << 40][rng.below(3)];
            let (g, e) = (rng.below(inst.groups), rng.below(problem.exams.len()));
            let q = rng.below(inst.periods);
            if st.period[g] == NONE {
                mover.insert(&mut st, g, q);
            } else if i % 4 == 0 {
                mover.room(&mut st, e, threshold, &mut rng);
            } else if i % 4 == 1 {
                mover.room_swap(&mut st, e, threshold, &mut rng);
            } else if i % 4 == 2 && st.allowed(g, q) && st.period[g] as usize != q {
                mover.chain(&mut st, g, q, threshold, &mut rng);
            } else {
                let h = rng.below(inst.groups);
                if st.period[h] != NONE && st.period[h] != st.period[g] {
                    mover.swap(&mut st, g, h, threshold, &mut rng);
                }
            }
            prop_assert_eq!((st.cost, st.unplaced), expected(&problem, &st.plan()), "move {}", i);
        }
        let mut there = Snapshot::default();
        st.snapshot(&mut there);
        let mut other = State::new(&inst);
        other.restore(&there);
        prop_assert_eq!(other.cost, st.cost);
    }
}

fn error(text: &str) -> Bad {
    itc::read(text).unwrap_err()
}

#[test]
fn bad_lines_are_named() {
    let with = |from: &str, to: &str| error(&EXAM.replacen(from, to, 1));
    for (from, to, line, word) in [
        ("60, 1, 4", "60, 1, 1", 3, "Twice(Candidate, \"1\""),
        ("60, 1, 4", "sixty, 1", 3, "Number(Duration"),
        ("60, 1, 4", "60, -1", 3, "Number(Candidate"),
        ("[Exams:6]", "[Exams:7]", 1, "Announced(Exam, 7, 6)"),
        ("[Rooms:2]", "[Room:2]", 13, "Unknown(Section"),
        ("01:06:2026", "31:02:2026", 9, "Form(\"15:06:2026\""),
        ("09:00:00", "25:00:00", 9, "Form(\"09:00:00\""),
        ("1, AFTER, 0", "1, BEFORE, 0", 17, "Unknown(Constraint"),
        ("1, AFTER, 0", "1, AFTER, 60", 17, "Outside(Exam, 60, 6)"),
        ("1, AFTER, 0", "1, AFTER, 1", 17, "Itself(\"1\")"),
        ("ROOM_EXCLUSIVE", "ALONE", 21, "Unknown(Constraint"),
        ("TWOINAROW, 7", "TWOINAROW, 99999999999", 23, "Number(Weight"),
        ("TWOINAROW, 7", "TWOINROW, 7", 23, "Unknown(Criterion"),
        ("FRONTLOAD, 2, 2, 3", "FRONTLOAD, 2", 27, "Form(\"FRONTLOAD"),
    ] {
        let e = with(from, to);
        assert_eq!(e.line, line, "{e}");
        assert!(e.to_string().contains(word), "{e}");
    }
    assert_eq!(error("").fault, Fault::Empty(Thing::Exam));
    let heavy = itc::read(&EXAM.replace("TWOINAROW, 7", "TWOINAROW, 4000000000")).unwrap();
    assert!(Instance::new(&heavy).err().unwrap().fault == Fault::Weights(Thing::Pairs));
    assert_eq!(toronto::read(CRS, "0001 0009\n", 4).unwrap_err().line, 1);
    assert_eq!(toronto::read(CRS, "0001\n0002 0002\n", 4).unwrap_err().line, 2);
    assert_eq!(toronto::read(CRS, STU, 0).unwrap_err().fault, Fault::Count(Thing::Period, 0, 2000));
    let problem = itc::read(EXAM).unwrap();
    for (text, line) in [("0, 0\n", 0), ("0, 9\n", 1), ("0 0\n", 1), (&"0, 0\n".repeat(7), 7)] {
        assert_eq!(plan::read(text, Format::Itc, &problem).unwrap_err().line, line, "{text}");
    }
    let bad = |from: &str, to: &str| json::read(&REAL.replacen(from, to, 1)).unwrap_err().to_string();
    assert!(bad("\"c\", \"h\"", "\"c\", \"c\"").contains("Twice(Candidate"));
    assert!(bad("\"two_in_a_row\": 10", "\"three\": 1").contains("Unknown(Criterion"));
    assert!(bad("2026-06-19", "2026-06-01").contains("Late("));
    assert!(bad("2026-06-19", "9999-06-01").contains("TooMany(Days"));
    let many = "[Exams:1]\n60, 1, 2\n";
    let rooms = "10, 0\n".repeat(10_001);
    let many = format!("{many}[Periods:1]\n01:01:2026, 09:00:00, 90, 0\n[Rooms:10001]\n{rooms}");
    let input = Input { problem: many.as_bytes(), format: Format::Itc, students: None, periods: None };
    assert_eq!(command::load(&input).unwrap_err().fault, Fault::TooMany(Thing::Room, 10_001, 10_000));
    assert!(bad("\"minutes\": 150", "\"minutes\": -1").contains("line 2"));
}

#[test]
fn the_files_in_the_wild_are_read() {
    let wild = format!("\u{feff}{}", EXAM.replace(", ", " ,").replace('\n', "\r\n"));
    let text = yanzhen::timetable::parse::text(wild.as_bytes(), yanzhen::timetable::error::Source::Problem).unwrap();
    let (a, b) = (itc::read(text).unwrap(), itc::read(EXAM).unwrap());
    assert_eq!(json::write(&a), json::write(&b));
    // The public files tie some exams to themselves.
    assert!(itc::read(&EXAM.replace("4, EXAM_COINCIDENCE, 5", "4, EXAM_COINCIDENCE, 4")).is_ok());
}

#[test]
fn what_cannot_be_is_proved_before_the_search() {
    let found = |edit: &dyn Fn(&mut Problem)| {
        let mut problem = json::read(REAL).unwrap();
        edit(&mut problem);
        let all = proofs(&problem);
        all.iter().for_each(|p| assert!(p.exams().iter().all(|e| (*e as usize) < problem.exams.len())));
        all
    };
    assert_eq!(found(&|_| {}), []);
    assert!(found(&|p| p.exams[1].minutes = 400).contains(&Proof::NoPeriod(vec![1])));
    assert!(found(&|p| p.exams[3].size = 9).contains(&Proof::NoRoom(3)));
    let cycle = found(&|p| p.relations.extend([Relation::After(0, 6), Relation::After(6, 1)]));
    assert!(cycle.iter().any(|p| matches!(p, Proof::Cycle(l) if l.len() == 3)), "{cycle:?}");
    let tied = found(&|p| p.relations.push(Relation::SamePeriod(0, 1)));
    assert!(tied.iter().any(|p| matches!(p, Proof::Contradiction(l) if *l == [1, 0])), "{tied:?}");
    let fixed = found(&|p| p.exams[1].fixed_period = Some(4));
    assert!(fixed.contains(&Proof::Contradiction(vec![1, 5])), "candidate l sits both: {fixed:?}");
    let short = found(&|p| p.periods.truncate(2));
    assert!(short.iter().any(|p| matches!(p, Proof::Clique(l, 2) if l.len() >= 3)), "{short:?}");
    let seats = found(&|p| p.exams.iter_mut().for_each(|e| e.size = 7));
    assert!(seats.iter().any(|p| matches!(p, Proof::Seats(..))), "{seats:?}");
    assert!(found(&|p| p.most_a_day = Some(0)).iter().any(|p| matches!(p, Proof::Daily(..))));
}

#[test]
fn an_exam_without_place_is_explained() {
    let mut problem = json::read(REAL).unwrap();
    problem.exams[3].fixed_period = Some(4);
    problem.exams[3].size = 9;
    let out = run(&problem, &count(5_000));
    assert_eq!(out.score.violations, [Violation::Unplaced(3)]);
    let why = blocked(&problem, &out.plan, 1);
    assert_eq!((why[0].exam, why[0].unplaced), (3, true));
    let (_, least) = why[0].cheapest().unwrap();
    assert!(least.iter().any(|o| matches!(o, Obstacle::Seats(9, _))), "{least:?}");
}

#[test]
fn no_input_makes_the_readers_panic() {
    // Kept from longer runs of the same mutations; each seed is a different walk.
    let rounds: u64 = std::env::var("YANZHEN_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
    let problem = itc::read(EXAM).unwrap();
    let real = json::read(REAL).unwrap();
    for seed in 0..rounds {
        let mut rng = Rng::new(seed, 3);
        let mutate = |text: &str, rng: &mut Rng| {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..1 + rng.below(6) {
                let at = rng.below(bytes.len());
                let odd = b"0,9-\n[]:{}\"\xff 18446744073709551616"[rng.below(20)];
                match rng.below(5) {
                    0 => bytes[at] = odd,
                    1 => bytes.insert(at, odd),
                    2 if bytes.len() > 1 => drop(bytes.remove(at)),
                    3 => bytes.truncate(at.max(1)),
                    _ => {
                        let to = (at + rng.below(40)).min(bytes.len());
                        let piece = bytes[at..to].to_vec();
                        let into = rng.below(bytes.len());
                        bytes.splice(into..into, piece);
                    }
                }
            }
            bytes
        };
        let (a, b) = (mutate(EXAM, &mut rng), mutate(REAL, &mut rng));
        let (c, d) = (mutate(CRS, &mut rng), mutate(STU, &mut rng));
        for (bytes, format) in [(&a, Format::Itc), (&b, Format::Json), (&c, Format::Toronto)] {
            let input = Input { problem: bytes, format, students: Some(&d), periods: Some(1 + rng.below(5) as u32) };
            if let Ok(read) = command::load(&input) {
                proofs(&read);
                if Instance::new(&read).is_ok() {
                    let out = run(&read, &count(300));
                    blocked(&read, &out.plan, 2);
                    command::outcome_json(&read, &out, &|v| format!("{v:?}"));
                }
            }
        }
        let text = mutate("0, 0\n1, 0\n2, 0\n3, 0\n1, 1\n1, 1\n", &mut rng);
        if let Ok(plan) = command::load_plan(&text, Format::Itc, &problem) {
            score(&problem, &plan);
            run(&problem, &Options { start: Some(plan), ..count(300) });
        }
        let found = run(&real, &count(256)).plan;
        let mut locked = real.clone();
        if command::lock(&mutate("law # first\nethics\nlab\n", &mut rng), &mut locked, &found).is_ok() {
            run(&locked, &Options { start: Some(found.clone()), ..count(300) });
        }
        let made = plan::write(&found, Format::Json, &real);
        if let Ok(plan) = command::load_plan(&mutate(&made, &mut rng), Format::Json, &real) {
            score(&real, &plan);
            run(&real, &Options { start: Some(plan), ..count(300) });
        }
    }
}

#[test]
fn the_public_instances_are_feasible_at_once() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/exam");
    if !dir.is_dir() {
        println!("public instances: not here, the small ones of this file stand for them");
        return;
    }
    println!("public instances: run from {}", dir.display());
    for i in 1..=12 {
        let text = std::fs::read_to_string(dir.join(format!("itc2007/exam_comp_set{i}.exam"))).unwrap();
        let problem = itc::read(&text).unwrap();
        let out = run(&problem, &count(2_000));
        assert_eq!(out.score.hard(), 0, "set {i}");
    }
}
