//! Area `providers`: one table for each provider by which people sign in, such as `[providers.google]`.
//!
//! The name of a table stands in addresses and in variables: `GATEHOUSE_PROVIDERS_GOOGLE_CLIENT_ID`.

use domain::platform::providers::{ProviderKind, ProviderSettings};
use secrecy::SecretString;
use url::{Host, Url};

use super::{parse::is_on_this_machine, reader::Reader};

/// What can be said of a provider.
const FIELDS: [&str; 10] = [
    "kind",
    "name",
    "issuer",
    "client_id",
    "client_secret",
    "scopes",
    "hosts",
    "acr",
    "opens_accounts",
    "replaces_second_factor",
];
/// The most characters of a table's name, and of a name for people.
const LONGEST: usize = 40;

/// All of them, by the alphabet.
pub(super) fn read(reader: &mut Reader) -> Vec<ProviderSettings> {
    let mut providers: Vec<ProviderSettings> = Vec::new();
    for id in reader.tables("providers", &FIELDS) {
        let provider = Table { id: &id, reader }.read();
        let twin =
            providers.iter().find(|other| !provider.issuer.is_empty() && other.issuer == provider.issuer);
        if let Some(twin) = twin {
            let wrong = format!("is that of providers.{} as well", twin.id);
            reader.wrong(&format!("providers.{id}.issuer"), wrong, "Keep one of the two tables");
        }
        providers.push(provider);
    }
    providers
}

struct Table<'a> {
    id: &'a str,
    reader: &'a mut Reader,
}

impl Table<'_> {
    fn read(&mut self) -> ProviderSettings {
        if !is_id(self.id) {
            let remedy = "Use small letters and digits, beginning with a letter: the name stands in addresses and in variables";
            self.reader.wrong(&format!("providers.{}", self.id), "is no name for a provider", remedy);
        }
        let kind = self.kind();
        let issuer = self.issuer(kind);
        let client_id = self.required("client_id", "The provider tells it when you register Gatehouse there");
        let client_secret = self.secret();
        let standard = ProviderSettings::standard(self.id, kind, &issuer, &client_id, client_secret);
        let scopes = self.list("scopes", "scopes such as openid, email", is_scope).join(" ");
        if kind != ProviderKind::Github && !scopes.is_empty() && !scopes.split(' ').any(|it| it == "openid") {
            self.wrong("scopes", "lacks `openid`, without which nobody says who it is", "Add it");
        }
        let hosts = self.list("hosts", "names of hosts such as keys.example.com", is_host);
        let acr = self.list("acr", "names of strengths such as urn:example:mfa", is_scope);
        if kind == ProviderKind::Github && !acr.is_empty() {
            self.wrong("acr", "means nothing to GitHub, which names no strength", "Remove it");
        }
        ProviderSettings {
            acr,
            name: self.name(standard.name),
            scopes: if scopes.is_empty() { standard.scopes } else { scopes },
            hosts: standard.hosts.into_iter().chain(hosts).collect(),
            opens_accounts: self.reader.flag(&self.key("opens_accounts"), true),
            replaces_second_factor: self.reader.flag(&self.key("replaces_second_factor"), false),
            ..standard
        }
    }

    fn kind(&mut self) -> ProviderKind {
        let named = |text: &str| ProviderKind::ALL.into_iter().find(|kind| kind.to_string() == text.trim());
        let usual = named(self.id).unwrap_or(ProviderKind::Oidc);
        self.reader.value(&self.key("kind"), usual, "`oidc`, `google`, `gitlab` or `github`", named)
    }

    /// Who it is. Plain HTTP is for a provider on this machine, and only in development.
    fn issuer(&mut self, kind: ProviderKind) -> String {
        let expected = "an address such as https://id.example.com, without `?` and `#`";
        let key = self.key("issuer");
        let found = match kind.issuer() {
            Some(usual) => Some(self.reader.value(&key, usual.to_owned(), expected, issuer)),
            None => self.reader.optional(&key, expected, issuer),
        };
        let Some(issuer) = found else {
            self.missing("issuer", "Write the address that its configuration gives as `issuer`");
            return String::new();
        };
        let is_laptop = !self.reader.profile.is_production() && is_on_this_machine(&issuer);
        if !issuer.starts_with("https://") && !is_laptop {
            let wrong = format!(
                "`{issuer}` is not protected by TLS, so that anybody on the way could sign in as anybody"
            );
            let remedy =
                "Use its https address; http is for a provider on this machine, and only in development";
            self.wrong("issuer", &wrong, remedy);
        }
        issuer
    }

    fn name(&mut self, usual: String) -> String {
        let expected = "a name of at most 40 letters, digits, spaces, dots and hyphens";
        self.reader.value(&self.key("name"), usual, expected, |text| {
            let harmless = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_');
            let text = text.trim();
            let fits = !text.is_empty() && text.chars().count() <= LONGEST && text.chars().all(harmless);
            fits.then(|| text.to_owned())
        })
    }

    fn required(&mut self, field: &str, remedy: &str) -> String {
        let text = self.reader.optional(&self.key(field), "text", |text| {
            Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
        });
        if text.is_none() {
            self.missing(field, remedy);
        }
        text.unwrap_or_default()
    }

    fn secret(&mut self) -> SecretString {
        let secret = self.reader.secret(&self.key("client_secret"));
        if secret.is_none() {
            self.missing("client_secret", "The provider tells it when you register Gatehouse there");
        }
        secret.unwrap_or_default()
    }

    fn list(&mut self, field: &str, expected: &str, item: fn(&str) -> bool) -> Vec<String> {
        let texts = self.reader.list(&self.key(field), expected, |text| Some(text.to_owned()));
        if !texts.iter().all(|text| item(text)) {
            self.wrong(
                field,
                &format!("has something that is not among {expected}"),
                "Correct it, or remove it",
            );
        }
        texts
    }

    /// A problem that is already told, such as an unreadable file, is the better explanation.
    fn missing(&mut self, field: &str, remedy: &str) {
        let key = self.key(field);
        if !self.reader.problems.iter().any(|problem| problem.key == key) {
            self.reader.wrong(&key, "is not set", remedy);
        }
    }

    fn wrong(&mut self, field: &str, wrong: &str, remedy: &str) {
        self.reader.wrong(&self.key(field), wrong, remedy);
    }

    fn key(&self, field: &str) -> String {
        format!("providers.{}.{field}", self.id)
    }
}

fn is_id(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    plain && text.len() <= LONGEST && text.starts_with(|first: char| first.is_ascii_lowercase())
}

/// RFC 6749 §3.3, without what our own lists are separated by.
fn is_scope(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b','))
}

fn is_host(text: &str) -> bool {
    matches!(Host::parse(text), Ok(host) if host.to_string() == text)
}

/// The issuer exactly as it was written: it is compared letter by letter.
fn issuer(text: &str) -> Option<String> {
    let text = text.trim();
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    plain.then(|| text.to_owned())
}
