//! Area `log`: what is written down, and in which shape.

use std::{fmt, str::FromStr};

use super::reader::Reader;

/// The shape of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for collectors.
    Json,
    /// For people.
    Text,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Text => "text",
        })
    }
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err(()),
        }
    }
}

/// Area `log`.
#[derive(Clone, Debug)]
pub struct Log {
    /// The shape of a line.
    pub format: LogFormat,
    /// What is written, in the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
}

impl Log {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let format = if reader.profile.is_production() { LogFormat::Json } else { LogFormat::Text };
        // The query log of sqlx prints bound values of slow statements; those may be personal.
        let filter = "info,sqlx=warn,sqlx::query=off".to_owned();
        Self {
            format: reader.value(
                "log.format",
                format,
                "`json` or `text`",
                super::parse::from_text::<LogFormat>,
            ),
            filter: reader.value("log.filter", filter, "a filter such as info,sqlx=warn", |text| {
                tracing_subscriber::EnvFilter::try_new(text).is_ok().then(|| text.to_owned())
            }),
        }
    }
}
