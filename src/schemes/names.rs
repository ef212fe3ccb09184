//! How names in files are compared.

use unicode_normalization::UnicodeNormalization;

/// The form in which names of levels, subjects and programmes are compared: compatibility form (full-width letters and
/// brackets become plain ones), no blanks, lower case.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Whether any of the names is the text, after folding; an empty text is nobody's name.
pub(super) fn is_one_of<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> bool {
    let text = fold(text);
    !text.is_empty() && names.into_iter().any(|n| folds_to(n, &text))
}

/// Folding without storing the folded name: a file asks this for every row and every name of the scheme.
fn folds_to(name: &str, folded: &str) -> bool {
    name.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).eq(folded.chars())
}
