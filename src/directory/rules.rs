//! Pure rules of the directory: region codes, kinds of base, how names are compared.

use unicode_normalization::UnicodeNormalization;

/// Lengths of GB/T 2260 and statistical codes: province, city, county, town, village.
const LENGTHS: [usize; 5] = [2, 4, 6, 9, 12];

/// The level of a region code, 1 (province) to 5 (village or community).
///
/// `None` when the code is not 2, 4, 6, 9 or 12 digits.
#[must_use]
pub fn level(code: &str) -> Option<i64> {
    if !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    LENGTHS.iter().position(|l| *l == code.len()).and_then(|i| i64::try_from(i + 1).ok())
}

/// The codes above this one, nearest first.
#[must_use]
pub fn ancestors(code: &str) -> Vec<&str> {
    LENGTHS.iter().rev().filter(|l| **l < code.len()).filter_map(|l| code.get(..*l)).collect()
}

/// Whether a region lies in a scope: no codes means everywhere; a region of no code ('') lies in the open scope only.
#[must_use]
pub fn within(scope: &[String], code: &str) -> bool {
    scope.is_empty() || scope.iter().any(|s| code.starts_with(s.as_str()))
}

/// The county part of a region's code (GB/T 2260: the first six digits); of a wider region, its whole code.
#[must_use]
pub fn county(code: &str) -> &str {
    code.get(..6).unwrap_or(code)
}

/// How names of towns, bases, campuses and supervisors are compared: NFC, without blanks, brackets of one width.
#[must_use]
pub fn key(name: &str) -> String {
    name.nfc()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}'))
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            c => c,
        })
        .collect()
}

/// What kind of place a base is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseKind {
    /// 镇街站: the station of a town or street. A town with one is covered.
    TownStation,
    /// 村社点: the point of a village or community.
    VillagePoint,
    /// 机构: a service agency or association.
    Agency,
    /// 县级中心: the county's centre.
    CountyCentre,
    Other,
}

impl BaseKind {
    pub const ALL: [Self; 5] = [Self::TownStation, Self::VillagePoint, Self::Agency, Self::CountyCentre, Self::Other];

    /// The name in table and API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TownStation => "town_station",
            Self::VillagePoint => "village_point",
            Self::Agency => "agency",
            Self::CountyCentre => "county_centre",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// Reads what a ledger calls it; `None` for a word that is not known.
    #[must_use]
    pub fn from_ledger(word: &str) -> Option<Self> {
        Some(match key(word).as_str() {
            "镇街站" | "镇街" | "乡镇站" | "街道站" | "乡镇(街道)" | "乡镇(街道)社工站" | "社工站" => {
                Self::TownStation
            }
            "村社点" | "村社" | "村(社区)" | "村(社区)社工室" | "社工室" | "村级点" | "社区点" => {
                Self::VillagePoint
            }
            "机构" | "社会组织" | "社工机构" | "社会服务机构" | "社会团体" => Self::Agency,
            "县级中心" | "区级中心" | "县(区)中心" | "指导中心" | "中心" => Self::CountyCentre,
            "其他" | "其它" | "" => Self::Other,
            _ => return None,
        })
    }

    /// The key of its text.
    #[must_use]
    pub fn text_key(self) -> String {
        format!("base-kind-{}", self.name().replace('_', "-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_codes_nest_by_prefix() {
        let cases = [
            ("64", Some(1)),
            ("6401", Some(2)),
            ("640121", Some(3)),
            ("640121100", Some(4)),
            ("640121100001", Some(5)),
            ("", None),
            ("6", None),
            ("64012", None),
            ("64a1", None),
            ("６４", None),
        ];
        for (code, expected) in cases {
            assert_eq!(level(code), expected, "{code}");
        }
        assert_eq!(ancestors("640121100"), ["640121", "6401", "64"]);
        assert!(ancestors("64").is_empty());
    }

    #[test]
    fn scope_is_a_prefix_and_no_scope_is_everywhere() {
        let county = vec!["640121".to_owned()];
        assert!(within(&county, "640121100"));
        assert!(!within(&county, "640122"));
        assert!(!within(&county, ""));
        assert!(within(&[], ""));
    }

    #[test]
    fn kinds_of_base_as_ledgers_word_them() {
        let cases = [
            ("镇街站", Some(BaseKind::TownStation)),
            (" 村社点 ", Some(BaseKind::VillagePoint)),
            ("村（社区）", Some(BaseKind::VillagePoint)),
            ("县级中心", Some(BaseKind::CountyCentre)),
            ("机构", Some(BaseKind::Agency)),
            ("", Some(BaseKind::Other)),
            ("餐馆", None),
        ];
        for (word, expected) in cases {
            assert_eq!(BaseKind::from_ledger(word), expected, "{word}");
        }
        for k in BaseKind::ALL {
            assert_eq!(BaseKind::parse(k.name()), Some(k));
        }
    }
}
