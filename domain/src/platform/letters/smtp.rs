//! Letters through a mail server.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Delivery, DeliveryProblem, Message, Parcel, Sender, Sink};

/// How long the server may take for one command.
const COMMAND: Duration = Duration::from_secs(20);

/// What servers without enhanced codes say of an address that nobody has; compared in small letters.
const NOBODY: [&str; 6] = [
    "no such user",
    "no such recipient",
    "no such mailbox",
    "user unknown",
    "unknown user",
    "recipient unknown",
];

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte, usually port 465.
    Implicit,
    /// `STARTTLS`, usually port 587; without it nothing is sent.
    StartTls,
    /// None at all: only for a server on the same machine.
    Off,
}

/// What the operator decided about the mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// The server's name, which its certificate must bear.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// Name and password, if the server wants any.
    pub credentials: Option<(String, SecretString)>,
    /// From whom letters come.
    pub from: Sender,
}

/// A mail server that takes letters.
#[derive(Clone, Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Sender,
}

/// The name of the server cannot be one of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the mail server's name cannot be used for TLS")]
pub struct UnusableHost;

impl Smtp {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// [`UnusableHost`].
    pub fn new(settings: SmtpSettings) -> Result<Self, UnusableHost> {
        let parameters = || TlsParameters::new(settings.host.clone()).map_err(|_| UnusableHost);
        let tls = match settings.tls {
            SmtpTls::Implicit => Tls::Wrapper(parameters()?),
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::Off => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.as_str())
            .port(settings.port)
            .tls(tls)
            .timeout(Some(COMMAND));
        if let Some((name, password)) = settings.credentials {
            builder = builder.credentials(Credentials::new(name, password.expose_secret().to_owned()));
        }
        Ok(Self { transport: builder.build(), from: settings.from })
    }
}

impl Sink for Smtp {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> Delivery<'a> {
        Box::pin(async move {
            let message = Message::write(parcel, &self.from)?;
            match self.transport.send_raw(&message.envelope, &message.bytes).await {
                Ok(_) => Ok(()),
                Err(error) => Err(problem(&error)),
            }
        })
    }
}

/// Keeps the code and leaves the words of the server, which quote the address.
fn problem(error: &lettre::transport::smtp::Error) -> DeliveryProblem {
    if let Some(code) = error.status() {
        let words = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        let text = format!("smtp {code}");
        let is_final = error.is_permanent() && is_nobodys(&words);
        return if is_final { DeliveryProblem::Never(text) } else { DeliveryProblem::Later(text) };
    }
    let what = if error.is_timeout() {
        "smtp timeout"
    } else if error.is_tls() {
        "smtp tls"
    } else if error.is_client() {
        "smtp client"
    } else {
        "smtp connection"
    };
    DeliveryProblem::Later(what.to_owned())
}

/// Whether a refusal is about the address itself (RFC 3463 §3.2). Any other permanent one, such as a policy or a relay
/// that does not know us, may be our configuration, and is tried again.
fn is_nobodys(words: &str) -> bool {
    if let Some(status) = words.split_whitespace().find(|word| word.starts_with("5.")) {
        // X.1.7 to X.1.9 are about the sender.
        let detail = status.strip_prefix("5.1.").and_then(|detail| detail.parse::<u16>().ok());
        return detail.is_some_and(|detail| !(7..=9).contains(&detail));
    }
    let words = words.to_lowercase();
    NOBODY.iter().any(|said| words.contains(said))
}

#[cfg(test)]
mod tests {
    use super::is_nobodys;

    #[test]
    fn only_an_address_that_nobody_has_is_final() {
        for words in [
            "5.1.1 <ada@example.org> unknown",
            "5.1.10 null MX",
            "No such user here",
            "<ada@example.org>: Recipient unknown",
        ] {
            assert!(is_nobodys(words), "{words}");
        }
        for words in [
            "5.7.1 relaying denied",
            "5.7.26 unauthenticated mail: no such user policy",
            "5.1.8 sender's domain not found",
            "5.2.2 mailbox full",
            "relay access denied",
            "",
        ] {
            assert!(!is_nobodys(words), "{words}");
        }
    }
}
