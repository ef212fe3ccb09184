//! What may be kept as a photo of an entry: looked at by content, small enough, without what the camera wrote into it.

use img_parts::Bytes;
use img_parts::jpeg::{Jpeg, JpegSegment};
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
    let broken = |_| BadPhoto::NotAPicture;
    let (mime, size, bytes) = match bytes.as_slice() {
        [0xFF, 0xD8, 0xFF, ..] => {
            let picture = Jpeg::from_bytes(Bytes::from(bytes)).map_err(broken)?;
            let size = picture.dimensions().map(|(w, h)| (u32::from(w), u32::from(h)));
            ("image/jpeg", size, jpeg(picture))
        }
        [0x89, b'P', b'N', b'G', ..] => {
            let picture = Png::from_bytes(Bytes::from(bytes)).map_err(broken)?;
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

fn jpeg(mut picture: Jpeg) -> Vec<u8> {
    let turned = picture.segments().iter().find_map(|s| orientation(s.contents()).filter(|_| s.marker() == 0xE1));
    // Of the application segments only JFIF, the colour profile and Adobe's colour transform say how it looks.
    picture.segments_mut().retain(|s| match s.marker() {
        0xE2 => s.contents().starts_with(b"ICC_PROFILE\0"),
        0xE1 | 0xE3..=0xED | 0xEF | 0xFE => false,
        _ => true,
    });
    if let Some(o) = turned.filter(|o| (2..=8).contains(o)) {
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
        exif.extend([0, o, 0, 0, 0, 0, 0, 0]);
        picture.segments_mut().insert(0, JpegSegment::new_with_contents(0xE1, Bytes::from(exif)));
    }
    picture.encoder().bytes().to_vec()
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
