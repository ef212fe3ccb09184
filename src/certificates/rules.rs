//! Decisions about certificates over plain values.
//!
//! A certificate number (管理号) has no agreed make-up (domain facts, "Registration and continuing education"): it is
//! opaque text, never a number. What is checked is only that it could be one and that nobody else holds it.

use chrono::{Datelike, NaiveDate};

use crate::schemes::Schemes;

/// Why a certificate may not stand as given; the name is the code of the import's verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    NumberMissing,
    NumberForm,
    /// Another person holds this number at this level.
    NumberTaken,
    /// The person holds a certificate of this level under another number.
    OtherNumber,
    /// The same certificate is known with another exam year or approval date.
    Differs,
    /// The same certificate is known and was revoked.
    Revoked,
    YearRange,
    ApprovedFuture,
    /// Approved in a year before the examination.
    ApprovedBeforeExam,
    RegisteredBeforeApproved,
    RegisteredBackwards,
    RevokedBeforeApproved,
    RevokedFuture,
    ReasonMissing,
}

impl Fault {
    /// The code in verdicts and, after `certificates-fault-`, the key of the message.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NumberMissing => "certificate_number_missing",
            Self::NumberForm => "certificate_number_form",
            Self::NumberTaken => "certificate_number_taken",
            Self::OtherNumber => "certificate_other_number",
            Self::Differs => "certificate_differs",
            Self::Revoked => "certificate_revoked",
            Self::YearRange => "exam_year_range",
            Self::ApprovedFuture => "approved_in_future",
            Self::ApprovedBeforeExam => "approved_before_exam",
            Self::RegisteredBeforeApproved => "registered_before_approved",
            Self::RegisteredBackwards => "registered_until_before_start",
            Self::RevokedBeforeApproved => "revoked_before_approved",
            Self::RevokedFuture => "revoked_in_future",
            Self::ReasonMissing => "reason_missing",
        }
    }

    /// The field of the input the fault belongs to.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::NumberMissing | Self::NumberForm | Self::NumberTaken | Self::OtherNumber | Self::Revoked => "number",
            Self::YearRange => "exam_year",
            Self::ApprovedFuture | Self::ApprovedBeforeExam | Self::Differs => "approved_on",
            Self::RegisteredBeforeApproved => "first_registered_on",
            Self::RegisteredBackwards => "registered_until",
            Self::RevokedBeforeApproved | Self::RevokedFuture => "revoked_on",
            Self::ReasonMissing => "why",
        }
    }
}

/// The number as kept: blanks and hyphens gone, full-width letters and digits made plain, upper case, 8 to 32 letters
/// or digits.
///
/// # Errors
/// [`Fault::NumberMissing`] or [`Fault::NumberForm`].
pub fn number(raw: &str) -> Result<String, Fault> {
    let tidy: String = raw
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '\u{feff}' | '\u{200b}'))
        .map(|c| match u32::from(c) {
            // Full-width forms stand 0xFEE0 above their plain twins.
            n @ 0xFF01..=0xFF5E => char::from_u32(n - 0xFEE0).unwrap_or(c),
            _ => c,
        })
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if tidy.is_empty() {
        Err(Fault::NumberMissing)
    } else if (8..=32).contains(&tidy.len()) && tidy.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Ok(tidy)
    } else {
        Err(Fault::NumberForm)
    }
}

/// The dates and year of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// 0 when unknown.
    pub exam_year: i64,
    pub approved_on: NaiveDate,
    pub first_registered_on: Option<NaiveDate>,
    pub registered_until: Option<NaiveDate>,
}

/// The first examination was held in 2008 (rule of 2006); earlier years are slips of the pen.
pub const FIRST_EXAM_YEAR: i64 = 2008;

/// All that is wrong with the dates, seen on `today`.
#[must_use]
pub fn dates(d: &Dates, today: NaiveDate) -> Vec<Fault> {
    let mut faults = Vec::new();
    if d.exam_year != 0 && !(FIRST_EXAM_YEAR..=i64::from(today.year())).contains(&d.exam_year) {
        faults.push(Fault::YearRange);
    }
    if d.approved_on > today {
        faults.push(Fault::ApprovedFuture);
    }
    if i64::from(d.approved_on.year()) < d.exam_year {
        faults.push(Fault::ApprovedBeforeExam);
    }
    if d.first_registered_on.is_some_and(|f| f < d.approved_on) {
        faults.push(Fault::RegisteredBeforeApproved);
    }
    if let Some(until) = d.registered_until
        && until < d.first_registered_on.unwrap_or(d.approved_on)
    {
        faults.push(Fault::RegisteredBackwards);
    }
    faults
}

/// What is known of a certificate that might be the one at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The row, or for a certificate earlier in the same file its row number.
    pub id: i64,
    pub person: i64,
    pub number: String,
    pub dates: Dates,
    pub revoked: bool,
}

/// What to do with a certificate that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    New,
    /// Known with all that was given.
    Unchanged(i64),
    /// Known; a first or later registration is news.
    Update(i64),
}

/// Judges a certificate against the one with the same number (`by_number`) and those the person holds at the level
/// (`held`). `person` is absent for somebody in no earlier list. A registration that is not given leaves the known one
/// alone; one that is given and later than the known one is news (renewal), an earlier one a contradiction.
///
/// # Errors
/// The fault and the id of the certificate in the way.
pub fn judge(
    person: Option<i64>,
    number: &str,
    d: &Dates,
    by_number: Option<&Known>,
    held: &[Known],
) -> Result<Step, (Fault, i64)> {
    if let Some(k) = by_number {
        if Some(k.person) != person {
            return Err((Fault::NumberTaken, k.id));
        }
        if k.revoked {
            return Err((Fault::Revoked, k.id));
        }
        let year_differs = d.exam_year != 0 && k.dates.exam_year != 0 && d.exam_year != k.dates.exam_year;
        let first_differs =
            matches!((d.first_registered_on, k.dates.first_registered_on), (Some(a), Some(b)) if a != b);
        let until_back = matches!((d.registered_until, k.dates.registered_until), (Some(a), Some(b)) if a < b);
        if d.approved_on != k.dates.approved_on || year_differs || first_differs || until_back {
            return Err((Fault::Differs, k.id));
        }
        let news = (d.exam_year != 0 && k.dates.exam_year == 0)
            || (d.first_registered_on.is_some() && k.dates.first_registered_on.is_none())
            || d.registered_until.is_some_and(|u| Some(u) != k.dates.registered_until);
        return Ok(if news { Step::Update(k.id) } else { Step::Unchanged(k.id) });
    }
    match held.iter().find(|k| !k.revoked && k.number != number) {
        Some(k) => Err((Fault::OtherNumber, k.id)),
        None => Ok(Step::New),
    }
}

/// Whether a certificate may be revoked on `on` for `why`.
#[must_use]
pub fn revocation(approved_on: NaiveDate, on: NaiveDate, why: &str, today: NaiveDate) -> Vec<Fault> {
    let mut faults = Vec::new();
    if on < approved_on {
        faults.push(Fault::RevokedBeforeApproved);
    }
    if on > today {
        faults.push(Fault::RevokedFuture);
    }
    if why.trim().is_empty() {
        faults.push(Fault::ReasonMissing);
    }
    faults
}

/// A valid certificate, as far as the highest one is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub id: i64,
    pub scheme: String,
    pub level: String,
    pub approved_on: NaiveDate,
}

/// The highest of a person's valid certificates: by the level's rank, then the later one. A level that the scheme file
/// no longer knows counts as the lowest.
#[must_use]
pub fn highest<'a>(valid: impl IntoIterator<Item = &'a Held>, schemes: &Schemes) -> Option<&'a Held> {
    valid.into_iter().max_by_key(|h| (rank(schemes, &h.scheme, &h.level), h.approved_on, h.id))
}

/// The rank of a level, from 1.
#[must_use]
pub fn rank(schemes: &Schemes, scheme: &str, level: &str) -> i64 {
    schemes.scheme(scheme).ok().and_then(|s| s.level(level)).map_or(1, |l| i64::from(l.rank))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    #[test]
    fn numbers_are_tidied_and_never_read_as_numbers() {
        let table: &[(&str, Result<&str, Fault>)] = &[
            ("202305A990623000011203", Ok("202305A990623000011203")),
            ("  201806990000011878 ", Ok("201806990000011878")),
            ("'202605cj990121000205290", Ok("202605CJ990121000205290")),
            ("２０１８０６９９", Ok("20180699")),
            ("2018 0699 0000", Ok("201806990000")),
            ("00000001", Ok("00000001")),
            ("", Err(Fault::NumberMissing)),
            (" \t", Err(Fault::NumberMissing)),
            ("1234567", Err(Fault::NumberForm)),
            ("123456789012345678901234567890123", Err(Fault::NumberForm)),
            ("2.01806E+17", Err(Fault::NumberForm)),
            ("证书2018069900", Err(Fault::NumberForm)),
        ];
        for (raw, want) in table {
            assert_eq!(number(raw), want.map(str::to_owned), "{raw}");
        }
    }

    #[test]
    fn dates_must_follow_each_other() {
        let today = day("2026-11-25");
        let ok = Dates {
            exam_year: 2026,
            approved_on: day("2026-05-24"),
            first_registered_on: Some(day("2026-08-01")),
            registered_until: Some(day("2029-07-31")),
        };
        let table: &[(Dates, &[Fault])] = &[
            (ok, &[]),
            (Dates { exam_year: 0, ..ok }, &[]),
            (Dates { exam_year: 2025, ..ok }, &[]),
            (Dates { exam_year: 2007, ..ok }, &[Fault::YearRange]),
            (Dates { exam_year: 2027, ..ok }, &[Fault::YearRange, Fault::ApprovedBeforeExam]),
            (Dates { approved_on: day("2025-05-24"), ..ok }, &[Fault::ApprovedBeforeExam]),
            (Dates { approved_on: day("2026-11-26"), ..ok }, &[Fault::ApprovedFuture, Fault::RegisteredBeforeApproved]),
            (Dates { first_registered_on: Some(day("2026-05-23")), ..ok }, &[Fault::RegisteredBeforeApproved]),
            (Dates { registered_until: Some(day("2026-07-31")), ..ok }, &[Fault::RegisteredBackwards]),
            (
                Dates { first_registered_on: None, registered_until: Some(day("2026-05-01")), ..ok },
                &[Fault::RegisteredBackwards],
            ),
        ];
        for (d, want) in table {
            assert_eq!(dates(d, today), *want, "{d:?}");
        }
    }

    #[test]
    fn the_same_again_is_unchanged_a_renewal_is_news_and_a_contradiction_an_error() {
        let d = Dates {
            exam_year: 2020,
            approved_on: day("2020-11-01"),
            first_registered_on: Some(day("2021-01-04")),
            registered_until: Some(day("2024-01-03")),
        };
        let k = |id, person, number: &str, revoked| Known { id, person, number: number.to_owned(), dates: d, revoked };
        let same = k(7, 1, "A2345678", false);
        let again = |d: Dates| judge(Some(1), "A2345678", &d, Some(&same), std::slice::from_ref(&same));
        assert_eq!(again(d), Ok(Step::Unchanged(7)));
        assert_eq!(again(Dates { exam_year: 0, first_registered_on: None, registered_until: None, ..d }), {
            Ok(Step::Unchanged(7))
        });
        assert_eq!(again(Dates { registered_until: Some(day("2027-01-03")), ..d }), Ok(Step::Update(7)));
        assert_eq!(again(Dates { registered_until: Some(day("2023-01-03")), ..d }), Err((Fault::Differs, 7)));
        assert_eq!(again(Dates { approved_on: day("2020-11-02"), ..d }), Err((Fault::Differs, 7)));
        assert_eq!(again(Dates { exam_year: 2019, ..d }), Err((Fault::Differs, 7)));
        assert_eq!(judge(Some(2), "A2345678", &d, Some(&same), &[]), Err((Fault::NumberTaken, 7)));
        assert_eq!(judge(None, "A2345678", &d, Some(&same), &[]), Err((Fault::NumberTaken, 7)));
        let revoked = k(7, 1, "A2345678", true);
        assert_eq!(judge(Some(1), "A2345678", &d, Some(&revoked), &[]), Err((Fault::Revoked, 7)));
        // Another number at the same level stands in the way only while it is valid.
        assert_eq!(judge(Some(1), "B2345678", &d, None, std::slice::from_ref(&same)), Err((Fault::OtherNumber, 7)));
        assert_eq!(judge(Some(1), "B2345678", &d, None, &[revoked]), Ok(Step::New));
        assert_eq!(judge(None, "B2345678", &d, None, &[]), Ok(Step::New));
    }

    #[test]
    fn a_revocation_has_a_day_and_a_reason() {
        let (a, today) = (day("2026-05-24"), day("2026-11-25"));
        assert_eq!(revocation(a, day("2026-06-01"), "false documents", today), []);
        assert_eq!(revocation(a, day("2026-05-23"), "x", today), [Fault::RevokedBeforeApproved]);
        assert_eq!(revocation(a, day("2026-11-26"), " ", today), [Fault::RevokedFuture, Fault::ReasonMissing]);
    }
}
