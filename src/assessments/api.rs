//! Assessments over the API. Marks and totals are hundredths of a point.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, Agree, AssessmentInput, AssessmentView, Component, ComponentInput, Line, MarkLine, ReviewView};
use super::ops::{SheetRow, Value};
use super::rules::{Came, Hand, Kind};
use crate::api::{self, ApiUser, Tag};
use crate::core::{Error, Msg};
use crate::db::Cx;

/// A criterion of a practical exercise.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentCriterion", deny_unknown_fields)]
pub struct CriterionOut {
    /// Absent in what is sent.
    pub id: Option<i64>,
    pub name: String,
    pub points: i64,
}

/// A component of an assessment.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentComponent", deny_unknown_fields)]
pub struct ComponentOut {
    /// Of a component that is there already.
    pub id: Option<i64>,
    pub name: String,
    /// written, practical or attendance (computed).
    pub kind: String,
    /// Percent; all weights make 100.
    pub weight: i64,
    pub full_mark: i64,
    pub minimum: Option<i64>,
    #[oai(default)]
    pub double_marked: bool,
    /// By how much two marks may differ; the program's rule when absent.
    pub difference: Option<i64>,
    #[oai(default)]
    pub criteria: Vec<CriterionOut>,
}

impl From<&Component> for ComponentOut {
    fn from(c: &Component) -> Self {
        let r = &c.row;
        Self {
            id: Some(r.id),
            name: r.name.clone(),
            kind: r.kind.clone(),
            weight: r.weight,
            full_mark: r.full_mark,
            minimum: r.minimum,
            double_marked: r.double_marked,
            difference: r.difference,
            criteria: c
                .criteria
                .iter()
                .map(|k| CriterionOut { id: Some(k.id), name: k.name.clone(), points: k.points })
                .collect(),
        }
    }
}

/// How a class is assessed.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Assessment")]
pub struct AssessmentOut {
    pub class_id: i64,
    /// none, draft or published.
    pub state: String,
    pub note: String,
    /// 0 until it is set up.
    pub version: i64,
    pub components: Vec<ComponentOut>,
}

impl From<AssessmentView> for AssessmentOut {
    fn from(v: AssessmentView) -> Self {
        Self {
            class_id: v.class.id,
            state: v.row.as_ref().map_or_else(|| "none".to_owned(), |r| r.state.clone()),
            note: v.row.as_ref().map(|r| r.note.clone()).unwrap_or_default(),
            version: v.version(),
            components: v.components.iter().map(ComponentOut::from).collect(),
        }
    }
}

/// How a class is to be assessed.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentInput", deny_unknown_fields)]
pub struct AssessmentIn {
    /// The version that was read; 0 when there is none yet.
    pub version: i64,
    #[oai(default)]
    pub note: String,
    pub components: Vec<ComponentOut>,
}

impl AssessmentIn {
    fn input(self) -> Result<AssessmentInput, Error> {
        let mut components = Vec::with_capacity(self.components.len());
        for (i, c) in self.components.into_iter().enumerate() {
            let unknown = || Error::field(&format!("kind-{i}"), Msg::new("assessment-kind-unknown"));
            components.push(ComponentInput {
                id: c.id,
                name: c.name,
                kind: Kind::parse(&c.kind).ok_or_else(unknown)?,
                weight: c.weight,
                full_mark: c.full_mark,
                minimum: c.minimum,
                double_marked: c.double_marked,
                difference: c.difference,
                criteria: c.criteria.into_iter().map(|k| (k.name, k.points)).collect(),
            });
        }
        Ok(AssessmentInput { note: self.note, components })
    }
}

/// One component of a result.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentPart")]
pub struct PartOut {
    pub component_id: i64,
    /// nothing, half (one of two markers), apart or settled.
    pub state: String,
    pub mark: Option<i64>,
    pub absent: bool,
    /// What it adds to the total.
    pub adds: Option<i64>,
}

/// Somebody's result.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentResult")]
pub struct LineOut {
    pub enrolment_id: i64,
    pub person_id: i64,
    pub name: String,
    pub parts: Vec<PartOut>,
    /// Of 100 points, in hundredths; absent while a mark is missing.
    pub total: Option<i64>,
    /// Only for those who run the class.
    pub place: Option<i64>,
}

fn state_of(came: Came) -> (&'static str, Option<i64>) {
    match came {
        Came::Nothing => ("nothing", None),
        Came::Half => ("half", None),
        Came::Apart => ("apart", None),
        Came::Settled(m) => ("settled", Some(m)),
    }
}

fn line(components: &[Component], l: Line) -> LineOut {
    let part = |(c, p): (&Component, ops::Part)| {
        let (state, mark) = state_of(p.came);
        PartOut { component_id: c.row.id, state: state.to_owned(), mark, absent: p.absent, adds: p.adds }
    };
    LineOut {
        parts: components.iter().zip(l.parts).map(part).collect(),
        enrolment_id: l.enrolment_id,
        person_id: l.person_id,
        name: l.name,
        total: l.total,
        place: l.place,
    }
}

/// The results of a class.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentResults")]
pub struct ResultsOut {
    pub published: bool,
    pub results: Vec<LineOut>,
}

/// Points of one criterion.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentPoints", deny_unknown_fields)]
pub struct PointsIn {
    pub criterion_id: i64,
    pub points: i64,
}

/// A mark to be entered. Exactly one of `mark`, `points` and `absent`; none of them takes a mark away.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentMarkInput", deny_unknown_fields)]
pub struct MarkIn {
    pub enrolment_id: i64,
    pub mark: Option<i64>,
    pub points: Option<Vec<PointsIn>>,
    #[oai(default)]
    pub absent: bool,
    /// The version that was read; left out where nothing was entered.
    pub version: Option<i64>,
}

impl MarkIn {
    fn line(self) -> Result<MarkLine, Error> {
        let value = match (self.mark, self.points, self.absent) {
            (None, None, false) => Value::Nothing,
            (None, None, true) => Value::Absent,
            (Some(m), None, false) => Value::Mark(m),
            (None, Some(p), false) => Value::Points(p.into_iter().map(|p| (p.criterion_id, p.points)).collect()),
            _ => {
                let field = format!("mark-{}", self.enrolment_id);
                return Err(Error::field(&field, Msg::new("assessment-one-value")));
            }
        };
        Ok(MarkLine { enrolment_id: self.enrolment_id, value, version: self.version })
    }
}

/// Marks of a component.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentMarks", deny_unknown_fields)]
pub struct MarksIn {
    pub marks: Vec<MarkIn>,
    /// Needed after publication.
    #[oai(default)]
    pub reason: String,
}

/// Rows written.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentMarksWritten")]
pub struct WrittenOut {
    pub written: u64,
}

/// A line of a sheet as its reader may see it.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentSheetLine")]
pub struct SheetOut {
    pub enrolment_id: i64,
    pub person_id: i64,
    pub name: String,
    /// The reader's own mark (of a single marker: the mark).
    pub mark: Option<i64>,
    pub absent: bool,
    pub version: Option<i64>,
    /// Whether the reader can write here.
    pub open: bool,
    /// First, second, third marker's and agreed mark, once both markers' are in.
    pub hands: Vec<Option<i64>>,
    /// As of a result's part; nothing while the other marker's is hidden.
    pub state: String,
    pub settled: Option<i64>,
}

impl From<SheetRow> for SheetOut {
    fn from(r: SheetRow) -> Self {
        let (state, settled) = state_of(r.came);
        Self {
            mark: r.own.as_ref().map(|m| m.mark),
            absent: r.own.as_ref().is_some_and(|m| m.absent),
            version: r.own.as_ref().map(|m| m.version),
            open: r.barred.is_none() && r.state != "withdrawn",
            hands: r.given.map(|g| Hand::ALL.map(|h| g.of(h).map(|m| m.mark)).to_vec()).unwrap_or_default(),
            state: state.to_owned(),
            settled,
            enrolment_id: r.enrolment_id,
            person_id: r.person_id,
            name: r.name,
        }
    }
}

/// The value two markers agreed on.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentAgreement", deny_unknown_fields)]
pub struct AgreeIn {
    pub enrolment_id: i64,
    pub mark: i64,
    pub reason: String,
    /// Of the value agreed before, if there is one.
    pub version: Option<i64>,
}

/// The version that was read.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentPublication", deny_unknown_fields)]
pub struct PublishIn {
    pub version: i64,
}

/// A request to look at a result again.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentReviewRequest", deny_unknown_fields)]
pub struct AskIn {
    pub reason: String,
}

/// The answer to a request.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentReviewAnswer", deny_unknown_fields)]
pub struct AnswerIn {
    pub version: i64,
    pub answer: String,
}

/// A request with its answer.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AssessmentReview")]
pub struct ReviewOut {
    pub id: i64,
    pub version: i64,
    pub enrolment_id: i64,
    pub class_id: i64,
    pub person_id: i64,
    /// open, upheld or changed.
    pub state: String,
    pub reason: String,
    pub answer: String,
    /// The total when it was asked for.
    pub total: Option<i64>,
}

impl From<ReviewView> for ReviewOut {
    fn from(r: ReviewView) -> Self {
        Self {
            id: r.id,
            version: r.version,
            enrolment_id: r.enrolment_id,
            class_id: r.class_id,
            person_id: r.person_id,
            state: r.state,
            reason: r.reason,
            answer: r.answer,
            total: r.total,
        }
    }
}

/// The id of what was made.
#[derive(Clone, Debug, Object)]
#[oai(rename = "MadeReview")]
pub struct MadeOut {
    pub id: i64,
}

/// Assessment of classes.
pub struct AssessmentsApi;

#[OpenApi(tag = "Tag::Classes")]
impl AssessmentsApi {
    /// How a class is assessed.
    #[oai(path = "/classes/:id/assessment", method = "get", operation_id = "get_assessment")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<AssessmentOut>> {
        Ok(Json(ops::assessment(&cx, &user, id.0).await?.into()))
    }

    /// Set up how a class is assessed; possible until it is published.
    #[oai(path = "/classes/:id/assessment", method = "put", operation_id = "put_assessment")]
    async fn put(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<AssessmentIn>,
    ) -> api::Result<Json<AssessmentOut>> {
        let version = body.0.version;
        ops::plan(&cx, &user, id.0, version, body.0.input()?).await?;
        Ok(Json(ops::assessment(&cx, &user, id.0).await?.into()))
    }

    /// Results; an intern sees their own once published.
    #[oai(path = "/classes/:id/assessment/results", method = "get", operation_id = "list_assessment_results")]
    async fn results(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<ResultsOut>> {
        let r = ops::results(&cx, &user, id.0).await?;
        let components = r.components;
        Ok(Json(ResultsOut {
            published: r.published,
            results: r.lines.into_iter().map(|l| line(&components, l)).collect(),
        }))
    }

    /// Publish the results.
    #[oai(path = "/classes/:id/assessment/publish", method = "post", operation_id = "publish_assessment")]
    async fn publish(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<PublishIn>,
    ) -> api::Result<Json<AssessmentOut>> {
        ops::publish(&cx, &user, id.0, body.0.version).await?;
        Ok(Json(ops::assessment(&cx, &user, id.0).await?.into()))
    }

    /// The sheet of a component.
    #[oai(path = "/assessment-components/:id/marks", method = "get", operation_id = "list_assessment_marks")]
    async fn sheet(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<SheetOut>>> {
        Ok(Json(ops::sheet(&cx, &user, id.0).await?.rows.into_iter().map(SheetOut::from).collect()))
    }

    /// Enter marks of a component: all of them or, where one is wrong, none.
    #[oai(path = "/assessment-components/:id/marks", method = "post", operation_id = "enter_assessment_marks")]
    async fn enter(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<MarksIn>) -> api::Result<Json<WrittenOut>> {
        let lines = body.0.marks.into_iter().map(MarkIn::line).collect::<Result<Vec<_>, _>>()?;
        let written = ops::enter(&cx, &user, id.0, &lines, &body.0.reason).await? as u64;
        Ok(Json(WrittenOut { written }))
    }

    /// Settle what two markers differ in, or correct their published mark.
    #[oai(path = "/assessment-components/:id/agreement", method = "post", operation_id = "agree_assessment_mark")]
    async fn agree(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<AgreeIn>) -> api::Result<Json<WrittenOut>> {
        let b = body.0;
        let a = Agree {
            component_id: id.0,
            enrolment_id: b.enrolment_id,
            mark: b.mark,
            reason: b.reason,
            version: b.version,
        };
        ops::agree(&cx, &user, a).await?;
        Ok(Json(WrittenOut { written: 1 }))
    }

    /// Requests to look at results of a class again, those that wait first.
    #[oai(path = "/classes/:id/assessment/reviews", method = "get", operation_id = "list_assessment_reviews")]
    async fn reviews(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<ReviewOut>>> {
        Ok(Json(ops::reviews(cx.read(), &user, id.0).await?.into_iter().map(ReviewOut::from).collect()))
    }

    /// Ask for one's own published result to be looked at again.
    #[oai(path = "/class-enrolments/:id/review", method = "post", operation_id = "ask_assessment_review")]
    async fn ask(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<AskIn>) -> api::Result<Json<MadeOut>> {
        Ok(Json(MadeOut { id: ops::ask(&cx, &user, id.0, &body.0.reason).await? }))
    }

    /// Answer a request.
    #[oai(path = "/assessment-reviews/:id/answer", method = "post", operation_id = "answer_assessment_review")]
    async fn answer(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<AnswerIn>) -> api::Result<Json<MadeOut>> {
        ops::answer(&cx, &user, id.0, body.0.version, &body.0.answer).await?;
        Ok(Json(MadeOut { id: id.0 }))
    }
}
