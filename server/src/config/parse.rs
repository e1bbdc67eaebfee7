//! How values are written: durations with a unit, yes and no, lists with commas.

use std::{net::IpAddr, str::FromStr, time::Duration};

use url::{Host, Url};

/// `30s`, `10m`, `24h`, `30d`. A bare number is refused: it hides its unit.
#[must_use]
pub(super) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().ok()?;
    let seconds = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

/// The shortest way to write a duration that [`duration`] reads back.
#[must_use]
pub(super) fn show_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => "0s".into(),
        s if s.is_multiple_of(24 * 60 * 60) => format!("{}d", s / (24 * 60 * 60)),
        s if s.is_multiple_of(60 * 60) => format!("{}h", s / (60 * 60)),
        s if s.is_multiple_of(60) => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

/// `true` or `false`, nothing cleverer.
#[must_use]
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Whatever reads itself from text.
#[must_use]
pub(super) fn from_text<T: FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

/// Items between commas; `None` if one of them cannot be read.
pub(super) fn list<T>(text: &str, item: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(item).collect()
}

/// Whether an address leads nowhere but to the machine itself.
pub(super) fn is_on_this_machine(address: &str) -> bool {
    match Url::parse(address).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_its_unit_and_reads_back() {
        for text in ["45s", "30m", "24h", "30d"] {
            assert_eq!(
                duration(text).map(show_duration).as_deref(),
                Some(text.replace("24h", "1d").as_str())
            );
        }
        for text in ["", "30", "m", "1.5h", "-3s", "99999999999999999999d", "3 fortnights"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
