//! Names: tidied (NFC, blanks out, one middle dot), checked for characters that were lost on the way, and folded into
//! the key they are compared and searched by. Rare characters are characters like any other.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Code;
use crate::importing::text::{half_width, is_blank_char};

/// A name that may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub name: String,
    /// It holds a radical or stroke that looks like a character (⻢ for 马): other lists will not match.
    pub lookalike: bool,
}

const DOT: char = '\u{b7}';
const MOST: usize = 60;

fn is_dot(c: char) -> bool {
    matches!(
        c,
        DOT | '\u{2022}'
            | '\u{30fb}'
            | '\u{2027}'
            | '\u{ff0e}'
            | '\u{ff65}'
            | '\u{22c5}'
            | '\u{2219}'
            | '\u{387}'
            | '\u{2e31}'
            | '\u{16eb}'
            | '\u{a78f}'
            | '\u{25cf}'
            | '\u{25e6}'
    )
}

/// A stroke or radical that stands where a character should.
fn is_lookalike(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{31c0}'..='\u{31ef}')
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '\u{3007}')
}

/// The name as it is kept. Blanks go, save a single one between two Latin words.
#[must_use]
pub fn tidy(text: &str) -> String {
    if text.chars().all(|c| matches!(c, '\u{4e00}'..='\u{9fff}')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    let nfc: String = if is_nfc(text) { text.to_owned() } else { text.nfc().collect() };
    let latin = |c: char| c.is_alphabetic() && !is_han(c) && (c as u32) < 0x2e80;
    for c in nfc.chars() {
        if is_blank_char(c) {
            blank = true;
            continue;
        }
        let c = if is_dot(c) { DOT } else { half_width(c) };
        let last = out.chars().next_back();
        // A full stop between two Chinese characters is meant as the dot.
        let c = if c == '.' && last.is_some_and(is_han) { DOT } else { c };
        if blank && latin(c) && last.is_some_and(|l| latin(l) || l == '.') {
            out.push(' ');
        }
        blank = false;
        out.push(c);
    }
    out
}

/// Tidies and checks a name.
///
/// # Errors
/// `name_missing`, `name_characters`.
pub fn read(text: &str) -> Result<Name, Code> {
    let name = tidy(text);
    if name.is_empty() {
        return Err("name_missing");
    }
    let mut lookalike = false;
    let mut count = 0usize;
    for c in name.chars() {
        count += 1;
        let fine = is_han(c)
            || c == DOT
            || (c.is_alphabetic() && c != 'ー')
            || matches!(c, ' ' | '-' | '\'' | '.')
            || is_mark(c);
        if is_lookalike(c) {
            lookalike = true;
        } else if !fine {
            return Err("name_characters");
        }
    }
    let edge = |c: Option<char>| c.is_some_and(|c| matches!(c, DOT | '-' | '\'' | '.') || is_mark(c));
    let starts_badly = edge(name.chars().next());
    let ends_badly = name.chars().next_back().is_some_and(|c| matches!(c, DOT | '-'));
    let holds_letter = name.chars().any(char::is_alphabetic) || lookalike;
    if starts_badly || ends_badly || !holds_letter || count > MOST {
        return Err("name_characters");
    }
    Ok(Name { name, lookalike })
}

/// Marks that scripts of names put on letters (Uyghur, Tibetan, Mongolian).
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{f35}'..='\u{f39}' | '\u{f71}'..='\u{f87}' | '\u{f0b}' | '\u{180b}'..='\u{180e}')
}

/// The form by which names are compared and searched: without blanks, in small letters, look-alikes of the Kangxi
/// radicals as the characters they look like.
#[must_use]
pub fn key(text: &str) -> String {
    let name = tidy(text);
    if name.chars().all(|c| matches!(c, '\u{4e00}'..='\u{9fff}')) {
        return name;
    }
    name.nfkc()
        .filter(|c| !is_blank_char(*c))
        .map(|c| if is_dot(c) { DOT } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied() {
        for (s, want) in [
            ("王　伟", "王伟"),
            (" 李 娜\u{3000}", "李娜"),
            ("阿依古丽•吐尔逊", "阿依古丽·吐尔逊"),
            ("帕提曼．吐尔逊", "帕提曼·吐尔逊"),
            ("玛依拉･吐尔逊", "玛依拉·吐尔逊"),
            ("艾山江.吐尔逊", "艾山江·吐尔逊"),
            ("John  Smith", "John Smith"),
            ("J. Smith", "J. Smith"),
            ("王㛃", "王㛃"),
            ("张𠅤琳", "张𠅤琳"),
            ("e\u{301}a", "éa"),
        ] {
            assert_eq!(read(s).map(|n| n.name).as_deref(), Ok(want), "{s:?}");
        }
    }

    #[test]
    fn lost_characters_are_refused() {
        for s in [
            "赵?伟",
            "钱\u{fffd}梅",
            "孙\u{e863}华",
            "李3",
            "=1+1",
            "@SUM(A1)",
            "·",
            "王·",
            "-",
            "王(二)",
            "张、王",
            "?",
        ] {
            assert_eq!(read(s), Err("name_characters"), "{s}");
        }
        assert_eq!(read(" \u{3000}"), Err("name_missing"));
        assert!(read("⻢晓东").unwrap().lookalike);
        assert!(!read("马晓东").unwrap().lookalike);
        assert!(read("古丽巴哈尔·阿卜杜热西提·麦麦提吐尔逊").is_ok());
    }

    #[test]
    fn keys_compare() {
        assert_eq!(key("热依汗•艾山"), key("热依汗 · 艾山"));
        assert_eq!(key("John SMITH"), "johnsmith");
        assert_eq!(key("⼀"), "一");
    }
}
