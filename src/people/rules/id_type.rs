//! Kinds of papers that a person is known by.

use std::borrow::Cow;

/// A kind of paper; kept in the database by [`IdType::code`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdType {
    #[default]
    Resident,
    /// Permit of Hong Kong and Macao residents for travel to the mainland.
    HongKongMacaoPermit,
    /// Permit of Taiwan residents for travel to the mainland (台胞证).
    TaiwanPermit,
    /// Residence permit for residents of Hong Kong, Macao and Taiwan: numbered like a resident's card.
    HmtResidence,
    Passport,
    ForeignerPermanentResidence,
    Officer,
    Soldier,
    SocialSecurity,
}

/// Type, code, canonical name, other names.
type Entry = (IdType, &'static str, &'static str, &'static [&'static str]);

static ALL: &[Entry] = &[
    (
        IdType::Resident,
        "resident",
        "居民身份证",
        &["身份证", "二代身份证", "第二代身份证", "二代证", "中国居民身份证", "中华人民共和国居民身份证", "公民身份证"],
    ),
    (
        IdType::HongKongMacaoPermit,
        "hk_macao_permit",
        "港澳居民来往内地通行证",
        &["回乡证", "港澳通行证", "港澳居民通行证", "港澳居民往来内地通行证", "港澳来往内地通行证", "来往内地通行证"],
    ),
    (
        IdType::TaiwanPermit,
        "taiwan_permit",
        "台湾居民来往大陆通行证",
        &["台胞证", "台湾通行证", "台湾居民往来大陆通行证", "台湾居民通行证", "来往大陆通行证"],
    ),
    (
        IdType::HmtResidence,
        "hmt_residence",
        "港澳台居民居住证",
        &[
            "港澳居民居住证",
            "台湾居民居住证",
            "港澳台居住证",
            "中华人民共和国港澳居民居住证",
            "中华人民共和国台湾居民居住证",
        ],
    ),
    (
        IdType::Passport,
        "passport",
        "护照",
        &["普通护照", "因私护照", "因私普通护照", "中国护照", "外国护照", "passport"],
    ),
    (
        IdType::ForeignerPermanentResidence,
        "foreigner_residence",
        "外国人永久居留身份证",
        &["外国人永久居留证", "外国人永久居住证", "外国人居留证", "永久居留身份证", "永久居留证"],
    ),
    (IdType::Officer, "officer", "军官证", &["警官证", "军官", "文职干部证", "武警警官证"]),
    (IdType::Soldier, "soldier", "士兵证", &["武警士兵证", "义务兵证", "士官证", "军士证"]),
    (IdType::SocialSecurity, "social_security", "社会保障卡", &["社保卡", "社保"]),
];

impl IdType {
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|e| e.0)
    }

    fn entry(self) -> &'static Entry {
        static FIRST: Entry = (IdType::Resident, "resident", "居民身份证", &[]);
        ALL.iter().find(|e| e.0 == self).unwrap_or(&FIRST)
    }

    /// The stable word in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.entry().1
    }

    /// The canonical Chinese name.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.entry().2
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        ALL.iter().find(|e| e.1 == code).map(|e| e.0)
    }

    /// By any of its names, compared without blanks and brackets.
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        let folded: Cow<'_, str> = if ALL.iter().any(|e| e.2 == text) {
            Cow::Borrowed(text)
        } else {
            let all = crate::importing::text::squeeze(text).to_lowercase();
            Cow::Owned(all.split('(').next().unwrap_or_default().to_owned())
        };
        ALL.iter().find(|e| e.2 == folded || e.3.contains(&&*folded)).map(|e| e.0)
    }

    /// Numbered like a resident's card, with birth, sex and check digit.
    #[must_use]
    pub fn is_eighteen(self) -> bool {
        matches!(self, Self::Resident | Self::HmtResidence)
    }
}

#[cfg(test)]
mod tests {
    use super::IdType;

    #[test]
    fn every_name_leads_to_its_type() {
        for (text, want) in [
            ("居民身份证", Some(IdType::Resident)),
            (" 身 份 证 ", Some(IdType::Resident)),
            ("台胞证", Some(IdType::TaiwanPermit)),
            ("普通护照", Some(IdType::Passport)),
            ("护照（外国）", Some(IdType::Passport)),
            ("社保卡", Some(IdType::SocialSecurity)),
            ("学生证", None),
            ("", None),
        ] {
            assert_eq!(IdType::from_name(text), want, "{text}");
        }
        for t in IdType::all() {
            assert_eq!(IdType::from_code(t.code()), Some(t));
            assert_eq!(IdType::from_name(t.label()), Some(t));
        }
    }
}
