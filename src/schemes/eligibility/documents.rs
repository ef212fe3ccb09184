//! Which documents would prove what an answer rests on and nobody has seen yet.

use super::facts::{Facts, Graduation, Standing, WorkKind};
use super::verdict::{Answer, Verdict};
use crate::schemes::clauses::{Document, Proof};
use crate::schemes::model::Scheme;

/// The documents to be shown for the clause that the verdict rests on or comes nearest to; none for what is proven or
/// missing.
#[must_use]
pub fn documents<'s>(scheme: &'s Scheme, facts: &Facts, verdict: &Verdict<'_>) -> Vec<&'s Document> {
    let Some(c) = verdict.best() else { return Vec::new() };
    let mut proofs: Vec<Proof> = Vec::new();
    match c.schooling.and_then(|n| facts.schooling.get(n)) {
        Some(s) if s.standing == Standing::Proven => {}
        Some(s) => {
            let graduates = matches!(s.graduated, Graduation::On(day) if day > verdict.on);
            proofs.push(if graduates { Proof::Graduating } else { Proof::Diploma });
            if s.foreign {
                proofs.push(Proof::ForeignDegree);
            }
        }
        None if c.education == Answer::No => {}
        None => proofs.push(Proof::Diploma),
    }
    let held = c.certificate.and_then(|n| facts.certificates.get(n));
    if held.is_some_and(|h| h.standing != Standing::Proven) {
        proofs.push(Proof::Certificate);
    }
    if c.clause.years > 0 {
        let counts = |k: WorkKind| matches!(k, WorkKind::Field | WorkKind::Unknown);
        let mut work = facts.work.iter().filter(|w| counts(w.kind)).peekable();
        if work.peek().is_none() || work.any(|w| w.standing != Standing::Proven) {
            proofs.push(Proof::Work);
        }
    }
    if c.practicum.is_some() {
        proofs.push(Proof::Practicum);
    }
    proofs.into_iter().flat_map(|p| scheme.documents_for(p)).collect()
}
