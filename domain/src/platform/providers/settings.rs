//! What the operator says of a provider.

use std::fmt;

use secrecy::SecretString;

/// How a provider is spoken with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// By OpenID Connect.
    Oidc,
    /// By OpenID Connect, with what is known of Google.
    Google,
    /// By OpenID Connect, with what is known of GitLab.
    Gitlab,
    /// By OAuth 2.0 and GitHub's own interface.
    Github,
}

impl ProviderKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Oidc, Self::Google, Self::Gitlab, Self::Github];

    /// Whose service it is, where it is a public one.
    #[must_use]
    pub fn issuer(self) -> Option<&'static str> {
        match self {
            Self::Oidc => None,
            Self::Google => Some("https://accounts.google.com"),
            Self::Gitlab => Some("https://gitlab.com"),
            Self::Github => Some("https://github.com"),
        }
    }

    /// Hosts besides the issuer's that its documents may name.
    #[must_use]
    pub fn hosts(self) -> &'static [&'static str] {
        match self {
            Self::Google => &["oauth2.googleapis.com", "openidconnect.googleapis.com", "www.googleapis.com"],
            Self::Oidc | Self::Gitlab | Self::Github => &[],
        }
    }

    /// Whether it says when somebody signed in there, if it is asked: only then its word can be a fresh proof.
    #[must_use]
    pub fn tells_when(self) -> bool {
        match self {
            Self::Oidc | Self::Gitlab => true,
            Self::Google | Self::Github => false,
        }
    }

    /// What is asked for.
    #[must_use]
    pub fn scopes(self) -> &'static str {
        match self {
            Self::Oidc | Self::Google | Self::Gitlab => "openid email profile",
            Self::Github => "read:user user:email",
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Oidc => "oidc",
            Self::Google => "google",
            Self::Gitlab => "gitlab",
            Self::Github => "github",
        })
    }
}

/// One provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its name in addresses, such as `google`.
    pub id: String,
    /// Its name for people, such as `Google`: letters, digits, spaces and `.-_`, because it stands in letters.
    pub name: String,
    /// How it is spoken with.
    pub kind: ProviderKind,
    /// Who it is, without a slash at the end unless its own document has one. People are known by issuer and subject, so
    /// that another id or name changes nothing for them.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// How we prove that.
    pub client_secret: SecretString,
    /// What is asked for, separated by spaces.
    pub scopes: String,
    /// Hosts besides the issuer's that its documents may name.
    pub hosts: Vec<String>,
    /// How strong a sign-in there has to be: it names one of these (`acr`, Core 1.0 §2). Any is good where there is none.
    pub acr: Vec<String>,
    /// Whether it opens accounts for people who have none.
    pub opens_accounts: bool,
    /// Whether its word also stands for the second factor.
    pub replaces_second_factor: bool,
}

impl ProviderSettings {
    /// Settings of this kind with everything else as it is by default.
    #[must_use]
    pub fn standard(
        id: &str,
        kind: ProviderKind,
        issuer: &str,
        client_id: &str,
        client_secret: SecretString,
    ) -> Self {
        Self {
            id: id.to_owned(),
            name: Self::name_of(id, kind),
            kind,
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret,
            scopes: kind.scopes().to_owned(),
            hosts: kind.hosts().iter().map(|host| (*host).to_owned()).collect(),
            acr: Vec::new(),
            opens_accounts: true,
            replaces_second_factor: false,
        }
    }

    /// What a provider is called where nobody said otherwise.
    #[must_use]
    pub fn name_of(id: &str, kind: ProviderKind) -> String {
        match (id, kind) {
            ("google", ProviderKind::Google) => "Google".to_owned(),
            ("gitlab", ProviderKind::Gitlab) => "GitLab".to_owned(),
            ("github", ProviderKind::Github) => "GitHub".to_owned(),
            _ => {
                let mut letters = id.chars();
                letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
            }
        }
    }
}
