//! The address of an endpoint, judged when it is typed. What its name leads to is judged again at each connection.

use url::{Host, Url};

use crate::{FieldIssue, platform::reach::Reach};

/// The most characters.
const MOST: u32 = 2000;

/// Reads an `https` address; `http` only where the host is this machine, and that is within reach.
///
/// # Errors
/// [`FieldIssue`]: nothing, too long, not such an address, or one that is out of reach whoever is asked for its name.
pub(super) fn read(typed: &str, reach: &Reach) -> Result<Url, FieldIssue> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(FieldIssue::Required);
    }
    let url = Url::parse(typed).map_err(|_| FieldIssue::NotAWebAddress)?;
    // As it is written down: percent signs can make it longer than it was.
    if url.as_str().chars().count() > MOST as usize {
        return Err(FieldIssue::TooLong { max: MOST });
    }
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !is_bare || !(url.scheme() == "https" || is_plain_and_here(&url, reach)) {
        return Err(FieldIssue::NotAWebAddress);
    }
    let address = match url.host() {
        None => return Err(FieldIssue::NotAWebAddress),
        Some(Host::Domain(_)) => return Ok(url),
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
    };
    if reach.allows(address) { Ok(url) } else { Err(FieldIssue::OutOfReach) }
}

fn is_plain_and_here(url: &Url, reach: &Reach) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_here && reach.allows_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Reach {
        Reach::public_and(vec!["127.0.0.0/8".parse().expect("a network")])
    }

    #[test]
    fn an_https_address_is_taken_as_it_is() {
        for good in ["https://siem.example.com/in?x=1", "https://1.1.1.1:8443/", "https://[2606:4700::1111]/"]
        {
            assert_eq!(read(good, &Reach::default()).map(String::from), Ok(good.to_owned()));
        }
    }

    #[test]
    fn what_is_no_bare_https_address_is_refused() {
        for bad in [
            "siem.example.com",
            "http://siem.example.com/",
            "ftp://siem.example.com/",
            "https://",
            "https://name:password@siem.example.com/",
            "https://siem.example.com/#part",
            "javascript:alert(1)",
            "http://127.0.0.1/",
        ] {
            assert_eq!(read(bad, &Reach::default()), Err(FieldIssue::NotAWebAddress), "{bad}");
        }
        assert_eq!(read(" ", &Reach::default()), Err(FieldIssue::Required));
        let long = format!("https://siem.example.com/{}", "ä".repeat(400));
        assert_eq!(read(&long, &Reach::default()), Err(FieldIssue::TooLong { max: 2000 }));
    }

    #[test]
    fn a_number_inside_is_refused_however_it_is_written() {
        for inside in ["127.0.0.1", "2130706433", "0x7f.1", "10.0.0.1", "[::1]", "[::ffff:10.0.0.1]", "0"] {
            let url = format!("https://{inside}/");
            assert_eq!(read(&url, &Reach::default()), Err(FieldIssue::OutOfReach), "{inside}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_where_that_is_allowed() {
        for good in ["http://127.0.0.1:9000/", "http://localhost:9000/", "http://2130706433/"] {
            assert!(read(good, &here()).is_ok(), "{good}");
        }
        for bad in ["http://siem.example.com/", "http://10.0.0.1/"] {
            assert_eq!(read(bad, &here()), Err(FieldIssue::NotAWebAddress), "{bad}");
        }
    }
}
