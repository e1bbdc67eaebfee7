//! What the process asks of its stores, and how it speaks with them.

use domain::platform::{db, redis::Redis};
use sqlx::PgPool;
use tokio::{io::AsyncReadExt as _, net::TcpListener};

/// Tables of the tests belong to a role for which row-level security holds, as in production.
#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_database_says_who_we_are_there(db: PgPool) {
    let facts = db::facts(&db).await.expect("answers");
    assert!(facts.version >= 150_000, "{facts:?}");
    assert!(!facts.is_superuser && !facts.bypasses_row_security, "{facts:?}");
    assert!(!facts.role.is_empty());
}

#[tokio::test]
async fn redis_says_its_version() {
    let Ok(url) = std::env::var("GATEHOUSE_TEST_REDIS_URL") else { return };
    let redis = Redis::new(Some(url.into())).expect("readable");
    let version = redis.version().await.expect("answers");
    assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{version}");
}

#[tokio::test]
async fn rediss_begins_with_a_handshake() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let redis = Redis::new(Some(format!("rediss://{address}/0").into())).expect("readable");
    let ping = tokio::spawn(async move { redis.ping().await });
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let mut first = [0; 2];
    stream.read_exact(&mut first).await.expect("bytes");
    // A record of type 22, handshake, of TLS 1.x (RFC 8446 §5.1).
    assert_eq!(first, [22, 3]);
    ping.abort();
}
