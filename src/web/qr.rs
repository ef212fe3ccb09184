//! QR codes as pictures to be put into a page.

use qrcode::QrCode;
use qrcode::render::svg;

/// The picture of a text as SVG, black on white whatever the page's colours; empty for a text that is too long for a code.
#[must_use]
pub fn svg(text: &str) -> String {
    let Ok(code) = QrCode::new(text.as_bytes()) else { return String::new() };
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(240, 240).quiet_zone(true).build();
    // Inside a page the declaration of a document of its own has no place.
    drawn.find("<svg").and_then(|at| drawn.get(at..)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_a_picture() {
        let picture = svg("https://example.com/attend/1-in-118000000-0123456789abcdef0123456789abcdef");
        assert!(picture.starts_with("<svg") && picture.contains("</svg>"), "{picture}");
        assert_ne!(picture, svg("another"));
        assert_eq!(svg(&"x".repeat(5000)), "");
    }
}
