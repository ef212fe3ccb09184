//! What may be kept as a photo of an entry: looked at by content, small enough, without what the camera wrote into it.

use img_parts::Bytes;
use img_parts::png::Png;

/// Bytes of the largest photo.
pub const MOST_BYTES: usize = 5 << 20;
/// A picture claims memory by its pixels, whatever its file is as small as.
pub const MOST_PIXELS: u64 = 50_000_000;
const MOST_SIDE: u32 = 16_000;

/// Why a file is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPhoto {
    TooLarge,
    /// Neither JPEG nor PNG by its content.
    NotAPicture,
    TooManyPixels,
}

impl BadPhoto {
    /// The text key.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::TooLarge => "practicum-photo-large",
            Self::NotAPicture => "practicum-photo-kind",
            Self::TooManyPixels => "practicum-photo-pixels",
        }
    }
}

/// A photo as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    pub mime: &'static str,
    pub bytes: Vec<u8>,
    pub width: i64,
    pub height: i64,
}

/// Checks a file and takes out place, time, device and texts that the camera or a program wrote into it; of the camera's
/// word only how the picture is turned stays. Nothing is decoded, so no picture can be a bomb here.
///
/// # Errors
/// [`BadPhoto`].
pub fn tidy(bytes: Vec<u8>) -> Result<Photo, BadPhoto> {
    if bytes.len() > MOST_BYTES {
        return Err(BadPhoto::TooLarge);
    }
    let (mime, size, bytes) = match bytes.as_slice() {
        [0xFF, 0xD8, 0xFF, ..] => {
            let (bytes, size) = jpeg(&bytes).ok_or(BadPhoto::NotAPicture)?;
            ("image/jpeg", size, bytes)
        }
        [0x89, b'P', b'N', b'G', ..] => {
            let end = png_end(&bytes).ok_or(BadPhoto::NotAPicture)?;
            let mut bytes = bytes;
            bytes.truncate(end);
            let picture = Png::from_bytes(Bytes::from(bytes)).map_err(|_| BadPhoto::NotAPicture)?;
            ("image/png", picture.dimensions(), png(picture))
        }
        _ => return Err(BadPhoto::NotAPicture),
    };
    let (width, height) = size.filter(|(w, h)| *w > 0 && *h > 0).ok_or(BadPhoto::NotAPicture)?;
    if width > MOST_SIDE || height > MOST_SIDE || u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(BadPhoto::TooManyPixels);
    }
    Ok(Photo { mime, bytes, width: width.into(), height: height.into() })
}

/// Whether a segment says how the picture looks. Of the application segments only JFIF, the colour profile and Adobe's colour
/// transform do.
fn looks(marker: u8, contents: &[u8]) -> bool {
    match marker {
        0xE2 => contents.starts_with(b"ICC_PROFILE\0"),
        0xE1 | 0xE3..=0xED | 0xEF | 0xFE => false,
        _ => true,
    }
}

/// Width and height, where the file says them.
type Size = Option<(u32, u32)>;

/// The picture without what says more than how it looks, up to its end: what phones append (films, further pictures with a
/// place of their own) is left behind. Walked segment by segment (ITU-T T.81, annex B), also those between two scans.
fn jpeg(bytes: &[u8]) -> Option<(Vec<u8>, Size)> {
    let mut out = vec![0xFF, 0xD8];
    let (mut size, mut turned, mut scans) = (None, None, 0);
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            // A marker may be led in by any number of these.
            0xFF => at += 1,
            0xD9 => break,
            0x01 | 0xD0..=0xD7 => {
                out.extend([0xFF, marker]);
                at += 2;
            }
            0x00 | 0xD8 => return None,
            _ => {
                let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
                let whole = bytes.get(at..at + 2 + length)?;
                let contents = whole.get(4..)?;
                if looks(marker, contents) {
                    out.extend(whole);
                }
                if marker == 0xE1 && turned.is_none() {
                    turned = orientation(contents);
                }
                if matches!(marker, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF)
                    && let [_, h1, h2, w1, w2, ..] = contents
                {
                    let side = |a: u8, b: u8| u32::from(u16::from_be_bytes([a, b]));
                    size = size.or(Some((side(*w1, *w2), side(*h1, *h2))));
                }
                at += whole.len();
                if marker == 0xDA {
                    scans += 1;
                    let end = scan_end(bytes, at);
                    out.extend(bytes.get(at..end)?);
                    at = end;
                    // Cut off within the scan: the program that shows it fills the rest.
                    if at >= bytes.len() {
                        break;
                    }
                }
            }
        }
    }
    if scans == 0 {
        return None;
    }
    out.extend([0xFF, 0xD9]);
    if let Some(o) = turned.filter(|o| (2..=8).contains(o)) {
        let mut exif = vec![0xFF, 0xE1, 0, 34];
        exif.extend(b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01");
        exif.extend([0, o, 0, 0, 0, 0, 0, 0]);
        out.splice(2..2, exif);
    }
    Some((out, size))
}

/// Where the coded data that begin at `from` end: at the next marker that is no part of them.
fn scan_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(here) = bytes.get(at..).filter(|b| !b.is_empty()) {
        let Some(next) = here.iter().position(|b| *b == 0xFF) else { return bytes.len() };
        match here.get(next + 1) {
            None => return bytes.len(),
            Some(0x00 | 0xD0..=0xD7) => at += next + 2,
            Some(0xFF) => at += next + 1,
            Some(_) => return at + next,
        }
    }
    bytes.len()
}

/// The length of a PNG up to and with its last chunk.
fn png_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 8;
    loop {
        let length: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        let end = at.checked_add(12)?.checked_add(usize::try_from(u32::from_be_bytes(length)).ok()?)?;
        if bytes.get(at + 4..at + 8)? == b"IEND" {
            return (end <= bytes.len()).then_some(end);
        }
        at = end;
    }
}

fn png(mut picture: Png) -> Vec<u8> {
    const LOOKS: [&[u8; 4]; 12] =
        [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"];
    picture.chunks_mut().retain(|c| LOOKS.contains(&&c.kind()));
    picture.encoder().bytes().to_vec()
}

/// The camera's word on how the picture is turned (tag 0x0112 of the first directory), out of an EXIF segment.
fn orientation(segment: &[u8]) -> Option<u8> {
    let tiff = segment.strip_prefix(b"Exif\0\0")?;
    let big = match tiff.get(..2)? {
        b"MM" => true,
        b"II" => false,
        _ => return None,
    };
    let word = |at: usize| {
        let b: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) })
    };
    let long = |at: usize| {
        let b: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if big { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) })
    };
    let first = usize::try_from(long(4)?).ok()?;
    for i in 0..usize::from(word(first)?) {
        let at = first.checked_add(2 + 12 * i)?;
        if word(at)? == 0x0112 {
            return u8::try_from(word(at.checked_add(8)?)?).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use img_parts::jpeg::Jpeg;
    use proptest::prelude::*;

    /// A JPEG of one grey pixel's tables, with a claimed size.
    fn picture(width: u16, height: u16, extra: &[(u8, &[u8])]) -> Vec<u8> {
        let mut out = vec![0xFF, 0xD8];
        let mut segment = |marker: u8, contents: &[u8]| {
            out.extend([0xFF, marker]);
            out.extend(u16::try_from(contents.len() + 2).unwrap().to_be_bytes());
            out.extend(contents);
        };
        for (marker, contents) in extra {
            segment(*marker, contents);
        }
        let (h, w) = (height.to_be_bytes(), width.to_be_bytes());
        segment(0xC0, &[8, h[0], h[1], w[0], w[1], 1, 1, 0x11, 0]);
        segment(0xDA, &[1, 1, 0, 0, 63, 0]);
        out.extend([0x12, 0x34, 0xFF, 0xD9]);
        out
    }

    /// EXIF in Intel order with an orientation and a place.
    fn exif(orientation: u8) -> Vec<u8> {
        let mut out = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
        out.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
        out.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
        out.extend(b"\0\0\0\0GPS 38.5N 106.2E");
        out
    }

    fn holds(bytes: &[u8], what: &[u8]) -> bool {
        bytes.windows(what.len()).any(|w| w == what)
    }

    #[test]
    fn place_and_texts_go_the_turn_stays() {
        let xmp = b"http://ns.adobe.com/xap/1.0/\0<GPS/>";
        let all = [(0xE0, b"JFIF\0".as_slice()), (0xE1, &exif(6)), (0xE1, xmp), (0xFE, b"taken at home")];
        let kept = tidy(picture(640, 480, &all)).unwrap();
        assert_eq!((kept.mime, kept.width, kept.height), ("image/jpeg", 640, 480));
        assert!(holds(&kept.bytes, b"JFIF"));
        for gone in [b"GPS".as_slice(), b"taken at home", b"xap"] {
            assert!(!holds(&kept.bytes, gone), "{gone:?}");
        }
        let again = Jpeg::from_bytes(Bytes::from(kept.bytes.clone())).unwrap();
        assert_eq!(again.segments().iter().find_map(|s| orientation(s.contents())), Some(6));
        assert_eq!(tidy(kept.bytes.clone()).unwrap().bytes, kept.bytes, "a kept one is kept as it is");
    }

    #[test]
    fn what_hangs_on_behind_a_picture_goes_too() {
        // Phones append films and further pictures, with their own place, after the end of the first.
        let mut film = picture(640, 480, &[]);
        film.extend(b"\0\0\0\x18ftypmp42 GPS 38.5N");
        film.extend(picture(64, 48, &[(0xE1, &exif(1))]));
        let mut late = picture(640, 480, &[]);
        let end = late.split_off(late.len() - 2);
        late.extend([0xFF, 0xE1, 0, 6]);
        late.extend(b"GPS!");
        late.extend(end);
        for bytes in [film, late] {
            let kept = tidy(bytes).unwrap();
            assert!(!holds(&kept.bytes, b"GPS") && !holds(&kept.bytes, b"ftyp"), "{:?}", kept.bytes);
            assert_eq!((kept.width, kept.height), (640, 480));
        }
    }

    #[test]
    fn a_png_ends_at_its_end() {
        let chunk = |kind: &[u8; 4], data: &[u8]| {
            let mut out = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
            out.extend(kind);
            out.extend(data);
            let crc = out[4..].iter().fold(!0_u32, |crc, b| {
                (0..8).fold(crc ^ u32::from(*b), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 })
            });
            out.extend((!crc).to_be_bytes());
            out
        };
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.extend(chunk(b"IHDR", &[0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0]));
        bytes.extend(chunk(b"tEXt", b"place\0GPS"));
        bytes.extend(chunk(b"IDAT", &[1, 2, 3]));
        bytes.extend(chunk(b"IEND", b""));
        let without = bytes.len();
        bytes.extend(b"GPS 38.5N");
        let kept = tidy(bytes.clone()).unwrap();
        assert!(!holds(&kept.bytes, b"GPS"));
        assert_eq!((kept.mime, kept.width, kept.height), ("image/png", 3, 2));
        assert_eq!(tidy(bytes[..without - 6].to_vec()), Err(BadPhoto::NotAPicture));
    }

    #[test]
    fn what_is_no_photo_is_refused() {
        assert_eq!(tidy(vec![0; MOST_BYTES + 1]), Err(BadPhoto::TooLarge));
        for bytes in
            [b"".as_slice(), b"<svg width='1' height='1'/>", b"%PDF-1.4", b"GIF89a\x01\0\x01\0\0\0\0;", b"\xFF\xD8\xFF"]
        {
            assert_eq!(tidy(bytes.to_vec()), Err(BadPhoto::NotAPicture), "{bytes:?}");
        }
        // A small file that claims 16,000 by 16,000 pixels.
        assert_eq!(tidy(picture(16_000, 16_000, &[])), Err(BadPhoto::TooManyPixels));
        assert_eq!(tidy(picture(60_000, 10, &[])), Err(BadPhoto::TooManyPixels));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), head in 0usize..3) {
            if head > 0 {
                let start: &[u8] = if head == 1 { &[0xFF, 0xD8, 0xFF, 0xE1] } else { b"\x89PNG\r\n\x1a\n" };
                bytes.splice(0..0, start.iter().copied());
            }
            let _ = tidy(bytes.clone());
            let _ = orientation(&bytes);
        }
    }
}
