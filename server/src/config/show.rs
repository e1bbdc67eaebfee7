//! `config print`: the effective configuration, where each value came from, and no secret.

use std::fmt;

use super::Config;

/// Prints every key as a line of TOML with its origin behind it.
pub struct Effective<'a>(pub &'a Config);

impl fmt::Display for Effective<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut area = "";
        for shown in self.0.shown() {
            let (of, key) = shown.key.rsplit_once('.').unwrap_or(("", &shown.key));
            if of != area {
                write!(f, "\n[{of}]\n")?;
                area = of;
            }
            let origin = shown.origin.name();
            if shown.value.is_empty() {
                writeln!(f, "# {key} is not set")?;
            } else {
                writeln!(f, "{key} = {:?} # {origin}", shown.value)?;
            }
        }
        Ok(())
    }
}
