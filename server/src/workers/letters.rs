//! Where letters go: the folder of development, or a mail server.

use std::sync::Arc;

use domain::platform::{
    Platform,
    letters::{
        Sender, Sink, Unwritable, deliver,
        folder::Folder,
        smtp::{self, Smtp, SmtpSettings, UnusableHost},
    },
};
use tokio_util::sync::CancellationToken;

use crate::config::{Mail, SmtpTls};

/// Why no letter could leave.
#[derive(Debug, thiserror::Error)]
pub enum UnusableMail {
    /// The sender.
    #[error("mail.from cannot be used: {0}")]
    Sender(#[from] Unwritable),
    /// The server.
    #[error("mail.smtp_host cannot be used: {0}")]
    Host(#[from] UnusableHost),
    /// Neither folder nor server.
    #[error("neither mail.folder nor mail.smtp_host is set")]
    Nowhere,
}

pub(super) async fn run(platform: Platform, sink: Arc<dyn Sink>, stop: CancellationToken) {
    deliver::run(platform, sink, stop).await;
}

/// The way out that the operator chose.
///
/// # Errors
/// [`UnusableMail`].
pub fn sink(mail: &Mail) -> Result<Arc<dyn Sink>, UnusableMail> {
    let from = Sender::parse(&mail.from)?;
    if let Some(folder) = &mail.folder {
        return Ok(Arc::new(Folder::new(folder.clone(), from)));
    }
    let host = mail.smtp_host.clone().ok_or(UnusableMail::Nowhere)?;
    let tls = match mail.smtp_tls {
        SmtpTls::Implicit => smtp::SmtpTls::Implicit,
        SmtpTls::Starttls => smtp::SmtpTls::StartTls,
        SmtpTls::None => smtp::SmtpTls::Off,
    };
    let credentials = mail.smtp_user.clone().zip(mail.smtp_password.clone());
    Ok(Arc::new(Smtp::new(SmtpSettings { host, port: mail.smtp_port, tls, credentials, from })?))
}
