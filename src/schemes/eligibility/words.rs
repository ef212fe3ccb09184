//! An answer about eligibility in words a candidate understands, the same wherever it is shown.

use chrono::NaiveDate;

use super::documents::documents;
use super::facts::Facts;
use super::length::Length;
use super::verdict::{Answer, ClauseVerdict, Doubt, Verdict};
use crate::core::{Lang, Msg, civil};
use crate::schemes::clauses::{Counted, EligibilityClause, Holding, MajorClass};
use crate::schemes::model::{Level, Scheme};

/// What the words need to know.
#[derive(Clone, Copy)]
pub struct About<'a> {
    pub lang: Lang,
    pub scheme: &'a Scheme,
    pub level: &'a Level,
    pub facts: &'a Facts,
}

impl About<'_> {
    fn say(&self, msg: &Msg) -> String {
        msg.text(self.lang)
    }

    fn msg(&self, key: &str) -> Msg {
        Msg::new(key).with("field", self.scheme.field.text(self.lang))
    }

    fn and(&self) -> String {
        Msg::new("eligibility-and").text(self.lang)
    }

    /// The answer in one sentence.
    #[must_use]
    pub fn headline(&self, v: &Verdict<'_>) -> String {
        let key = match v.answer {
            Answer::Yes => "eligibility-yes",
            Answer::NeedsEvidence => "eligibility-evidence",
            Answer::No => "eligibility-no",
        };
        self.say(&Msg::new(key).with("year", v.exam_year).with("level", self.level.name.text(self.lang)))
    }

    /// Everything that is to be said, in order: the answer, why, when else, which documents, by which rule.
    #[must_use]
    pub fn explain(&self, v: &Verdict<'_>) -> Vec<String> {
        let mut said = vec![self.headline(v)];
        if let Some(bar) = v.bar.and_then(|n| self.facts.bars.get(n)) {
            said.push(match bar.until {
                Some(until) => self.say(&Msg::new("eligibility-bar").with("from", bar.from).with("until", until)),
                None => self.say(&Msg::new("eligibility-bar-long").with("from", bar.from)),
            });
            if v.answer == Answer::NeedsEvidence {
                said.push(self.doubt(Doubt::BarEnds));
            }
        }
        if let Some(o) = v.by_override.and_then(|n| self.facts.overrides.get(n)) {
            let msg = Msg::new("eligibility-override").with("approver", &o.approver).with("on", o.given_on);
            let msg = msg.with("reason", &o.reason).with("document", &o.document).with("until", o.until);
            said.push(self.say(&msg));
        }
        if v.without_rules() {
            said.push(self.say(&Msg::new("eligibility-no-rules").with("year", v.exam_year)));
            return said;
        }
        if v.held_already {
            said.push(self.say(&Msg::new("eligibility-held-already")));
        }
        let Some(best) = v.best() else { return said };
        if best.schooling.is_none() && !v.refusals.is_empty() {
            said.extend(
                v.refusals
                    .iter()
                    .map(|r| self.say(&Msg::new("eligibility-refused").with("why", r.why.text(self.lang)))),
            );
            return said;
        }
        said.extend(self.clause_lines(best, v));
        said.extend(self.waiting(v));
        let papers: Vec<&str> = documents(self.scheme, self.facts, v).iter().map(|d| d.name.text(self.lang)).collect();
        if !papers.is_empty() && v.by_override.is_none() {
            let no = v.answer == Answer::No;
            let key = if no { "eligibility-documents-then" } else { "eligibility-documents" };
            said.push(self.say(&Msg::new(key).with("documents", papers.join(&self.and()))));
        }
        said.push(self.rule(best.clause));
        said
    }

    /// When it would be yes.
    fn waiting(&self, v: &Verdict<'_>) -> Option<String> {
        if v.answer == Answer::Yes {
            return None;
        }
        let asked = v.answer == Answer::NeedsEvidence;
        Some(match v.earliest_year {
            Some(year) if asked => self.say(&Msg::new("eligibility-earliest-anyway").with("year", year)),
            Some(year) => self.say(&Msg::new("eligibility-earliest").with("year", year)),
            None if asked || v.bar.is_some() => return None,
            None => match v.best().filter(|c| c.lacks_only_work()) {
                Some(c) => self.say(&self.msg("eligibility-never-work").with("short", self.short(c.work.short))),
                None => self.say(&Msg::new("eligibility-never")),
            },
        })
    }

    /// The clause as a rule: who, with which certificate, with how much work.
    #[must_use]
    pub fn clause(&self, c: &EligibilityClause) -> String {
        let names: Vec<&str> = c
            .educations
            .iter()
            .filter_map(|code| self.scheme.educations.iter().find(|e| e.code == *code))
            .map(|e| e.name.text(self.lang))
            .collect();
        let key = match c.major {
            MajorClass::Own => "eligibility-clause-own",
            MajorClass::Other => "eligibility-clause-other",
            MajorClass::Any => "eligibility-clause-any",
        };
        let or = Msg::new("eligibility-or").text(self.lang);
        let mut parts = vec![self.say(&self.msg(key).with("education", names.join(&or)))];
        match c.holding {
            Holding::Held => {}
            Holding::ThisYear => parts.push(self.say(&Msg::new("eligibility-clause-this-year"))),
            Holding::Enrolled => parts.push(self.say(&Msg::new("eligibility-clause-enrolled"))),
        }
        if let Some(level) = c.holds.as_ref().and_then(|h| self.scheme.level(h)) {
            parts.push(self.say(&Msg::new("eligibility-clause-holds").with("level", level.name.text(self.lang))));
        }
        if c.years > 0 {
            let since = c.counted == Counted::SinceCertificate;
            let key = if since { "eligibility-clause-years-since" } else { "eligibility-clause-years" };
            parts.push(self.say(&self.msg(key).with("years", c.years)));
        }
        if let Some(p) = c.practicum.as_ref().and_then(|code| self.scheme.programmes.iter().find(|p| p.code == *code)) {
            let minutes = (p.required_minutes * c.practicum_percent + 99) / 100;
            parts.push(self.say(&Msg::new("eligibility-clause-practicum").with("hours", civil::hours(minutes))));
        }
        parts.join(&Msg::new("eligibility-clause-joint").text(self.lang))
    }

    /// The version of the rule: where it is written, from when to when.
    #[must_use]
    pub fn rule(&self, c: &EligibilityClause) -> String {
        let key = if c.to_year.is_some() { "eligibility-rule-ended" } else { "eligibility-rule" };
        let msg = Msg::new(key).with("source", &c.source).with("from", c.from_year);
        self.say(&match c.to_year {
            Some(to) => msg.with("to", to),
            None => msg,
        })
    }

    /// One clause against the facts, as sentences.
    #[must_use]
    pub fn clause_lines(&self, c: &ClauseVerdict<'_>, v: &Verdict<'_>) -> Vec<String> {
        let key = match c.answer {
            Answer::Yes => "eligibility-clause-met",
            Answer::NeedsEvidence => "eligibility-clause-open",
            Answer::No => "eligibility-clause-failed",
        };
        let mut said = vec![self.say(&Msg::new(key).with("clause", self.clause(c.clause)))];
        if c.education == Answer::No {
            let key = if c.schooling.is_some() { "eligibility-education-late" } else { "eligibility-education-none" };
            said.push(self.say(&Msg::new(key)));
        }
        if c.holds == Answer::No {
            let level = c.clause.holds.as_ref().and_then(|h| self.scheme.level(h));
            let level = level.map_or("", |l| l.name.text(self.lang));
            said.push(self.say(&Msg::new("eligibility-certificate-none").with("level", level)));
        }
        if c.clause.years > 0 && c.schooling.is_some() && c.holds != Answer::No {
            said.extend(self.work_lines(c, v));
        }
        if let Some(p) = c.practicum.filter(|p| p.answer != Answer::Yes) {
            let msg = Msg::new("eligibility-practicum-short").with("has", civil::hours(p.has));
            let msg = msg.with("needs", civil::hours(p.needs)).with("short", civil::hours(p.needs - p.has));
            said.push(self.say(&msg));
        }
        if c.answer == Answer::NeedsEvidence {
            said.extend(c.doubts.iter().map(|d| self.doubt(d)));
        }
        said
    }

    fn work_lines(&self, c: &ClauseVerdict<'_>, v: &Verdict<'_>) -> Vec<String> {
        let mut said = Vec::new();
        let w = c.work;
        let Some(cut_off) = v.cut_off else { return said };
        match (w.answer, w.full_on) {
            (Answer::Yes, Some(day)) if day > v.on => {
                said.push(self.say(&self.msg("eligibility-work-will").with("years", c.clause.years).with("on", day)));
            }
            (Answer::Yes, Some(day)) => {
                said.push(self.say(&self.msg("eligibility-work-full").with("years", c.clause.years).with("on", day)));
            }
            (Answer::Yes, None) => {}
            (Answer::NeedsEvidence, _) => {
                let msg = self.msg("eligibility-work-open").with("cut_off", cut_off).with("has", self.length(w.has));
                said.push(self.say(&msg.with("may", self.length(w.may_have))));
            }
            (Answer::No, _) => {
                let msg = self.msg("eligibility-work-short").with("cut_off", cut_off);
                let msg = msg.with("has", self.length(w.may_have)).with("short", self.short(w.short));
                said.push(self.say(&msg));
            }
        }
        if let Some(from) = w.counted_from.filter(|_| w.answer != Answer::Yes || !w.left_out.is_zero()) {
            said.push(self.from(c, from));
        }
        if !w.left_out.is_zero() && w.answer != Answer::Yes {
            said.push(self.say(&self.msg("eligibility-work-left-out").with("length", self.length(w.left_out))));
        }
        said
    }

    fn from(&self, c: &ClauseVerdict<'_>, from: NaiveDate) -> String {
        let by_certificate = c.clause.counted == Counted::SinceCertificate
            && c.certificate.and_then(|n| self.facts.certificates.get(n)).is_some_and(|h| h.on == Some(from));
        let key =
            if by_certificate { "eligibility-work-since-certificate" } else { "eligibility-work-since-graduation" };
        self.say(&Msg::new(key).with("from", from))
    }

    /// What has to be cleared up, as a sentence.
    #[must_use]
    pub fn doubt(&self, d: Doubt) -> String {
        self.say(&self.msg(&format!("eligibility-doubt-{}", d.code())))
    }

    /// "3 years 4 months", whole months.
    #[must_use]
    pub fn length(&self, length: Length) -> String {
        self.months(length.months(), length.days())
    }

    /// What is short: a begun month counts as one, less than a month is told in days.
    #[must_use]
    pub fn short(&self, length: Length) -> String {
        if length.months() == 0 { self.months(0, length.days()) } else { self.months(length.months_up(), 0) }
    }

    fn months(&self, months: i64, days: i64) -> String {
        let (years, months) = (months / 12, months % 12);
        let msg = match (years, months) {
            (0, 0) => Msg::new("eligibility-length-days").with("days", days),
            (0, m) => Msg::new("eligibility-length-months").with("months", m),
            (y, 0) => Msg::new("eligibility-length-years").with("years", y),
            (y, m) => Msg::new("eligibility-length").with("years", y).with("months", m),
        };
        self.say(&msg)
    }
}
