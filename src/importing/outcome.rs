//! What came of an import, as scripts, the API and the pages tell it; and where a run stands.

use std::collections::BTreeMap;

use super::problem::{FileProblem, Problem};
use crate::core::Lang;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Uploaded; the preview is being made.
    Reading,
    /// The preview is there; nothing is stored yet.
    Preview,
    Committing,
    Committed,
    /// The file as a whole was refused.
    Rejected,
    /// Something other than the file was wrong (a cohort that is not there, the database).
    Failed,
    Undone,
    Discarded,
}

impl State {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Preview => "preview",
            Self::Committing => "committing",
            Self::Committed => "committed",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Undone => "undone",
            Self::Discarded => "discarded",
        }
    }
}

/// What came of an import; the shape of `--json` and of the API (`rows = accepted + refused + unchanged`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// None: nothing was stored (a dry run, or a file refused as a whole).
    pub import_id: Option<i64>,
    pub rows: usize,
    pub accepted: usize,
    pub refused: usize,
    pub unchanged: usize,
    pub problems: Vec<Problem>,
    /// The file was refused as a whole.
    pub rejected: bool,
}

impl Outcome {
    pub(super) fn rejected(p: &FileProblem) -> Self {
        Self {
            import_id: None,
            rows: 0,
            accepted: 0,
            refused: 0,
            unchanged: 0,
            problems: vec![p.to_problem()],
            rejected: true,
        }
    }

    /// A file that could not be read from the disk.
    #[must_use]
    pub fn unreadable(path: impl std::fmt::Display, e: &std::io::Error) -> Self {
        use std::io::ErrorKind as K;
        let code = match e.kind() {
            K::NotFound => "file_not_found",
            K::PermissionDenied => "file_not_permitted",
            K::IsADirectory => "file_is_folder",
            _ => "file_not_read",
        };
        let problem = Problem::error(code).with("path", path).with("cause", e);
        Self {
            import_id: None,
            rows: 0,
            accepted: 0,
            refused: 0,
            unchanged: 0,
            problems: vec![problem],
            rejected: true,
        }
    }

    /// The JSON of the contract (design 5).
    #[must_use]
    pub fn to_json(&self, lang: Lang) -> serde_json::Value {
        let problems: Vec<_> = self.problems.iter().map(|p| problem_json(p, lang)).collect();
        serde_json::json!({
            "import_id": self.import_id, "rows": self.rows, "accepted": self.accepted, "refused": self.refused,
            "unchanged": self.unchanged, "problems": problems,
        })
    }

    /// 0 done, 1 the file was refused as a whole, 3 done but some rows were refused.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.rejected {
            1
        } else if self.refused > 0 {
            3
        } else {
            0
        }
    }
}

/// One problem as scripts read it.
#[must_use]
pub fn problem_json(p: &Problem, lang: Lang) -> serde_json::Value {
    let mut v = serde_json::json!({
        "sheet": p.sheet, "row": p.row, "column": p.column, "severity": p.severity, "code": p.code, "message": p.message(lang),
    });
    if let (Some(peer), Some(o)) = (p.peer_row(), v.as_object_mut()) {
        o.insert("peer_row".to_owned(), peer.into());
    }
    v
}

/// What one run did, before it is written down.
pub(super) struct Done {
    pub rows: usize,
    pub refused: usize,
    pub unchanged: usize,
    pub problems: Vec<Problem>,
    pub cells: BTreeMap<(String, u32), String>,
    pub headers: String,
}

impl Done {
    pub(super) fn accepted(&self) -> usize {
        self.rows - self.refused - self.unchanged
    }

    pub(super) fn outcome(&self, import_id: Option<i64>) -> Outcome {
        // Worded where tests can see it: a sentence that lacks an argument stops them (see `i18n::text`).
        if cfg!(debug_assertions) {
            for p in &self.problems {
                for lang in Lang::ALL {
                    let _ = p.message(lang);
                }
            }
        }
        Outcome {
            import_id,
            rows: self.rows,
            accepted: self.accepted(),
            refused: self.refused,
            unchanged: self.unchanged,
            problems: self.problems.clone(),
            rejected: false,
        }
    }
}
