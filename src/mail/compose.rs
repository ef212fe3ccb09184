//! From a letter to the bytes that go over the wire.

use chrono::{DateTime, Utc};
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::template::Letter;

/// Who it is from and to, and how it is known.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    pub from: &'a Mailbox,
    pub address: &'a str,
    pub name: &'a str,
    pub message_id: &'a str,
    pub date: DateTime<Utc>,
    /// Leaves the text as it is instead of encoding it in seven bits: for files that people open.
    pub readable: bool,
}

/// Writes the message. The error says what is wrong with this mail; sending it again would not help.
///
/// # Errors
/// A sentence for the log: a broken address, a text that cannot be a mail.
pub fn compose(head: &Head<'_>, letter: &Letter) -> Result<(Envelope, Vec<u8>), String> {
    let to: Address = head.address.trim().parse().map_err(|e| format!("address {:?}: {e}", head.address))?;
    let name = Some(head.name.to_owned()).filter(|n| !n.is_empty());
    // A line break would end the header.
    let subject = letter.subject.replace(['\r', '\n'], " ");
    let mut builder = Message::builder()
        .message_id(Some(head.message_id.to_owned()))
        .date(head.date.into())
        .from(head.from.clone())
        .to(Mailbox::new(name, to))
        .subject(subject.trim());
    // So that out-of-office programs do not answer (RFC 3834).
    if let Ok(auto) = HeaderName::new_from_ascii("Auto-Submitted".to_owned()) {
        builder = builder.raw_header(HeaderValue::new(auto, "auto-generated".to_owned()));
    }
    let message = match &letter.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(letter.text.clone(), html.clone())),
        None if head.readable => {
            // lettre turns line ends into CRLF itself. What 8 bits cannot carry goes the way of every other mail.
            let part = Body::new_with_encoding(letter.text.clone(), ContentTransferEncoding::EightBit)
                .map(|body| SinglePart::builder().content_type(ContentType::TEXT_PLAIN).body(body))
                .unwrap_or_else(|_| SinglePart::plain(letter.text.clone()));
            builder.singlepart(part)
        }
        None => builder.singlepart(SinglePart::plain(letter.text.clone())),
    };
    let message = message.map_err(|e| e.to_string())?;
    Ok((message.envelope().clone(), message.formatted()))
}

/// A new Message-ID in the sender's domain.
#[must_use]
pub fn new_message_id(from: &Mailbox) -> String {
    format!("<{:032x}@{}>", rand::random::<u128>(), from.email.domain())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head<'a>(from: &'a Mailbox, address: &'a str) -> Head<'a> {
        let date = "2026-03-17T01:00:00Z".parse().unwrap();
        Head { from, address, name: "王小明", message_id: "<1@example.com>", date, readable: false }
    }

    #[test]
    fn a_letter_keeps_its_id_and_date_and_no_line_break_leaves_the_subject() {
        let from: Mailbox = "雁阵 <noreply@example.com>".parse().unwrap();
        let letter = Letter { subject: "a\r\nBcc: x@example.com".into(), text: "您好".into(), html: None };
        let (envelope, bytes) = compose(&head(&from, "w@example.com"), &letter).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(envelope.to().len(), 1);
        assert!(text.contains("Message-ID: <1@example.com>\r\n"), "{text}");
        assert!(text.contains("Date: Tue, 17 Mar 2026 01:00:00 +0000\r\n"), "{text}");
        assert!(!text.contains("\nBcc"), "{text}");
        assert!(text.is_ascii(), "{text}");
    }

    #[test]
    fn a_broken_address_is_named() {
        let from: Mailbox = "noreply@example.com".parse().unwrap();
        let letter = Letter { subject: String::new(), text: String::new(), html: None };
        for bad in ["", "王", "a@", "a b@example.com", "a@example.com\r\nRCPT TO:<b@example.com>"] {
            let e = compose(&head(&from, bad), &letter).unwrap_err();
            assert!(e.contains("address"), "{bad}: {e}");
        }
    }
}
