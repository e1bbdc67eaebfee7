//! Slow clients are waited for, but not for ever, and they do not keep others waiting.

use std::time::Duration;

use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::harness::{App, wide};

/// Long enough on a busy machine; a hanging connection would last for ever.
const SOON: Duration = Duration::from_secs(20);

async fn answer_to(app: &App, sent: &str) -> String {
    let mut stream = TcpStream::connect(app.address).await.expect("connects");
    stream.write_all(sent.as_bytes()).await.expect("sends");
    let mut answer = Vec::new();
    timeout(SOON, stream.read_to_end(&mut answer)).await.expect("the server ends it").expect("reads");
    String::from_utf8_lossy(&answer).into_owned()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_head_that_never_ends_is_cut_off(db: PgPool) {
    let app = App::start_with(wide(db), &[("GATEHOUSE_HTTP_HEADER_TIMEOUT", "1s")]).await;
    for begun in ["", "G", "P", "PRI * HTTP/2.0", "GET /livez HTTP/1.1\r\nHost: x\r\nX-A: "] {
        answer_to(&app, begun).await;
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_body_that_never_comes_is_a_timeout(db: PgPool) {
    let app = App::start_with(wide(db), &[("GATEHOUSE_HTTP_BODY_TIMEOUT", "1s")]).await;
    let head = "POST /api/v1/identity/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Connection: close\r\nContent-Length: 100\r\n\r\n{";
    let answer = answer_to(&app, head).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_head_that_is_too_large_is_refused(db: PgPool) {
    let app = App::start(db).await;
    let many = "X: 1\r\n".repeat(200);
    let answer = answer_to(&app, &format!("GET /livez HTTP/1.1\r\nHost: x\r\n{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn many_idle_connections_do_not_keep_others_waiting(db: PgPool) {
    let app = App::start(db).await;
    let mut idle = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(app.address).await.expect("connects");
        stream.write_all(b"GET /li").await.expect("sends");
        idle.push(stream);
    }
    let answer = timeout(SOON, app.client().get("/livez")).await.expect("answers meanwhile");
    assert_eq!(answer.text(), "alive\n");
}
