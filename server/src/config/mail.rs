//! Area `mail`: how letters leave the house.

use std::{fmt, path::PathBuf, str::FromStr};

use domain::platform::letters::Sender;
use secrecy::SecretString;

use super::{parse::from_text, reader::Reader};

/// How the way to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte, usually port 465.
    Implicit,
    /// `STARTTLS`, required, usually port 587.
    Starttls,
    /// None; only for a relay on this machine.
    None,
}

impl fmt::Display for SmtpTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Implicit => "implicit",
            Self::Starttls => "starttls",
            Self::None => "none",
        })
    }
}

impl FromStr for SmtpTls {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "implicit" => Ok(Self::Implicit),
            "starttls" => Ok(Self::Starttls),
            "none" => Ok(Self::None),
            _ => Err(()),
        }
    }
}

/// Area `mail`.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Development: letters become files here instead of being sent.
    pub folder: Option<PathBuf>,
    /// The sender, `Name <address>` or a bare address.
    pub from: String,
    /// The mail server.
    pub smtp_host: Option<String>,
    /// Its port.
    pub smtp_port: u16,
    /// The account there.
    pub smtp_user: Option<String>,
    /// The password of that account.
    pub smtp_password: Option<SecretString>,
    /// How the way there is protected.
    pub smtp_tls: SmtpTls,
}

impl Mail {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let text = |text: &str| Some(text.to_owned());
        let development = !reader.profile.is_production();
        let smtp_host = reader.optional("mail.smtp_host", "a host name", text);
        let folder = reader.optional("mail.folder", "a folder", text).map(PathBuf::from);
        let mail = Self {
            folder: folder.or_else(|| (development && smtp_host.is_none()).then(|| PathBuf::from("mail"))),
            from: reader.value(
                "mail.from",
                "Gatehouse <gatehouse@localhost>".to_owned(),
                "an address",
                sender,
            ),
            smtp_host,
            smtp_port: reader.value("mail.smtp_port", 465, "a port", from_text),
            smtp_user: reader.optional("mail.smtp_user", "a name", text),
            smtp_password: reader.secret("mail.smtp_password"),
            smtp_tls: reader.value(
                "mail.smtp_tls",
                SmtpTls::Implicit,
                "`implicit`, `starttls` or `none`",
                from_text::<SmtpTls>,
            ),
        };
        if mail.smtp_user.is_some() != mail.smtp_password.is_some() {
            reader.wrong("mail.smtp_password", "user and password go together", "Set both, or neither");
        }
        mail
    }
}

fn sender(text: &str) -> Option<String> {
    Sender::parse(text.trim()).is_ok().then(|| text.trim().to_owned())
}
