//! The message a letter becomes (RFC 5322, MIME): the same bytes at every attempt.

use std::time::{Duration, SystemTime};

use lettre::{
    Address,
    address::Envelope,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use super::Parcel;

/// From whom letters come.
#[derive(Clone, Debug)]
pub struct Sender(Mailbox);

/// Why a letter cannot be written. Does not quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// The address of sender or receiver is not one.
    #[error("unreadable address")]
    Address,
    /// A header would contain a line break or another control character: an injected header.
    #[error("control character in a header")]
    ControlCharacter,
    /// The parts do not make a message.
    #[error("incomplete message")]
    Incomplete,
}

/// A message ready to be handed over.
#[derive(Clone, Debug)]
pub struct Message {
    /// From which address to which.
    pub envelope: Envelope,
    /// Headers and bodies, with CRLF line ends.
    pub bytes: Vec<u8>,
}

impl Sender {
    /// Reads `name@example.com` or `Gatehouse <name@example.com>`.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub fn parse(text: &str) -> Result<Self, Unwritable> {
        one_line(text)?;
        text.parse().map(Self).map_err(|_| Unwritable::Address)
    }

    /// The name letters are known by: `<id@domain of the sender>`, the same at every attempt, so that a
    /// receiver can drop the second copy after a crash between its acceptance and our note of it.
    #[must_use]
    pub fn message_id(&self, letter: Uuid) -> String {
        format!("<{letter}@{}>", self.0.email.domain())
    }
}

/// Refuses what cannot be an address.
pub(super) fn read_address(text: &str) -> Result<Address, Unwritable> {
    one_line(text)?;
    text.parse().map_err(|_| Unwritable::Address)
}

/// Refuses what could begin another header.
pub(super) fn one_line(text: &str) -> Result<(), Unwritable> {
    if text.chars().any(char::is_control) { Err(Unwritable::ControlCharacter) } else { Ok(()) }
}

impl Message {
    /// Writes the message of a parcel.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub fn write(parcel: &Parcel, from: &Sender) -> Result<Self, Unwritable> {
        let contents = &parcel.contents;
        one_line(&contents.subject)?;
        one_line(&parcel.kind)?;
        let to = read_address(&contents.to)?;
        let seconds = u64::try_from(parcel.written_at.unix_seconds()).unwrap_or(0);
        let bodies = MultiPart::alternative()
            // Fixed, because a random one would make each attempt another message.
            .boundary(format!("gatehouse-{}", parcel.id.simple()))
            .singlepart(part(ContentType::TEXT_PLAIN, &contents.text))
            .singlepart(part(ContentType::TEXT_HTML, &contents.html));
        let message = lettre::Message::builder()
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .message_id(Some(from.message_id(parcel.id)))
            .from(from.0.clone())
            .to(Mailbox::new(None, to))
            .subject(contents.subject.as_str())
            // Keeps vacation notices from answering (RFC 3834 §5).
            .raw_header(header("Auto-Submitted", "auto-generated")?)
            .raw_header(header("X-Gatehouse-Kind", &parcel.kind)?)
            .multipart(bodies)
            .map_err(|_| Unwritable::Incomplete)?;
        Ok(Self { envelope: message.envelope().clone(), bytes: message.formatted() })
    }
}

fn header(name: &str, value: &str) -> Result<HeaderValue, Unwritable> {
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|_| Unwritable::Incomplete)?;
    Ok(HeaderValue::new(name, value.to_owned()))
}

/// A body as it is wherever mail allows it, so that a link stays in one piece. Left alone, `lettre` would
/// encode every line of more than 76 characters.
fn part(kind: ContentType, text: &str) -> SinglePart {
    // A carriage return of its own is a line end to some receivers and none to others: a way to smuggle.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let body = if fits_unencoded(&text) {
        let encoding = if text.is_ascii() {
            ContentTransferEncoding::SevenBit
        } else {
            ContentTransferEncoding::EightBit
        };
        let lines = text.lines().flat_map(|line| [line, "\r\n"]).collect::<String>();
        Body::dangerous_pre_encoded(lines.into_bytes(), encoding)
    } else {
        Body::new(text)
    };
    SinglePart::builder().header(kind).body(body)
}

/// What RFC 2045 §2.7 and §2.8 ask of a body without encoding: lines of at most 998 bytes, and no NUL.
fn fits_unencoded(text: &str) -> bool {
    text.lines().all(|line| line.len() <= 998 && !line.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timestamp, platform::letters::outbox::Contents};

    const LINK: &str = "http://127.0.0.1:3000/verify-email?token=0123456789012345678901234567890123456789012";

    fn parcel(to: &str, subject: &str, text: &str) -> Parcel {
        Parcel {
            id: Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001),
            written_at: Timestamp::parse("2026-11-21T12:00:00Z").expect("valid"),
            kind: "verify-email".into(),
            contents: Contents {
                to: to.into(),
                subject: subject.into(),
                text: text.into(),
                html: format!("<p><a href=\"{LINK}\">Grüße</a></p>"),
            },
        }
    }

    fn sender() -> Sender {
        Sender::parse("Gatehouse <gate@example.com>").expect("valid")
    }

    fn written(text: &str) -> String {
        let parcel = parcel("ada@example.org", "Confirm your address", text);
        String::from_utf8(Message::write(&parcel, &sender()).expect("writes").bytes).expect("UTF-8")
    }

    #[test]
    fn a_link_stays_in_one_piece() {
        for text in [format!("Open this:\n\n{LINK}\n"), format!("Grüße, öffne das:\n\n{LINK}\n")] {
            let message = written(&text);
            assert!(message.contains(&format!("\r\n{LINK}\r\n")), "{message}");
            assert!(!message.contains("quoted-printable"), "{message}");
        }
    }

    #[test]
    fn every_attempt_is_the_same_message() {
        let message = written("Hello");
        assert_eq!(message, written("Hello"));
        for line in [
            "Message-ID: <01930000-0000-7000-8000-000000000001@example.com>",
            "Date: Sat, 21 Nov 2026 12:00:00 +0000",
            "From: Gatehouse <gate@example.com>",
            "To: ada@example.org",
            "Subject: Confirm your address",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(message.contains(&format!("{line}\r\n")), "{line} in {message}");
        }
        assert!(message.contains("Content-Type: multipart/alternative;"), "{message}");
    }

    #[test]
    fn a_header_cannot_be_injected() {
        let inject = "x\r\nBcc: everybody@example.net";
        for parcel in [
            parcel(inject, "Hello", "Hello"),
            parcel("ada@example.org\nBcc: everybody@example.net", "Hello", "Hello"),
            parcel("ada@example.org", inject, "Hello"),
            parcel("ada@example.org, eve@example.net", "Hello", "Hello"),
            parcel("ada@example.org> RCPT TO:<eve@example.net", "Hello", "Hello"),
        ] {
            assert!(Message::write(&parcel, &sender()).is_err(), "{:?}", parcel.contents.to);
        }
        assert!(Sender::parse("Gate\r\nBcc: x@example.net <gate@example.com>").is_err());
    }

    #[test]
    fn a_line_too_long_for_mail_is_encoded() {
        let message = written(&"long ".repeat(400));
        assert!(message.lines().all(|line| line.len() <= 998));
    }

    #[test]
    fn a_body_cannot_end_its_line_in_the_middle() {
        let message = written("Hello\rBcc: everybody@example.net\n.\n");
        assert!(!message.replace("\r\n", "").contains(['\r', '\n']), "{message:?}");
    }
}
