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

/// Answers after which the address itself is at fault (RFC 5321 §4.2.3): no such mailbox, not a local user,
/// name not allowed. Other permanent answers may be our configuration and are tried again.
const HOPELESS: [&str; 3] = ["550", "551", "553"];

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
    if let Some(code) = error.status().map(|code| code.to_string()) {
        let text = format!("smtp {code}");
        let is_hopeless = HOPELESS.contains(&code.as_str());
        return if is_hopeless { DeliveryProblem::Never(text) } else { DeliveryProblem::Later(text) };
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
