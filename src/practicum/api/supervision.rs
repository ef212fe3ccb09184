//! Supervision notes, evaluations and the base ledger over the API.

use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::super::entity::supervision_note;
use super::super::ops::{self, EvaluationView, FindBases, LedgerRow, NewNote, Part};
use super::decisions::VersionIn;
use crate::api::{self, ApiUser, PageOut, Tag, page};
use crate::db::Cx;
use crate::db::list::Slice;

/// A kind of supervision.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum NoteKind {
    Individual,
    Group,
    Visit,
}

/// A supervision note.
#[derive(Clone, Debug, Object)]
#[oai(rename = "SupervisionNote")]
pub struct NoteOut {
    pub id: i64,
    pub held_on: NaiveDate,
    /// individual, group or visit.
    pub kind: String,
    pub minutes: i64,
    pub content: String,
    pub author: String,
    /// The intern reads it too.
    pub shared: bool,
}

impl From<supervision_note::Model> for NoteOut {
    fn from(n: supervision_note::Model) -> Self {
        Self {
            id: n.id,
            held_on: n.held_on,
            kind: n.kind,
            minutes: n.minutes,
            content: n.content,
            author: n.author,
            shared: n.shared,
        }
    }
}

/// A note to be written.
#[derive(Clone, Debug, Object)]
#[oai(rename = "NewSupervisionNote", deny_unknown_fields)]
pub struct NoteIn {
    pub held_on: NaiveDate,
    pub kind: NoteKind,
    pub minutes: i64,
    pub content: String,
    #[oai(default)]
    pub shared: bool,
}

/// A note that was written.
#[derive(Clone, Debug, Object)]
#[oai(rename = "SupervisionNoteAdded")]
pub struct NoteAdded {
    pub id: i64,
}

/// The practicum evaluation of one placement. Until it is settled each hand reads its own part alone.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Evaluation")]
pub struct EvaluationOut {
    /// 0 until somebody wrote a part.
    pub version: i64,
    pub self_text: String,
    pub self_at: Option<DateTime<Utc>>,
    pub base_text: String,
    pub base_name: String,
    /// Marks of 100 in hundredths.
    pub base_mark: Option<i64>,
    pub base_at: Option<DateTime<Utc>>,
    pub campus_text: String,
    pub campus_name: String,
    pub campus_mark: Option<i64>,
    pub campus_at: Option<DateTime<Utc>>,
    /// All parts are there, so that it can be settled.
    pub complete: bool,
    pub closed_at: Option<DateTime<Utc>>,
    pub overall_mark: Option<i64>,
    /// Code of the grade.
    pub grade: String,
}

impl From<EvaluationView> for EvaluationOut {
    fn from(v: EvaluationView) -> Self {
        let (version, complete, overall_mark, grade) = (v.version(), v.complete, v.overall, v.grade);
        let r = v.row;
        let text =
            |f: fn(&super::super::entity::evaluation::Model) -> &String| r.as_ref().map(f).cloned().unwrap_or_default();
        Self {
            version,
            self_text: text(|r| &r.self_text),
            self_at: r.as_ref().and_then(|r| r.self_at),
            base_text: text(|r| &r.base_text),
            base_name: text(|r| &r.base_name),
            base_mark: r.as_ref().and_then(|r| r.base_mark),
            base_at: r.as_ref().and_then(|r| r.base_at),
            campus_text: text(|r| &r.campus_text),
            campus_name: text(|r| &r.campus_name),
            campus_mark: r.as_ref().and_then(|r| r.campus_mark),
            campus_at: r.as_ref().and_then(|r| r.campus_at),
            complete,
            closed_at: r.as_ref().and_then(|r| r.closed_at),
            overall_mark,
            grade,
        }
    }
}

/// Whose part of an evaluation.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum Hand {
    Own,
    Base,
    Campus,
}

/// One hand's part.
#[derive(Clone, Debug, Object)]
#[oai(rename = "EvaluationPart", deny_unknown_fields)]
pub struct PartIn {
    pub part: Hand,
    /// The version that was read; 0 for the first part.
    #[oai(default)]
    pub version: i64,
    pub text: String,
    /// Of 100, in hundredths; not for one's own part.
    #[oai(validator(minimum(value = "0"), maximum(value = "10000")))]
    pub mark: Option<i64>,
}

/// A base of the ledger.
#[derive(Clone, Debug, Object)]
#[oai(rename = "BaseLedgerLine")]
pub struct LedgerOut {
    pub base_id: i64,
    pub code: String,
    pub name: String,
    pub kind: String,
    pub town: String,
    pub active: bool,
    pub campus: Option<String>,
    pub agreement: Option<String>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub agreements: i64,
    pub capacity: Option<i64>,
    /// Absent for whoever sees no names.
    pub campus_mentor: Option<String>,
    pub supervisor: Option<String>,
    pub supervisors: i64,
    /// Interns there today.
    pub on_duty: i64,
    pub confirmed_minutes: i64,
    pub evaluation: String,
}

impl From<LedgerRow> for LedgerOut {
    fn from(b: LedgerRow) -> Self {
        Self {
            base_id: b.id,
            code: b.code,
            name: b.name,
            kind: b.kind,
            town: b.town,
            active: b.active,
            campus: b.campus,
            agreement: b.number,
            valid_from: b.valid_from,
            valid_to: b.valid_to,
            agreements: b.agreements,
            capacity: b.capacity,
            campus_mentor: b.campus_mentor,
            supervisor: b.supervisor,
            supervisors: b.supervisors,
            on_duty: b.on_duty,
            confirmed_minutes: b.minutes,
            evaluation: b.evaluation,
        }
    }
}

/// Notes, evaluations, the ledger.
pub struct SupervisionApi;

#[OpenApi(tag = "Tag::Practicum")]
impl SupervisionApi {
    /// The supervision notes of a placement, the newest first; an intern's those that are shared.
    #[oai(path = "/placements/:id/notes", method = "get", operation_id = "list_supervision_notes")]
    async fn notes(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<NoteOut>>> {
        let found = ops::notes(cx.read(), &user, id.0).await?;
        Ok(Json(found.into_iter().map(NoteOut::from).collect()))
    }

    /// Write a supervision note.
    #[oai(path = "/placements/:id/notes", method = "post", operation_id = "add_supervision_note")]
    async fn add_note(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<NoteIn>) -> api::Result<Json<NoteAdded>> {
        let n = body.0;
        let kind = match n.kind {
            NoteKind::Individual => "individual",
            NoteKind::Group => "group",
            NoteKind::Visit => "visit",
        };
        let note = NewNote {
            placement_id: id.0,
            held_on: n.held_on,
            kind: kind.to_owned(),
            minutes: n.minutes,
            content: n.content,
            shared: n.shared,
        };
        Ok(Json(NoteAdded { id: ops::add_note(&cx, &user, note).await? }))
    }

    /// The evaluation of a placement, as far as the caller may read it.
    #[oai(path = "/placements/:id/evaluation", method = "get", operation_id = "get_evaluation")]
    async fn evaluation(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<EvaluationOut>> {
        Ok(Json(ops::evaluation(&cx, &user, id.0).await?.into()))
    }

    /// Write one's own part of an evaluation.
    #[oai(path = "/placements/:id/evaluation", method = "put", operation_id = "put_evaluation_part")]
    async fn write(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<PartIn>,
    ) -> api::Result<Json<EvaluationOut>> {
        let p = body.0;
        let part = match p.part {
            Hand::Own => Part::Own { text: p.text },
            Hand::Base => Part::Base { text: p.text, mark: p.mark },
            Hand::Campus => Part::Campus { text: p.text, mark: p.mark },
        };
        ops::write_part(&cx, &user, id.0, p.version, part).await?;
        Ok(Json(ops::evaluation(&cx, &user, id.0).await?.into()))
    }

    /// Settle the overall grade.
    #[oai(path = "/placements/:id/evaluation/close", method = "post", operation_id = "close_evaluation")]
    async fn close(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<VersionIn>,
    ) -> api::Result<Json<EvaluationOut>> {
        ops::close_evaluation(&cx, &user, id.0, body.0.version).await?;
        Ok(Json(ops::evaluation(&cx, &user, id.0).await?.into()))
    }

    /// The base ledger as of today.
    #[oai(path = "/base-ledger", method = "get", operation_id = "list_base_ledger")]
    async fn ledger(
        &self,
        cx: Cx,
        user: ApiUser,
        region: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<LedgerOut>>> {
        let find = FindBases { region: region.0.unwrap_or_default(), ..FindBases::default() };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::ledger(cx.read(), &user, &find, cx.today(), "", &slice).await?;
        Ok(Json(PageOut::of(found, LedgerOut::from)))
    }
}
