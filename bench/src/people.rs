//! People to measure with, put straight into the database: registering a thousand would measure the hasher.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::platform::hasher::{HasherSettings, PasswordHasher};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, PgPool};

use crate::Outcome;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "a measured pass phrase";

/// The address of person `n`.
pub(crate) fn address(n: usize) -> String {
    format!("measured-{n}@example.com")
}

/// The cookie of session `n`; they are dealt to the people in turn.
pub(crate) fn cookie(n: usize) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("measured session {n}")))
}

/// `count` people with confirmed addresses, each with so many sessions. All share one hash: verifying it costs the same.
pub(crate) async fn seed(database: &PgPool, count: usize, sessions_each: usize) -> Outcome {
    let hash = PasswordHasher::new(HasherSettings::standard(1))
        .hash(SecretString::from(PASSWORD))
        .await
        .map_err(|error| format!("hashing the password: {error}"))?;
    let script = format!(
        "DELETE FROM users WHERE email LIKE 'measured-%';
         INSERT INTO users (id, email, email_verified_at, password_hash, display_name, created_at)
         SELECT gen_random_uuid(), 'measured-' || n || '@example.com', now(), '{hash}', 'Measured ' || n, now()
         FROM generate_series(0, {last}) n;
         INSERT INTO sessions (id, token_hash, user_id, user_agent, address, networks, remembered, created_at, last_seen_at,
                               proved_at, expires_at)
         SELECT gen_random_uuid(), sha256(sha256(('measured session ' || n)::bytea)), u.id, '', '127.0.0.1', '{{127.0.0.0/24}}', true,
                now(), now(), now(), now() + interval '1 day'
         FROM generate_series(0, {last_session}) n
              JOIN users u ON u.email = 'measured-' || n % {count} || '@example.com';
         ANALYZE users; ANALYZE sessions;",
        last = count - 1,
        last_session = count * sessions_each - 1,
    );
    // Every part is ours: a number, and a PHC string, which has no quote.
    sqlx::raw_sql(AssertSqlSafe(script)).execute(database).await?;
    Ok(())
}
