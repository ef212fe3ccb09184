//! Pure rules: the unified social credit code, kinds and states of organisations and how offices word them.

use crate::directory::rules::key;

/// The characters of a credit code in the order of their values (GB 32100-2015: no I, O, S, V, Z).
const CHARACTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// The weights of the first 17 places (GB 32100-2015, 3^(i-1) mod 31).
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// Reads a unified social credit code: blanks and width tidied, letters made capital, form and check character verified.
///
/// # Errors
/// The code of the problem: `credit_code_length`, `credit_code_characters` or `credit_code_check`.
pub fn credit_code(text: &str) -> Result<String, &'static str> {
    let tidy: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '-' | '\u{feff}' | '\u{200b}'))
        .map(|c| match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        })
        .collect::<String>()
        .to_ascii_uppercase();
    if tidy.chars().count() != 18 {
        return Err("credit_code_length");
    }
    let mut values = Vec::with_capacity(18);
    for b in tidy.bytes() {
        values.push(CHARACTERS.iter().position(|c| *c == b).ok_or("credit_code_characters")?);
    }
    let sum: usize = values.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum();
    if values.last() == Some(&((31 - sum % 31) % 31)) { Ok(tidy) } else { Err("credit_code_check") }
}

/// What the civil-affairs registration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 社会团体.
    Association,
    /// 社会服务机构 (formerly 民办非企业单位).
    ServiceAgency,
    /// 基金会.
    Foundation,
    Other,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Association, Self::ServiceAgency, Self::Foundation, Self::Other];

    /// The name in table and API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Association => "association",
            Self::ServiceAgency => "service_agency",
            Self::Foundation => "foundation",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// As offices word it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match key(word).as_str() {
            "社会团体" | "社团" | "协会" => Self::Association,
            "社会服务机构" | "民办非企业单位" | "民办非企业" | "民非" | "社会服务机构(民办非企业单位)" => {
                Self::ServiceAgency
            }
            "基金会" => Self::Foundation,
            "其他" | "其它" => Self::Other,
            _ => return None,
        })
    }

    /// The kind that the second character of a civil-affairs credit code (51, 52, 53) stands for.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        match code.get(..2)? {
            "51" => Some(Self::Association),
            "52" => Some(Self::ServiceAgency),
            "53" => Some(Self::Foundation),
            _ => None,
        }
    }
}

/// The states an organisation can be in.
pub const STATES: [&str; 3] = ["active", "suspended", "cancelled"];

/// A state as offices word it.
#[must_use]
pub fn state(word: &str) -> Option<&'static str> {
    Some(match key(word).as_str() {
        "正常" | "存续" | "在册" | "有效" => "active",
        "停业" | "暂停" | "整改" | "异常" | "活动异常" => "suspended",
        "注销" | "已注销" | "撤销" | "已撤销" => "cancelled",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_codes_are_checked_by_the_standard() {
        let cases = [
            ("5199062373571432XT", Ok("5199062373571432XT")),
            (" 5199062373571432xt ", Ok("5199062373571432XT")),
            ("５１990623319546638K", Ok("51990623319546638K")),
            ("5199062373571432XU", Err("credit_code_check")),
            ("5199062337571432XT", Err("credit_code_check")),
            ("5199062373571432X", Err("credit_code_length")),
            ("", Err("credit_code_length")),
            ("5199062373571432IT", Err("credit_code_characters")),
            ("519906237357143２社T", Err("credit_code_characters")),
        ];
        for (text, expected) in cases {
            assert_eq!(credit_code(text), expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn kinds_and_states_as_offices_word_them() {
        for (word, kind) in [
            ("社会团体", Some(Kind::Association)),
            ("民办非企业单位", Some(Kind::ServiceAgency)),
            ("社会服务机构（民办非企业单位）", Some(Kind::ServiceAgency)),
            ("公司", None),
        ] {
            assert_eq!(Kind::from_word(word), kind, "{word}");
        }
        assert_eq!(Kind::of_code("52990623896534063J"), Some(Kind::ServiceAgency));
        assert_eq!(Kind::of_code("91990623896534063J"), None);
        assert_eq!((state("正常"), state("已注销"), state("?")), (Some("active"), Some("cancelled"), None));
        for k in Kind::ALL {
            assert_eq!(Kind::parse(k.name()), Some(k));
        }
    }
}
