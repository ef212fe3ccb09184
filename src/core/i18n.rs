//! The two languages of the screens. Texts stand in `config/locales/<language>/*.ftl` (one file a feature) and are
//! built into the binary; `tests/it/texts.rs` checks that no key is missing in either language.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid, static_loader};
use serde::{Deserialize, Serialize};

static_loader! {
    static LOCALES = {
        locales: "./config/locales",
        fallback_language: "zh-CN",
        // Isolation marks around arguments would end up in exported files and in tests.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ZH: LanguageIdentifier = langid!("zh-CN");
static EN: LanguageIdentifier = langid!("en");

/// A language of the screens; Chinese is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lang {
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    #[serde(rename = "en")]
    En,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// The BCP 47 tag, as in `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// Reads a tag or an `Accept-Language` header; the first language we have wins, Chinese otherwise.
    #[must_use]
    pub fn parse(header: &str) -> Self {
        for part in header.split(',') {
            let tag = part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            if tag.starts_with("zh") {
                return Self::ZhCn;
            }
            if tag.starts_with("en") {
                return Self::En;
            }
        }
        Self::ZhCn
    }

    fn id(self) -> &'static LanguageIdentifier {
        match self {
            Self::ZhCn => &ZH,
            Self::En => &EN,
        }
    }
}

/// The text of `key`. A missing key gives the key itself, which the tests refuse.
#[must_use]
pub fn text(lang: Lang, key: &str, args: &[(String, String)]) -> String {
    let found = if args.is_empty() {
        LOCALES.try_lookup(lang.id(), key)
    } else {
        let map: HashMap<Cow<'static, str>, FluentValue> =
            args.iter().map(|(k, v)| (Cow::Owned(k.clone()), FluentValue::from(v.as_str()))).collect();
        LOCALES.try_lookup_with_args(lang.id(), key, &map)
    };
    // A text that is there and lacks an argument would be shown as its bare key: tests stop at it wherever it happens.
    debug_assert!(found.is_some() || !has(lang, key), "the text {key} lacks an argument; it has {args:?}");
    found.unwrap_or_else(|| key.to_owned())
}

/// Whether `key` exists in `lang` itself (no fallback).
#[must_use]
pub fn has(lang: Lang, key: &str) -> bool {
    // A text that wants arguments complains of their absence: it is there all the same. The error's type has no public
    // name, only its sentence.
    let found = LOCALES.lookup_single_language::<String>(lang.id(), key, None);
    found.map_or_else(|e| e.to_string().starts_with("Fluent errors"), |_| true)
}
