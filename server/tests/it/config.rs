//! The configuration tells everything at once and never a secret.

use std::path::Path;

use server::config::{Config, ConfigProblems, Effective, Origin};

const KEY: &str = "1:lDNn3JmAVtHMbLkVt6c4Ww2aU9jgXoLrSg1c0rbRk5I=";

fn load(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Config, ConfigProblems> {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("gatehouse.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).expect("a file");
    }
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(file.is_some().then_some(path.as_path()), variables)
}

fn problems(file: Option<&str>, variables: &[(&str, &str)]) -> String {
    load(file, variables).expect_err("has problems").to_string()
}

const PRODUCTION: [(&str, &str); 6] = [
    ("GATEHOUSE_HTTP_PUBLIC_URL", "https://gate.example.com"),
    ("GATEHOUSE_DATABASE_URL", "postgres://u:canary-database@db/gate"),
    ("GATEHOUSE_REDIS_URL", "redis://:canary-redis@redis/0"),
    ("GATEHOUSE_MAIL_SMTP_HOST", "mail.example.com"),
    ("GATEHOUSE_MAIL_FROM", "Gatehouse <gate@example.com>"),
    ("GATEHOUSE_SECURITY_VAULT_KEYS", KEY),
];

#[test]
fn all_problems_are_told_at_once_each_with_key_variable_and_remedy() {
    let text = problems(
        Some(
            "[http]\nlisten = \"here\"\nlisten_port = 1\nconnections = 0\n[sessions]\nidle = 30\n[nonsense]\nx = 1\n",
        ),
        &[("GATEHOUSE_DATABSE_URL", "x"), ("GATEHOUSE_LOG_FORMAT", "xml")],
    );
    for expected in [
        "http.listen (or GATEHOUSE_HTTP_LISTEN): `here` is not an address with a port",
        "http.listen_port: there is no such key. Did you mean http.listen?",
        "http.connections (or GATEHOUSE_HTTP_CONNECTIONS)",
        "sessions.idle (or GATEHOUSE_SESSIONS_IDLE): `30` is not a duration",
        "nonsense.x: there is no such key",
        "GATEHOUSE_DATABSE_URL: there is no such variable. Did you mean GATEHOUSE_DATABASE_URL?",
        "log.format (or GATEHOUSE_LOG_FORMAT): `xml` is not `json` or `text`",
        "database.url (or GATEHOUSE_DATABASE_URL): is not set",
        "redis.url",
        "security.vault_keys",
        "mail.smtp_host",
        "http.public_url",
    ] {
        assert!(text.contains(expected), "{expected}\nin\n{text}");
    }
}

#[test]
fn a_variable_of_somebody_else_is_ignored_and_a_slip_is_not() {
    let with = |name: &'static str| {
        load(
            None,
            &[
                ("GATEHOUSE_PROFILE", "development"),
                ("GATEHOUSE_DATABASE_URL", "postgres://a/b"),
                (name, "x"),
            ],
        )
    };
    for foreign in ["GATEHOUSE_URL", "GATEHOUSE_PORT", "GATEHOUSE_PORT_3000_TCP", "GATEHOUSE_SERVICE_HOST"] {
        assert_eq!(with(foreign).unwrap_or_else(|it| panic!("{it}")).ignored(), [foreign]);
    }
    for (slip, told) in [
        ("GATEHOUSE_HTTP_LISTNE", "Did you mean GATEHOUSE_HTTP_LISTEN? If not, remove it."),
        ("GATEHOUSE_DATABSE_URL", "Did you mean GATEHOUSE_DATABASE_URL?"),
        ("GATEHOUSE_PROFIL", "Did you mean GATEHOUSE_PROFILE?"),
        ("GATEHOUSE_REDIS_URL_FIEL", "Did you mean GATEHOUSE_REDIS_URL_FILE?"),
        ("GATEHOUSE_MAIL_NEWSLETTER_COLOUR", "Remove it; gatehouse.sample.toml lists every key."),
    ] {
        let text = with(slip).expect_err("refused").to_string();
        assert!(text.contains(slip) && text.contains(told), "{text}");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_the_origin_is_told() {
    let file = "profile = \"development\"\n[http]\nlisten = \"127.0.0.1:1111\"\nconnections = 7\n[database]\nurl = \"postgres://a/b\"\n";
    let config = load(Some(file), &[("GATEHOUSE_HTTP_LISTEN", "127.0.0.1:2222")]).expect("valid");
    assert_eq!(config.http.listen.port(), 2222);
    let origin = |key: &str| config.shown().iter().find(|shown| shown.key == key).map(|shown| shown.origin);
    assert_eq!(origin("http.listen"), Some(Origin::Environment));
    assert_eq!(origin("http.connections"), Some(Origin::File));
    assert_eq!(origin("http.header_timeout"), Some(Origin::Default));
}

#[test]
fn a_secret_may_lie_in_a_file_named_by_the_environment() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("url");
    std::fs::write(&path, "postgres://from-a-file/gate\n").expect("a file");
    let path = path.to_str().expect("plain");
    let development = ("GATEHOUSE_PROFILE", "development");
    let config = load(None, &[development, ("GATEHOUSE_DATABASE_URL_FILE", path)]).expect("valid");
    assert_eq!(secrecy::ExposeSecret::expose_secret(&config.database.url), "postgres://from-a-file/gate");
    let both =
        [development, ("GATEHOUSE_DATABASE_URL_FILE", path), ("GATEHOUSE_DATABASE_URL", "postgres://x")];
    assert!(problems(None, &both).contains("are both set"));
}

#[test]
fn no_secret_is_ever_printed() {
    let mut variables = PRODUCTION.to_vec();
    variables.extend([("GATEHOUSE_MAIL_SMTP_USER", "gate"), ("GATEHOUSE_MAIL_SMTP_PASSWORD", "canary-smtp")]);
    let config = load(None, &variables).unwrap_or_else(|problems| panic!("{problems}"));
    let printed = format!("{}\n{config:?}", Effective(&config));
    for canary in ["canary-database", "canary-redis", "canary-smtp", "lDNn3JmAVtHMbLkVt6c4"] {
        assert!(!printed.contains(canary), "{canary} in {printed}");
    }
    assert!(printed.contains("url = \"***\" # environment"), "{printed}");
    let broken = [("GATEHOUSE_DATABASE_URL", "canary-1"), ("GATEHOUSE_SECURITY_VAULT_KEYS", "1:canary-2")];
    let told = problems(Some("[redis]\nurl = \"canary-3\"\n"), &broken);
    assert!(!told.contains("canary"), "{told}");
    let unclosed = problems(Some("[redis]\nurl = \"canary-4\n"), &[]);
    assert!(unclosed.contains("not valid TOML near line 2") && !unclosed.contains("canary"), "{unclosed}");
}

#[test]
fn production_refuses_what_is_careless() {
    assert!(load(None, &PRODUCTION).is_ok());
    for (name, value, told) in [
        ("GATEHOUSE_HTTP_PUBLIC_URL", "http://gate.example.com", "not protected by TLS"),
        ("GATEHOUSE_MAIL_FOLDER", "/tmp/mail", "pile up"),
        ("GATEHOUSE_MAIL_SMTP_TLS", "none", "in the clear"),
        ("GATEHOUSE_SECURITY_RATE_FACTOR", "100", "guessing"),
        ("GATEHOUSE_SECURITY_VAULT_KEYS", "1:KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio=", "repeated byte"),
        ("GATEHOUSE_HTTP_METRICS_LISTEN", "0.0.0.0:3900", "every network"),
    ] {
        let mut variables = PRODUCTION.to_vec();
        variables.retain(|(known, _)| *known != name);
        variables.push((name, value));
        let text = problems(None, &variables);
        assert!(text.contains(told), "{name}: {text}");
    }
    let development_key = format!("{}\n{KEY}", server::config::DEVELOPMENT_MARK);
    let mut variables = PRODUCTION.to_vec();
    variables.pop();
    variables.push(("GATEHOUSE_SECURITY_VAULT_KEYS", &development_key));
    assert!(problems(None, &variables).contains("made by a development server"));
}

#[test]
fn no_session_is_longer_than_a_cookie_or_the_calendar() {
    let database = ("GATEHOUSE_DATABASE_URL", "postgres://a/b");
    let with = |value| {
        load(
            None,
            &[("GATEHOUSE_PROFILE", "development"), database, ("GATEHOUSE_SESSIONS_REMEMBERED", value)],
        )
    };
    assert!(with("400d").is_ok());
    for long in ["401d", "99999999999d"] {
        assert!(with(long).expect_err("too long").to_string().contains("sessions.remembered"), "{long}");
    }
}

#[test]
fn a_remembered_session_may_lie_unused_longer_than_another_one() {
    let development = ("GATEHOUSE_PROFILE", "development");
    let database = ("GATEHOUSE_DATABASE_URL", "postgres://a/b");
    let week = std::time::Duration::from_hours(7 * 24);
    let usual = load(None, &[development, database]).expect("usual");
    assert_eq!(usual.sessions.remembered_idle, week);
    let long =
        [development, database, ("GATEHOUSE_SESSIONS_IDLE", "8d"), ("GATEHOUSE_SESSIONS_ABSOLUTE", "9d")];
    assert!(load(None, &long).expect("grows along").sessions.remembered_idle > week);
    let short = [development, database, ("GATEHOUSE_SESSIONS_REMEMBERED_IDLE", "10m")];
    let refused = load(None, &short).expect_err("shorter than the others").to_string();
    assert!(refused.contains("sessions.remembered_idle"), "{refused}");
}

#[test]
fn the_public_address_has_no_path_and_no_slash_at_the_end() {
    let development = ("GATEHOUSE_PROFILE", "development");
    let database = ("GATEHOUSE_DATABASE_URL", "postgres://a/b");
    let with = |url: &'static str| load(None, &[development, database, ("GATEHOUSE_HTTP_PUBLIC_URL", url)]);
    assert_eq!(with("http://gate.local:3000/").expect("valid").http.public_url, "http://gate.local:3000");
    for wrong in
        ["gate.local", "ftp://gate.local", "http://gate.local/path", "http://u:p@gate.local", "http://"]
    {
        assert!(with(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_sample_names_every_key_and_nothing_else() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gatehouse.sample.toml");
    let sample = std::fs::read_to_string(path).expect("the sample");
    let uncommented: String = sample
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).unwrap_or(line))
        .flat_map(|line| [line, "\n"])
        .collect();
    let told = problems(Some(&uncommented), &[]);
    // With every key set, only the folder for letters is careless, and each key is a known one.
    assert!(told.contains("mail.folder") && !told.contains("no such key"), "{told}");
    let config =
        load(Some(&uncommented.replace("folder = \"mail\"", "")), &[]).unwrap_or_else(|it| panic!("{it}"));
    let unset: Vec<&str> = config
        .shown()
        .iter()
        .filter(|shown| shown.origin == Origin::Default)
        .map(|shown| shown.key.as_str())
        .collect();
    assert_eq!(unset, ["mail.folder"]);
}

const DEVELOPMENT: [(&str, &str); 2] =
    [("GATEHOUSE_PROFILE", "development"), ("GATEHOUSE_DATABASE_URL", "postgres://a/b")];

/// Development with these variables, of which the first part is left out.
fn with_providers(variables: &[(&str, &str)]) -> Result<Config, ConfigProblems> {
    let named =
        variables.iter().map(|(name, value)| (format!("GATEHOUSE_PROVIDERS_{name}"), (*value).to_owned()));
    let fixed = DEVELOPMENT.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(None, fixed.chain(named))
}

#[test]
fn a_provider_is_a_table_of_the_file_or_some_variables() {
    let file = "profile = \"development\"\n[database]\nurl = \"postgres://a/b\"\n[providers.google]\nclient_id = \"a\"\n\
                [providers.company]\nissuer = \"https://id.example.com/x\"\nclient_id = \"b\"\nclient_secret = \"canary-2\"\n\
                hosts = [\"keys.example.com\"]\nscopes = [\"openid\", \"email\"]\n";
    let variables = [
        ("GATEHOUSE_PROVIDERS_GOOGLE_CLIENT_SECRET", "canary-1"),
        ("GATEHOUSE_PROVIDERS_COMPANY_REPLACES_SECOND_FACTOR", "true"),
    ];
    let config = load(Some(file), &variables).unwrap_or_else(|it| panic!("{it}"));
    let [company, google] = config.providers.as_slice() else { panic!("two of them") };
    assert_eq!((google.name.as_str(), google.issuer.as_str()), ("Google", "https://accounts.google.com"));
    assert!(google.hosts.contains(&"oauth2.googleapis.com".to_owned()) && !google.replaces_second_factor);
    assert_eq!((company.name.as_str(), company.scopes.as_str()), ("Company", "openid email"));
    assert_eq!(company.hosts, ["keys.example.com"]);
    assert!(company.replaces_second_factor && company.opens_accounts);
    let printed = format!("{}\n{config:?}", Effective(&config));
    assert!(printed.contains("[providers.google]") && !printed.contains("canary"), "{printed}");
}

#[test]
fn a_provider_that_cannot_be_used_is_told_with_key_and_remedy() {
    let good = [
        ("ACME_ISSUER", "https://id.example.com"),
        ("ACME_CLIENT_ID", "a"),
        ("ACME_CLIENT_SECRET", "canary"),
    ];
    assert!(with_providers(&good).is_ok());
    for (changed, told) in [
        (("ACME_ISSUER", ""), "providers.acme.issuer (or GATEHOUSE_PROVIDERS_ACME_ISSUER): is not set"),
        (("ACME_ISSUER", "id.example.com"), "is not an address"),
        (("ACME_ISSUER", "https://id.example.com?x=1"), "is not an address"),
        (("ACME_ISSUER", "http://id.example.com"), "is not protected by TLS"),
        (("ACME_CLIENT_ID", ""), "providers.acme.client_id"),
        (("ACME_CLIENT_SECRET", ""), "providers.acme.client_secret"),
        (("ACME_KIND", "saml"), "`saml` is not `oidc`, `google`, `gitlab` or `github`"),
        (("ACME_NAME", "<b>Acme</b>"), "is not a name of at most 40 letters"),
        (("ACME_SCOPES", "email"), "lacks `openid`"),
        (("ACME_HOSTS", "https://keys.example.com"), "providers.acme.hosts"),
        (("ACME_ACR", "go\"ld"), "providers.acme.acr"),
        (("GITHUB_ACR", "gold"), "names no strength"),
        (("ACME_OPENS_ACCOUNTS", "maybe"), "`maybe` is not `true` or `false`"),
        (("ACME_CLIENT_SECRTE", "x"), "Did you mean GATEHOUSE_PROVIDERS_ACME_CLIENT_SECRET?"),
        (("ACME_LTD_CLIENT_ID", "x"), "providers.acme_ltd"),
        (("OTHER_ISSUER", "https://id.example.com"), "is that of providers.acme as well"),
    ] {
        let mut variables = good.to_vec();
        variables.retain(|(name, _)| *name != changed.0);
        variables.push(changed);
        let text = with_providers(&variables).expect_err("refused").to_string();
        assert!(text.contains(told) && !text.contains("canary"), "{changed:?}: {text}");
    }
}

#[test]
fn a_provider_without_tls_is_one_of_a_laptop() {
    let of = |issuer: &'static str| {
        [("ACME_ISSUER", issuer), ("ACME_CLIENT_ID", "a"), ("ACME_CLIENT_SECRET", "b")]
    };
    for laptop in ["http://localhost:3902", "http://127.0.0.1:3902", "http://[::1]:3902"] {
        assert!(with_providers(&of(laptop)).is_ok(), "{laptop}");
        let named = of(laptop).map(|(name, value)| (format!("GATEHOUSE_PROVIDERS_{name}"), value));
        let all: Vec<_> =
            PRODUCTION.into_iter().chain(named.iter().map(|(name, value)| (name.as_str(), *value))).collect();
        assert!(problems(None, &all).contains("is not protected by TLS"), "{laptop}");
    }
    assert!(with_providers(&of("http://localhost.evil.example")).is_err());
}

#[test]
fn a_captcha_of_another_site_is_told_whole_protected_and_in_earnest() {
    let good = [
        ("GATEHOUSE_CAPTCHA_TURNSTILE_SITE_KEY", "0x4AAAAAAA-site_key"),
        ("GATEHOUSE_CAPTCHA_TURNSTILE_SECRET", "canary-captcha"),
    ];
    let with = |base: &[(&'static str, &'static str)], changed: Option<(&'static str, &'static str)>| {
        let mut variables = [base, &good].concat();
        variables.retain(|(name, _)| changed.is_none_or(|(changed, _)| *name != changed));
        variables.extend(changed);
        load(None, &variables)
    };
    assert!(load(None, &PRODUCTION).expect("valid").captcha.turnstile.is_none());
    let config = with(&PRODUCTION, None).unwrap_or_else(|it| panic!("{it}"));
    let turnstile = config.captcha.turnstile.as_ref().expect("chosen");
    assert_eq!(turnstile.script_url.origin().ascii_serialization(), "https://challenges.cloudflare.com");
    assert_eq!(turnstile.settings(&config.http.public_url).hostname, "gate.example.com");
    assert!(!format!("{}\n{config:?}", Effective(&config)).contains("canary"));
    for (changed, told) in [
        (
            ("GATEHOUSE_CAPTCHA_TURNSTILE_SITE_KEY", ""),
            "turnstile_site_key (or GATEHOUSE_CAPTCHA_TURNSTILE_SITE_KEY): site key and secret go together",
        ),
        (("GATEHOUSE_CAPTCHA_TURNSTILE_SITE_KEY", "a b"), "captcha.turnstile_site_key"),
        (("GATEHOUSE_CAPTCHA_TURNSTILE_SITE_KEY", "1x00000000000000000000AA"), "is a key for tests"),
        (
            ("GATEHOUSE_CAPTCHA_TURNSTILE_SECRET", ""),
            "turnstile_secret (or GATEHOUSE_CAPTCHA_TURNSTILE_SECRET): site key and secret go together",
        ),
        (("GATEHOUSE_CAPTCHA_TURNSTILE_SECRET", "2x0000000000000000000000000000000AA"), "is a key for tests"),
        (("GATEHOUSE_CAPTCHA_TURNSTILE_SCRIPT_URL", "http://127.0.0.1:1/x"), "is not protected by TLS"),
        (("GATEHOUSE_CAPTCHA_TURNSTILE_SCRIPT_URL", "javascript:alert(1)"), "is not an address"),
        (("GATEHOUSE_CAPTCHA_TURNSTILE_VERIFY_URL", "http://example.com/x"), "is not protected by TLS"),
        (("GATEHOUSE_CAPTCHA_TURNSTILE_VERIFY_URL", "https://u:p@example.com/x"), "is not an address"),
    ] {
        let text = with(&PRODUCTION, Some(changed)).expect_err("refused").to_string();
        assert!(text.contains(told) && !text.contains("canary"), "{changed:?}: {text}");
    }
    for name in ["GATEHOUSE_CAPTCHA_TURNSTILE_SCRIPT_URL", "GATEHOUSE_CAPTCHA_TURNSTILE_VERIFY_URL"] {
        assert!(with(&DEVELOPMENT, Some((name, "http://127.0.0.1:3903/x"))).is_ok(), "{name}");
        assert!(with(&DEVELOPMENT, Some((name, "http://example.com/x"))).is_err(), "{name}");
    }
}

const STRIPE: [(&str, &str); 2] = [
    ("GATEHOUSE_BILLING_STRIPE_API_KEY", "sk_live_canary"),
    ("GATEHOUSE_BILLING_STRIPE_WEBHOOK_SECRETS", "whsec_canaryone, whsec_canarytwo"),
];

#[test]
fn stripe_is_off_until_there_is_a_key_and_its_secrets_are_never_shown() {
    let off = load(None, &PRODUCTION).expect("valid").billing.stripe;
    assert!(off.api_key.is_none() && off.webhook_secrets.is_empty());
    let on = load(None, &[&PRODUCTION[..], &STRIPE].concat()).expect("valid");
    assert_eq!(on.billing.stripe.webhook_secrets.len(), 2);
    let shown = format!("{on:?}{}", Effective(&on));
    assert!(!shown.contains("canary") && shown.contains("api_key = \"***\""), "{shown}");
    let laptop = load(None, &DEVELOPMENT).expect("valid").billing.stripe;
    assert!(laptop.api_key.is_none());
    let secrets: Vec<&str> =
        laptop.webhook_secrets.iter().map(secrecy::ExposeSecret::expose_secret).collect();
    assert_eq!(secrets, ["whsec_development"]);
}

#[test]
fn half_of_stripe_and_what_everybody_knows_are_refused_in_production() {
    let with = |variables: &[(&str, &str)]| problems(None, &[&PRODUCTION[..], variables].concat());
    assert!(with(&STRIPE[..1]).contains("billing.stripe.webhook_secrets"));
    assert!(with(&STRIPE[1..]).contains("billing.stripe.api_key"));
    let known =
        [STRIPE[0], ("GATEHOUSE_BILLING_STRIPE_WEBHOOK_SECRETS", "whsec_canaryone,whsec_development")];
    let told = with(&known);
    assert!(told.contains("has the secret that everybody knows") && !told.contains("canary"), "{told}");
    for (name, value, expected) in [
        ("API_KEY", "pk_live_canary", "is no key of Stripe's"),
        ("API_KEY", "sk_live canary", "is no key of Stripe's"),
        ("WEBHOOK_SECRETS", "canary", "has something that is no secret of Stripe's"),
        ("BASE_URL", "http://api.stripe.com", "is not protected by TLS"),
        ("BASE_URL", "http://127.0.0.1:12111", "is not protected by TLS"),
        ("BASE_URL", "https://api.stripe.com/?x", "is not an address such as"),
    ] {
        let name = format!("GATEHOUSE_BILLING_STRIPE_{name}");
        let told = with(&[&STRIPE[..], &[(name.as_str(), value)]].concat());
        assert!(told.contains(expected) && !told.contains("canary"), "{told}");
    }
    let peer = ("GATEHOUSE_BILLING_STRIPE_BASE_URL", "http://127.0.0.1:12111");
    assert!(load(None, &[&DEVELOPMENT[..], &[peer]].concat()).is_ok());
}
