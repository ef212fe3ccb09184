//! Assessment, completion and its certificates: marks by two hands, totals, publication, corrections, reviews.

use std::collections::HashMap;

use poem::http::Method;
use serde_json::json;
use yanzhen::assessments::ops::{self, Agree, AssessmentInput, ComponentInput, MarkLine, Value};
use yanzhen::assessments::rules::{Came, Hand, Kind, show};
use yanzhen::classes::completion::ops as completion;
use yanzhen::classes::ops::{self as classes, ClassInput, Line, NewSession};
use yanzhen::classes::rules::{Slot, State};
use yanzhen::core::{Actor, Error, Role};
use yanzhen::db::list::Slice;
use yanzhen::pipeline::entity::person_facts;

use crate::harness::Bench;
use crate::on_both;
use crate::practicum::{actor, add_person};

/// A class of four with two sessions of four hours; the third one was at the first session only.
pub(crate) struct Fixture {
    pub class: i64,
    pub people: Vec<i64>,
    pub enrolments: Vec<i64>,
    pub sessions: Vec<i64>,
    pub written: i64,
    pub practical: i64,
    pub criteria: Vec<i64>,
    pub markers: Vec<Actor>,
}

pub(crate) const NAMES: [&str; 4] = ["甲一", "乙二", "丙三", "丁四"];

pub(crate) fn key(e: Error) -> String {
    match e {
        Error::Invalid(f) => f.iter().map(|f| format!("{}:{}", f.field, f.msg.key)).collect::<Vec<_>>().join(" "),
        Error::Conflict(m) => m.key,
        other => format!("{other:?}"),
    }
}

fn component(name: &str, kind: Kind, weight: i64) -> ComponentInput {
    let criteria =
        if kind == Kind::Practical { vec![("接案".into(), 4000), ("记录".into(), 6000)] } else { vec![] };
    ComponentInput {
        id: None,
        name: name.into(),
        kind,
        weight,
        full_mark: 10_000,
        minimum: None,
        double_marked: false,
        difference: None,
        criteria,
    }
}

fn three() -> Vec<ComponentInput> {
    let double = ComponentInput { double_marked: true, ..component("笔试", Kind::Written, 50) };
    vec![double, component("实操", Kind::Practical, 30), component("考勤", Kind::Attendance, 20)]
}

/// The class without an assessment.
pub(crate) async fn class_of(b: &Bench) -> Fixture {
    let who = Actor::command_line();
    let txn = b.cx.begin().await.unwrap();
    let mut people = Vec::new();
    for (i, name) in NAMES.iter().enumerate() {
        people.push(add_person(b, &txn, name, &format!("S{i}"), &format!("1990000{i:04}")).await);
    }
    let open = yanzhen::pipeline::open(&txn, &people).await.unwrap();
    let made = people.iter().map(|p| (*p, yanzhen::pipeline::Change::Person)).collect();
    open.close(&txn, &b.cx, made).await.unwrap();
    txn.commit().await.unwrap();
    let input = ClassInput {
        code: "C1".into(),
        name: "第一期".into(),
        region_code: "990121".into(),
        required_percent: 80,
        ..ClassInput::default()
    };
    let class = classes::add_class(&b.cx, &who, input).await.unwrap();
    classes::enrol(&b.cx, &who, class, &people).await.unwrap();
    let mut sessions = Vec::new();
    for day in ["2026-03-21", "2026-03-22"] {
        let new = NewSession {
            course: "实务".into(),
            lecturer: "潘文晓".into(),
            ..NewSession::new(class, day.parse().unwrap(), Slot::Morning, 240)
        };
        sessions.push(classes::add_session(&b.cx, &who, new).await.unwrap());
    }
    for (n, s) in sessions.iter().enumerate() {
        let state = |i: usize| if n == 1 && i == 2 { State::Absent } else { State::Present };
        let line = |(i, p): (usize, &i64)| attended(*p, state(i), None);
        let lines: Vec<Line> = people.iter().enumerate().map(line).collect();
        classes::record_attendance(&b.cx, &who, *s, &lines, "").await.unwrap();
    }
    let members = classes::members_of(b.cx.read(), &who, class).await.unwrap();
    let of: HashMap<i64, i64> = members.iter().map(|m| (m.person_id, m.enrolment_id)).collect();
    let mut markers = Vec::new();
    for _ in 0..3 {
        let user = b.user(Role::Trainer, &[("class", class.to_string())], None).await;
        let mut a = actor(Role::Trainer, None, &[]);
        (a.user_id, a.scope.classes, a.name) = (Some(user.id), vec![class], user.login.clone());
        markers.push(a);
    }
    Fixture {
        class,
        enrolments: people.iter().map(|p| of[p]).collect(),
        people,
        sessions,
        written: 0,
        practical: 0,
        criteria: Vec::new(),
        markers,
    }
}

fn attended(person_id: i64, state: State, version: Option<i64>) -> Line {
    Line { person_id, state, sign_in: None, sign_out: None, note: String::new(), version }
}

/// The class with its assessment: half a paper of two markers, 30 a practical exercise, 20 attendance.
pub(crate) async fn assessed(b: &Bench) -> Fixture {
    let mut f = class_of(b).await;
    let input = AssessmentInput { note: String::new(), components: three() };
    ops::plan(&b.cx, &f.markers[0], f.class, 0, input).await.unwrap();
    let v = ops::assessment(&b.cx, &f.markers[0], f.class).await.unwrap();
    (f.written, f.practical) = (v.components[0].row.id, v.components[1].row.id);
    f.criteria = v.components[1].criteria.iter().map(|c| c.id).collect();
    f
}

fn marks(f: &Fixture, all: &[i64]) -> Vec<MarkLine> {
    let line = |(e, m): (&i64, &i64)| MarkLine { enrolment_id: *e, value: Value::Mark(*m), version: None };
    f.enrolments.iter().zip(all).map(line).collect()
}

fn points(f: &Fixture, i: usize, all: [i64; 2], version: Option<i64>) -> MarkLine {
    let value = Value::Points(f.criteria.iter().copied().zip(all).collect());
    MarkLine { enrolment_id: f.enrolments[i], value, version }
}

/// All marks in: totals 90.75, 80.5, 45 and 62.25.
pub(crate) async fn marked(b: &Bench) -> Fixture {
    let f = assessed(b).await;
    let [one, two, other] = [&f.markers[0], &f.markers[1], &f.markers[2]];
    assert_eq!(ops::enter(&b.cx, one, f.written, &marks(&f, &[9000, 8000, 7000, 6000]), "").await.unwrap(), 4);
    assert_eq!(ops::enter(&b.cx, two, f.written, &marks(&f, &[8500, 6000, 7000, 6100]), "").await.unwrap(), 4);
    let third = MarkLine { enrolment_id: f.enrolments[1], value: Value::Mark(7800), version: None };
    assert_eq!(ops::enter(&b.cx, other, f.written, &[third], "").await.unwrap(), 1);
    let lines = [
        points(&f, 0, [4000, 5000], None),
        points(&f, 1, [3000, 4000], None),
        points(&f, 2, [0, 0], None),
        points(&f, 3, [2000, 2000], None),
    ];
    assert_eq!(ops::enter(&b.cx, one, f.practical, &lines, "").await.unwrap(), 4);
    f
}

pub(crate) async fn close(b: &Bench, f: &Fixture) {
    let who = Actor::command_line();
    let v = classes::class_view(b.cx.read(), &who, f.class).await.unwrap();
    classes::set_class_state(&b.cx, &who, f.class, v.version, "closed").await.unwrap();
}

async fn stage(b: &Bench, person: i64) -> String {
    use sea_orm::EntityTrait;
    person_facts::Entity::find_by_id(person).one(b.cx.read()).await.unwrap().unwrap().stage
}

async fn totals(b: &Bench, f: &Fixture, who: &Actor) -> Vec<String> {
    let r = ops::results(&b.cx, who, f.class).await.unwrap();
    let of = |e: &i64| r.lines.iter().find(|l| l.enrolment_id == *e).and_then(|l| l.total);
    f.enrolments.iter().map(|e| of(e).map(show).unwrap_or_default()).collect()
}

async fn valid(b: &Bench, f: &Fixture) -> Vec<(String, String, i64)> {
    let find = completion::Find { class_id: Some(f.class), ..completion::Find::default() };
    let slice = Slice { after: None, limit: 50 };
    let all = completion::certificates(&b.cx, &Actor::command_line(), &find, "number", &slice).await.unwrap();
    all.items.into_iter().map(|c| (c.number, format!("{} {}", c.name, c.state), c.minutes)).collect()
}

on_both!(marks_of_two_hands_come_to_totals_and_completion, |b| async move {
    let f = assessed(&b).await;
    let who = Actor::command_line();
    let [one, two, other] = [&f.markers[0], &f.markers[1], &f.markers[2]];
    // A paper of two markers needs accounts; neither sees the other's mark before both are in.
    let nameless = ops::enter(&b.cx, &who, f.written, &marks(&f, &[9000]), "").await;
    assert_eq!(key(nameless.unwrap_err()), format!("mark-{}:assessment-marker-nameless", f.enrolments[0]));
    ops::enter(&b.cx, one, f.written, &marks(&f, &[9000, 8000, 7000, 6000]), "").await.unwrap();
    let sheet = ops::sheet(&b.cx, two, f.written).await.unwrap();
    assert!(sheet.rows.iter().all(|r| r.own.is_none() && r.given.is_none() && r.came == Came::Nothing));
    let sheet = ops::sheet(&b.cx, one, f.written).await.unwrap();
    assert!(sheet.rows.iter().all(|r| r.own.is_some() && r.given.is_none() && r.barred.is_none()));
    let wrong = ops::enter(&b.cx, two, f.written, &marks(&f, &[10_001, 6000]), "").await;
    assert_eq!(key(wrong.unwrap_err()), format!("mark-{}:assessment-mark-above", f.enrolments[0]));
    assert!(
        ops::sheet(&b.cx, two, f.written).await.unwrap().rows.iter().all(|r| r.own.is_none()),
        "nothing half saved"
    );
    ops::enter(&b.cx, two, f.written, &marks(&f, &[8500, 6000, 7000, 6100]), "").await.unwrap();
    let sheet = ops::sheet(&b.cx, other, f.written).await.unwrap();
    let at = |i: usize| sheet.rows.iter().find(|r| r.enrolment_id == f.enrolments[i]).unwrap();
    assert_eq!(
        [0, 1, 2, 3].map(|i| at(i).came),
        [Came::Settled(8750), Came::Apart, Came::Settled(7000), Came::Settled(6050)]
    );
    assert!(at(1).barred.is_none() && at(0).barred.is_some());
    assert_eq!(at(0).given.as_ref().unwrap().of(Hand::Second).unwrap().mark, 8500);
    // One of the two cannot change theirs any more.
    let again = MarkLine { enrolment_id: f.enrolments[0], value: Value::Mark(1), version: Some(1) };
    let no = ops::enter(&b.cx, one, f.written, &[again], "").await;
    assert_eq!(key(no.unwrap_err()), format!("mark-{}:assessment-both-in", f.enrolments[0]));
    let v = ops::assessment(&b.cx, one, f.class).await.unwrap();
    let Err(Error::Conflict(m)) = ops::publish(&b.cx, one, f.class, v.version()).await else { panic!("published") };
    assert_eq!((m.key.as_str(), m.args[0].1.as_str()), ("assessment-marks-missing", "4"));
    let agree = |mark, reason: &str| Agree {
        component_id: f.written,
        enrolment_id: f.enrolments[1],
        mark,
        reason: reason.into(),
        version: None,
    };
    assert_eq!(
        key(ops::agree(&b.cx, one, agree(10_001, " ")).await.unwrap_err()),
        "agreed:assessment-mark-above reason:assessment-reason-missing"
    );
    let not = Agree { enrolment_id: f.enrolments[0], ..agree(1, "x") };
    assert_eq!(key(ops::agree(&b.cx, one, not).await.unwrap_err()), "assessment-nothing-apart");
    let third = MarkLine { enrolment_id: f.enrolments[1], value: Value::Mark(7800), version: None };
    ops::enter(&b.cx, other, f.written, &[third], "").await.unwrap();
    // Points by the rubric: all criteria, none above its points.
    let few =
        MarkLine { enrolment_id: f.enrolments[0], value: Value::Points(vec![(f.criteria[0], 100)]), version: None };
    assert_eq!(
        key(ops::enter(&b.cx, one, f.practical, &[few], "").await.unwrap_err()),
        format!("mark-{}:assessment-points-missing", f.enrolments[0])
    );
    let much = points(&f, 0, [4001, 0], None);
    assert_eq!(
        key(ops::enter(&b.cx, one, f.practical, &[much], "").await.unwrap_err()),
        format!("mark-{}:assessment-points-above", f.enrolments[0])
    );
    let lines = [[4000, 5000], [3000, 4000], [0, 0], [2000, 2000]];
    let lines: Vec<_> = lines.into_iter().enumerate().map(|(i, p)| points(&f, i, p, None)).collect();
    ops::enter(&b.cx, one, f.practical, &lines, "").await.unwrap();
    assert_eq!(ops::enter(&b.cx, one, f.practical, &[points(&f, 0, [4000, 5000], Some(1))], "").await.unwrap(), 0);
    assert_eq!(totals(&b, &f, one).await, ["90.75", "80.5", "45", "62.25"]);

    // Nobody completes before publication; an intern sees nothing before.
    close(&b, &f).await;
    assert_eq!(stage(&b, f.people[0]).await, "recorded");
    let intern = actor(Role::Intern, Some(f.people[3]), &[]);
    assert!(ops::results(&b.cx, &intern, f.class).await.unwrap().lines.is_empty());
    assert!(ops::own(&b.cx, &intern).await.unwrap()[0].results.is_none());
    assert_eq!(key(ops::ask(&b.cx, &intern, f.enrolments[3], "再看看").await.unwrap_err()), "assessment-not-published");
    let v = ops::assessment(&b.cx, one, f.class).await.unwrap();
    ops::publish(&b.cx, one, f.class, v.version()).await.unwrap();
    let own = ops::results(&b.cx, &intern, f.class).await.unwrap();
    assert_eq!(
        own.lines.iter().map(|l| (l.person_id, l.total, l.place)).collect::<Vec<_>>(),
        [(f.people[3], Some(6225), None)]
    );
    let (held, out) = completion::outcomes(b.cx.read(), one, f.class).await.unwrap();
    let said: Vec<String> =
        f.people.iter().map(|p| out.iter().find(|o| o.person_id == *p).unwrap().verdict.name().to_owned()).collect();
    assert_eq!((held, said.join(" ")), (480, "completed completed attendance_short completed".to_owned()));
    assert_eq!(
        (stage(&b, f.people[0]).await, stage(&b, f.people[2]).await),
        ("class_complete".into(), "recorded".into())
    );
    let late = AssessmentInput { note: String::new(), components: three() };
    assert_eq!(
        key(ops::plan(&b.cx, one, f.class, v.version() + 1, late).await.unwrap_err()),
        "assessment-published-already"
    );
});

on_both!(certificates_follow_the_completion, |b| async move {
    let f = marked(&b).await;
    let who = Actor::command_line();
    let one = &f.markers[0];
    assert_eq!(key(completion::issue(&b.cx, one, f.class).await.unwrap_err()), "completion-class-open");
    close(&b, &f).await;
    assert_eq!(key(completion::issue(&b.cx, one, f.class).await.unwrap_err()), "completion-nobody");
    let v = ops::assessment(&b.cx, one, f.class).await.unwrap();
    ops::publish(&b.cx, one, f.class, v.version()).await.unwrap();
    // Two at once issue once.
    let (x, y) = tokio::join!(completion::issue(&b.cx, one, f.class), completion::issue(&b.cx, &f.markers[1], f.class));
    let done = [x.unwrap(), y.unwrap()];
    assert_eq!(done.iter().map(|d| d.issued).sum::<usize>(), 3, "{done:?}");
    let first = valid(&b, &f).await;
    assert_eq!(
        first.iter().map(|c| c.0.as_str()).collect::<Vec<_>>(),
        ["PX99012120260001", "PX99012120260002", "PX99012120260003"]
    );
    assert!(first.iter().all(|c| c.2 == 480 && c.1.ends_with("valid")));
    // Codes cannot be guessed and differ; one enrolment has one valid certificate whatever the program does.
    let sql = "SELECT COUNT(DISTINCT code) FROM completion WHERE LENGTH(code) = 20";
    assert_eq!(yanzhen::db::int(b.cx.read(), sql, []).await.unwrap(), Some(3));
    let twice = "UPDATE completion SET valid_key = (SELECT valid_key FROM completion WHERE id = (SELECT MIN(id) FROM completion)) WHERE id = (SELECT MAX(id) FROM completion)";
    assert!(yanzhen::db::run(b.cx.writer(), twice, []).await.is_err());

    // A correction after publication needs a reason, keeps both values, and takes the certificate back.
    let lower = points(&f, 3, [2000, 1000], Some(1));
    assert_eq!(
        key(ops::enter(&b.cx, one, f.practical, std::slice::from_ref(&lower), " ").await.unwrap_err()),
        "reason:assessment-reason-missing"
    );
    ops::enter(&b.cx, one, f.practical, &[lower], "漏看第二题").await.unwrap();
    let r = ops::results(&b.cx, one, f.class).await.unwrap();
    let c = &r.corrections[0];
    assert_eq!(
        (c.before.as_str(), c.after.as_str(), c.total_before, c.total_after),
        ("40", "30", Some(6225), Some(5925))
    );
    assert_eq!(stage(&b, f.people[3]).await, "recorded");
    let find = completion::Find { person_id: Some(f.people[3]), ..completion::Find::default() };
    let slice = Slice { after: None, limit: 50 };
    let mine = completion::certificates(&b.cx, &who, &find, "number", &slice).await.unwrap().items;
    assert_eq!(
        (mine[0].state.as_str(), mine[0].reason_code.as_str(), mine[0].ended_on),
        ("revoked", "total_short", Some(b.cx.today()))
    );
    let higher = points(&f, 3, [2000, 3000], Some(2));
    ops::enter(&b.cx, one, f.practical, &[higher], "复核后更正").await.unwrap();
    assert_eq!(completion::issue(&b.cx, one, f.class).await.unwrap(), completion::Issued { issued: 1, had: 2 });
    assert_eq!(valid(&b, &f).await[3].0, "PX99012120260004");

    // The class stays closed while certificates stand; an attendance correction takes one back; a fall of 50 % is short.
    let v = classes::class_view(b.cx.read(), &who, f.class).await.unwrap();
    let no = classes::set_class_state(&b.cx, &who, f.class, v.version, "under_way").await;
    assert_eq!(key(no.unwrap_err()), "completion-stands");
    let absent = attended(f.people[0], State::Absent, Some(1));
    classes::record_attendance(&b.cx, &who, f.sessions[1], &[absent], "查实缺勤").await.unwrap();
    let find = completion::Find { person_id: Some(f.people[0]), ..completion::Find::default() };
    let mine = completion::certificates(&b.cx, &who, &find, "number", &slice).await.unwrap().items;
    assert_eq!((mine[0].state.as_str(), mine[0].reason_code.as_str()), ("revoked", "attendance_short"));
    // By hand: replaced by a new number, revoked with a reason.
    let find = completion::Find { person_id: Some(f.people[1]), ..completion::Find::default() };
    let old = completion::certificates(&b.cx, &who, &find, "number", &slice).await.unwrap().items.remove(0);
    assert_eq!(
        key(completion::replace(&b.cx, one, old.id, old.version, "").await.unwrap_err()),
        "reason:completion-reason-missing"
    );
    let new = completion::replace(&b.cx, one, old.id, old.version, "姓名更正").await.unwrap();
    let new = completion::certificate(b.cx.read(), one, new).await.unwrap();
    assert_eq!((new.number.as_str(), new.replaces_id, new.total), ("PX99012120260005", Some(old.id), Some(8050)));
    assert_eq!(
        key(completion::revoke(&b.cx, one, old.id, old.version + 1, "x").await.unwrap_err()),
        "completion-not-valid"
    );
    completion::revoke(&b.cx, one, new.id, new.version, "误发").await.unwrap();
    assert_eq!(stage(&b, f.people[1]).await, "class_complete");
    // Somebody else's trainer finds nothing.
    let mut other = actor(Role::Trainer, None, &[]);
    other.scope.classes = vec![f.class + 7];
    assert!(matches!(completion::certificate(b.cx.read(), &other, new.id).await, Err(Error::NotFound(_))));
    assert!(matches!(completion::issue(&b.cx, &other, f.class).await, Err(Error::NotFound(_))));
    assert!(matches!(ops::sheet(&b.cx, &other, f.written).await, Err(Error::NotFound(_))));
});

on_both!(a_review_is_asked_once_and_answered, |b| async move {
    let f = marked(&b).await;
    let one = &f.markers[0];
    let v = ops::assessment(&b.cx, one, f.class).await.unwrap();
    ops::publish(&b.cx, one, f.class, v.version()).await.unwrap();
    let intern = actor(Role::Intern, Some(f.people[3]), &[]);
    assert!(matches!(ops::ask(&b.cx, &intern, f.enrolments[0], "别人的").await, Err(Error::NotFound(_))));
    assert_eq!(
        key(ops::ask(&b.cx, &intern, f.enrolments[3], " ").await.unwrap_err()),
        "reason:assessment-review-reason"
    );
    let id = ops::ask(&b.cx, &intern, f.enrolments[3], "第二题应得分").await.unwrap();
    assert_eq!(key(ops::ask(&b.cx, &intern, f.enrolments[3], "再问").await.unwrap_err()), "assessment-review-open");
    assert_eq!(key(ops::answer(&b.cx, one, id, 1, "").await.unwrap_err()), "answer:assessment-review-answer-missing");
    ops::enter(&b.cx, one, f.practical, &[points(&f, 3, [2000, 2500], Some(1))], "复核更正").await.unwrap();
    ops::answer(&b.cx, one, id, 1, "漏记 5 分，已更正").await.unwrap();
    assert_eq!(key(ops::answer(&b.cx, one, id, 2, "x").await.unwrap_err()), "assessment-review-answered");
    let all = ops::reviews(b.cx.read(), &intern, f.class).await.unwrap();
    assert_eq!((all[0].state.as_str(), all[0].total), ("changed", Some(6225)));
    let again = ops::ask(&b.cx, &intern, f.enrolments[3], "还想问").await.unwrap();
    ops::answer(&b.cx, one, again, 1, "维持").await.unwrap();
    let all = ops::reviews(b.cx.read(), &intern, f.class).await.unwrap();
    assert_eq!(all.iter().map(|r| r.state.as_str()).collect::<Vec<_>>(), ["upheld", "changed"]);
    // What was agreed corrects a published paper of two markers.
    let fix = Agree {
        component_id: f.written,
        enrolment_id: f.enrolments[3],
        mark: 7000,
        reason: "合分有误".into(),
        version: None,
    };
    ops::agree(&b.cx, one, fix).await.unwrap();
    assert_eq!(totals(&b, &f, one).await[3], "68.5");
});

on_both!(the_pages_keep_what_was_typed_and_say_what_is_wrong_at_the_field, |b| async move {
    let f = class_of(&b).await;
    let mut t = b.sign_in(Role::Trainer, &[("class", f.class.to_string())], None).await;
    let at = format!("/classes/{}/assessment", f.class);
    t.get(&at).await.is(200).shows("本班还没有设置考核").shows("设置考核");
    t.get(&format!("{at}/edit")).await.is(200).shows("接案与建立关系 30");
    let mut form = vec![("version", "0"), ("note", "")];
    for (name, kind, weight, criteria) in
        [("笔试", "written", "60", ""), ("", "written", "", ""), ("实操", "practical", "40", "接案会谈 40\n记录：50")]
    {
        let row = [("id", ""), ("name", name), ("kind", kind), ("weight", weight), ("full", "100"), ("minimum", "")];
        form.extend(row);
        form.extend([("double", ""), ("difference", ""), ("criteria", criteria)]);
    }
    t.post(&at, &form).await.is(422).shows("评分标准的分值合计须等于满分").shows("接案会谈 40");
    let last = form.len() - 1;
    form[last].1 = "接案会谈 40\n记录：60";
    form[5].1 = "61";
    t.post(&at, &form).await.is(422).shows("各项权重合计为 101%");
    form[5].1 = "60";
    t.post(&at, &form).await.is(303);
    let who = Actor::command_line();
    let v = ops::assessment(&b.cx, &who, f.class).await.unwrap();
    let (written, practical) = (v.components[0].row.id, v.components[1].row.id);
    let sheet = format!("/assessment-components/{written}");
    t.get(&sheet).await.is(200).shows("甲一").shows("整列");
    // A column as pasted: everything typed stays, each error stands at its person.
    let ids: Vec<String> = f.enrolments.iter().map(ToString::to_string).collect();
    let send = |marks: [&'static str; 4], version: &'static str| {
        let mut form: Vec<(&str, &str)> = Vec::new();
        for (id, m) in ids.iter().zip(marks) {
            form.extend([("enrolment", id.as_str()), ("version", version), ("mark", m)]);
        }
        form
    };
    let page = t.post(&sheet, &send(["88.5", "120", "九十", "缺考"], "")).await.is(422);
    let page = page.shows("超过满分 100").shows("“九十”不是成绩").shows("value=\"88.5\"").shows("value=\"缺考\"");
    assert!(page.text.contains(&format!("id=\"e-mark-{}\"", f.enrolments[1])));
    t.post(&sheet, &send(["88.5", "７２", "90分", "缺考"], "")).await.is(303);
    t.get(&sheet).await.is(200).shows("value=\"72\"").shows("value=\"90\"").shows("value=\"缺考\"");
    let stale = t.post(&sheet, &send(["80", "72", "90", "缺考"], "")).await.is(422);
    stale.shows("别人刚改过这一项，现为 88.5");
    let mut form: Vec<(&str, &str)> = Vec::new();
    for (id, p) in ids.iter().zip([["40", "60"], ["30", "30"], ["20", "10"], ["缺考", ""]]) {
        form.extend([("enrolment", id.as_str()), ("version", ""), ("mark", p[0]), ("mark", p[1])]);
    }
    t.post(&format!("/assessment-components/{practical}"), &form).await.is(303);
    t.get(&at).await.is(200).shows("公布结果").shows("93.1").shows("缺考");
    let version = ops::assessment(&b.cx, &who, f.class).await.unwrap().version().to_string();
    t.post(&format!("{at}/publish"), &[("version", &version)]).await.is(303);
    t.get(&sheet).await.is(200).shows("更正原因");
    t.post(&sheet, &send(["80", "72", "90", "缺考"], "1")).await.is(422).shows("请写明原因").shows("value=\"80\"");
    assert!(t.get(&format!("{at}/export")).await.is(200).header("content-type").contains("spreadsheetml"));

    // Completion: the rule, closing, issuing, the list, the print; the intern's own page.
    let done = format!("/classes/{}/completion", f.class);
    t.get(&done).await.is(200).shows("结班后才能发放结业证书").shows("国家没有统一规定");
    let rule = completion::rule_of(&b.cx, &who, f.class).await.unwrap();
    let class = classes::class_view(b.cx.read(), &who, f.class).await.unwrap();
    let (cv, rv) = (class.version.to_string(), rule.version.to_string());
    let form =
        [("class_version", cv.as_str()), ("version", &rv), ("percent", "80"), ("assessed", "1"), ("minimum", "600")];
    t.post(&format!("{done}/rule"), &form).await.is(422).shows("总分须为 0 到 100");
    let form =
        [("class_version", cv.as_str()), ("version", &rv), ("percent", "80"), ("assessed", "1"), ("minimum", "67.2")];
    t.post(&format!("{done}/rule"), &form).await.is(303);
    close(&b, &f).await;
    // 88.5 and 100 make 93.1; 72 and 60 make 67.2; the third is short of attendance, the fourth did not sit.
    t.get(&done).await.is(200).shows("发放结业证书（2 人）").shows("出勤不足").shows("总分不足");
    t.post(&format!("{done}/issue"), &[]).await.is(303);
    t.get("/completions").await.is(200).shows("PX99012120260001").shows("PX99012120260002");
    assert!(t.get("/completions/export").await.is(200).header("content-type").contains("spreadsheetml"));
    t.get(&format!("{done}/print"))
        .await
        .is(200)
        .shows("准予结业")
        .shows("8 学时")
        .shows("2026年3月21日至2026年3月22日");
    t.get(&format!("/people/{}", f.people[0])).await.is(200).shows("结业证书 PX9901212026000").shows("考核总分 93.1");
    let mut intern = b.sign_in(Role::Intern, &[], Some(f.people[0])).await;
    intern.get("/my-results").await.is(200).shows("93.1").shows("PX9901212026000").hides("乙二");
    intern.get(&at).await.is(200).shows("93.1").hides("乙二").hides("录入成绩");
    intern
        .post(&format!("/class-enrolments/{}/review", f.enrolments[0]), &[("reason", "")])
        .await
        .is(422)
        .shows("请写明申请复核的理由");
    intern.post(&format!("/class-enrolments/{}/review", f.enrolments[0]), &[("reason", "想知道扣分处")]).await.is(303);
    t.get("/assessment-reviews").await.is(200).shows("甲一");
    t.get(&at).await.is(200).shows("想知道扣分处");
    let find = completion::Find { person_id: Some(f.people[1]), ..completion::Find::default() };
    let slice = Slice { after: None, limit: 5 };
    let other = completion::certificates(&b.cx, &who, &find, "", &slice).await.unwrap().items.remove(0);
    intern.get(&format!("/completions/{}", other.id)).await.is(404);
    t.get(&format!("/completions/{}", other.id)).await.is(200).shows(&other.code);
});

on_both!(the_api_takes_and_gives_marks, |b| async move {
    let f = class_of(&b).await;
    let api = b.api(Role::Trainer, &[("class", f.class.to_string())], None).await;
    let at = format!("/classes/{}/assessment", f.class);
    let body = json!({"version": 0, "components": [
        {"name": "笔试", "kind": "written", "weight": 80, "full_mark": 15000, "minimum": 7500},
        {"name": "考勤", "kind": "attendance", "weight": 20, "full_mark": 10000}]});
    let made = api.call(Method::PUT, &at, Some(body), &[]).await.is(200).json();
    assert_eq!(made["state"], "draft");
    let id = made["components"][0]["id"].as_i64().unwrap();
    let marks: Vec<_> = f
        .enrolments
        .iter()
        .zip([12_000, 7400, 15_000, 9000])
        .map(|(e, m)| json!({"enrolment_id": e, "mark": m}))
        .collect();
    let both = json!({"marks": [{"enrolment_id": f.enrolments[0], "mark": 1, "absent": true}]});
    api.post(&format!("/assessment-components/{id}/marks"), both).await.is(422);
    let done = api.post(&format!("/assessment-components/{id}/marks"), json!({"marks": marks})).await.is(200).json();
    assert_eq!(done["written"], 4);
    api.post(&format!("{at}/publish"), json!({"version": made["version"]})).await.is(200);
    let results = api.get(&format!("{at}/results")).await.is(200).json();
    let of = |e: i64| results["results"].as_array().unwrap().iter().find(|r| r["enrolment_id"] == e).unwrap().clone();
    // 120 of 150 at 80 % are 64, and 20 for attendance.
    assert_eq!((&of(f.enrolments[0])["total"], &of(f.enrolments[0])["place"]), (&json!(8400), &json!(2)));
    assert_eq!(of(f.enrolments[2])["parts"][1]["mark"], 5000);
    let done = api.get(&format!("/classes/{}/completion", f.class)).await.is(200).json();
    let verdict =
        |p: i64| done["people"].as_array().unwrap().iter().find(|o| o["person_id"] == p).unwrap()["verdict"].clone();
    assert_eq!((verdict(f.people[0]), verdict(f.people[1])), (json!("completed"), json!("under_minimum")));
    let rule = json!({"required_percent": 50, "assessed": true, "minimum_total": 6000, "version": done["rule"]["version"], "class_version": done["rule"]["class_version"]});
    let done =
        api.call(Method::PUT, &format!("/classes/{}/completion/rule", f.class), Some(rule), &[]).await.is(200).json();
    assert_eq!(done["rule"]["required_percent"], 50);
    close(&b, &f).await;
    let issued = api.post(&format!("/classes/{}/completion/issue", f.class), json!({})).await.is(200).json();
    assert_eq!(issued, json!({"issued": 3, "had": 0}));
    let list = api.get("/completions?sort=-number&limit=2").await.is(200).json();
    assert_eq!(list["items"][0]["number"], "PX99012120260003");
    assert!(list["next"].is_string());
    let intern = b.api(Role::Intern, &[], Some(f.people[0])).await;
    assert_eq!(intern.get("/completions").await.is(200).json()["items"].as_array().unwrap().len(), 1);
    let asked = json!({"reason": "请复核"});
    let id =
        intern.post(&format!("/class-enrolments/{}/review", f.enrolments[0]), asked).await.is(200).json()["id"].clone();
    let answer = json!({"version": 1, "answer": "维持"});
    api.post(&format!("/assessment-reviews/{id}/answer"), answer).await.is(200);
    assert_eq!(intern.get(&format!("{at}/reviews")).await.is(200).json()[0]["state"], "upheld");
    assert!(!intern.get(&format!("{at}/results")).await.is(200).text.contains("乙二"));
});

on_both!(marks_come_by_file_and_can_be_taken_back, |b| async move {
    use yanzhen::assessments::import::Marks;
    use yanzhen::importing::{self, Params};
    let f = class_of(&b).await;
    let who = Actor::command_line();
    let plan = vec![component("笔试", Kind::Written, 70), component("实操", Kind::Practical, 30)];
    ops::plan(&b.cx, &who, f.class, 0, AssessmentInput { note: String::new(), components: plan }).await.unwrap();
    let v = ops::assessment(&b.cx, &who, f.class).await.unwrap();
    let (written, practical) = (v.components[0].row.id, v.components[1].row.id);
    let params = Params { class: Some("C1".into()), ..Params::default() };
    let run = async |rows: &str| {
        let bytes = format!("姓名,电话,考核项目,成绩\n{rows}").into_bytes();
        importing::run::now(&b.cx, &who, &Marks, &params, "成绩.csv", &bytes, false).await.unwrap()
    };
    let done = run(
        "甲一,,笔试,88.5\n乙二,,,缺考\n丙三,,笔试,120\n丁四,,实操,80\n戊五,,笔试,60\n甲一,,笔试,90\n丁四,,口试,7\n",
    )
    .await;
    let codes: Vec<_> = done.problems.iter().filter(|p| p.is_error()).map(|p| p.code.to_string()).collect();
    let want =
        ["mark_above_full", "mark_component_not_by_file", "not_on_roster", "mark_twice", "mark_component_unknown"];
    assert_eq!((done.accepted, codes), (2, want.map(str::to_owned).to_vec()));
    let sheet = ops::sheet(&b.cx, &who, written).await.unwrap();
    let at = |i: usize| sheet.rows.iter().find(|r| r.enrolment_id == f.enrolments[i]).unwrap();
    assert_eq!((at(0).came, at(1).came, at(2).came), (Came::Settled(8850), Came::Settled(0), Came::Nothing));
    assert!(at(1).own.as_ref().unwrap().absent);
    // The same again says nothing; what was changed by hand is not overwritten.
    let again = run("甲一,,笔试,88.5\n乙二,,笔试,61\n").await;
    assert_eq!((again.unchanged, again.accepted), (1, 1));
    let hand = MarkLine { enrolment_id: f.enrolments[1], value: Value::Mark(6200), version: Some(2) };
    ops::enter(&b.cx, &who, written, &[hand], "").await.unwrap();
    let third = run("乙二,,笔试,63\n").await;
    assert_eq!(third.problems.iter().find(|p| p.is_error()).unwrap().code, "mark_differs");
    // Taken back: not what was changed since.
    let kinds = importing::Kinds::new(vec![Box::new(Marks)]);
    let one = run("丙三,,笔试,70\n").await;
    importing::run::undo(&b.cx, &who, &kinds, one.import_id.unwrap()).await.unwrap();
    let sheet = ops::sheet(&b.cx, &who, written).await.unwrap();
    assert!(sheet.rows.iter().find(|r| r.enrolment_id == f.enrolments[2]).unwrap().own.is_none());
    assert!(importing::run::undo(&b.cx, &who, &kinds, again.import_id.unwrap()).await.is_err());
    // Not after publication.
    let rest: Vec<MarkLine> = [2, 3]
        .map(|i: usize| MarkLine { enrolment_id: f.enrolments[i], value: Value::Mark(6000), version: None })
        .to_vec();
    ops::enter(&b.cx, &who, written, &rest, "").await.unwrap();
    let absent = |e: &i64| MarkLine { enrolment_id: *e, value: Value::Absent, version: None };
    let all: Vec<MarkLine> = f.enrolments.iter().map(absent).collect();
    ops::enter(&b.cx, &who, practical, &all, "").await.unwrap();
    let v = ops::assessment(&b.cx, &who, f.class).await.unwrap();
    ops::publish(&b.cx, &who, f.class, v.version()).await.unwrap();
    let bytes = "姓名,成绩\n甲一,90\n".as_bytes();
    let no = importing::run::now(&b.cx, &who, &Marks, &params, "成绩.csv", bytes, false).await;
    assert_eq!(key(no.unwrap_err()), "assessment-published-import");
    let no = importing::run::undo(&b.cx, &who, &kinds, done.import_id.unwrap()).await;
    assert_eq!(key(no.unwrap_err()), "assessment-published-undo");
});
