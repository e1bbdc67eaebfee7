//! A `User-Agent` header in words that its owner recognizes.

use woothee::parser::Parser;

/// `Firefox on Linux`; `Unknown device` for what no browser sends, and the program's own name for scripts.
pub(crate) fn describe(user_agent: &str) -> String {
    let known = |text: &str| !text.is_empty() && text != "UNKNOWN";
    let Some(agent) = Parser::new().parse(user_agent).filter(|agent| agent.name != "HTTP Library") else {
        return program(user_agent);
    };
    match (known(agent.name), known(agent.os)) {
        (true, true) => format!("{} on {}", agent.name, agent.os),
        (true, false) => agent.name.to_owned(),
        (false, true) => format!("Browser on {}", agent.os),
        (false, false) => "Unknown device".into(),
    }
}

/// The name in front of the version, as every script's library sends it.
fn program(user_agent: &str) -> String {
    match user_agent.split(['/', ' ']).next() {
        Some(name) if !name.is_empty() => name.chars().take(40).collect(),
        _ => "Unknown device".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn a_device_is_named_as_its_owner_would() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(describe(firefox), "Firefox on Linux");
        assert_eq!(describe("curl/8.9.1"), "curl");
        assert_eq!(describe(""), "Unknown device");
    }
}
