//! Slow clients are waited for, but not for ever, and they do not keep others waiting.

use std::time::Duration;

use serde_json::json;
use server::listen::{self, Limits};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::harness::{App, ending, wide};

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
async fn nothing_is_read_where_nothing_takes_it(db: PgPool) {
    let app = App::start(db).await;
    for (path, status) in [
        ("/api/v1/nothing/here", "404"),
        ("/nothing", "404"),
        ("/api/v1/identity/me", "405"),
        ("/livez", "405"),
        ("/login", "405"),
    ] {
        // The body never comes; whoever waited for it would answer 408.
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
        let answer = answer_to(&app, &head).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn strangers_hold_so_many_bytes_and_no_more(db: PgPool) {
    let app = App::start_with(wide(db), &[("GATEHOUSE_HTTP_BODY_MEMORY_MIB", "2")]).await;
    let member = app.member("member@example.com").await;
    let typed = json!({ "email": "a@example.com", "password": "x" });
    let mut half_sent = Vec::new();
    for _ in 0..16 {
        let mut stream = TcpStream::connect(app.address).await.expect("connects");
        let head = "POST /api/v1/identity/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n";
        stream.write_all(format!("{head}{}", "x".repeat(65_500)).as_bytes()).await.expect("sends");
        half_sent.push(stream);
    }
    let full = until(async || {
        let answer = app.client().post("/api/v1/identity/sign-in", &typed).await;
        (answer.problem() == "busy").then_some(answer)
    });
    let full = full.await;
    assert_eq!((full.status.as_u16(), full.header("retry-after")), (503, "2"));
    let of_a_member = member.post("/api/v1/identity/sign-in", &typed).await;
    assert_eq!(of_a_member.problem(), "wrong-credentials");
    drop(half_sent);
    until(async || {
        let answer = app.client().post("/api/v1/identity/sign-in", &typed).await;
        (answer.problem() == "wrong-credentials").then_some(())
    })
    .await;
}

/// Asks again and again until it is so.
async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, asking).await.expect("it becomes so")
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

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_client_that_takes_nothing_is_cut_off(db: PgPool) {
    let site = tempfile::TempDir::new().expect("a folder");
    std::fs::create_dir(site.path().join("pkg")).expect("a folder");
    // More than the buffers of both ends hold together.
    let size = 64 * 1024 * 1024;
    std::fs::write(site.path().join("pkg/large.bin"), vec![b'x'; size]).expect("a file");
    let root = site.path().to_str().expect("plain");
    let keys = [("GATEHOUSE_HTTP_SITE_ROOT", root), ("GATEHOUSE_HTTP_WRITE_TIMEOUT", "1s")];
    let app = App::start_with(wide(db), &keys).await;
    let mut stream = TcpStream::connect(app.address).await.expect("connects");
    let head = b"GET /pkg/large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(head).await.expect("sends");
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut taken = Vec::new();
    // A reset is an end as well.
    let _ = timeout(SOON, stream.read_to_end(&mut taken)).await.expect("the server ends it");
    assert!(taken.starts_with(b"HTTP/1.1 200 "));
    assert!(taken.len() < size, "the answer was broken off");
}

#[tokio::test]
async fn one_address_does_not_take_every_place() {
    let limits = Limits {
        connections: 100,
        per_address: 3,
        exempt: Vec::new(),
        header_timeout: SOON,
        write_timeout: SOON,
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let stop = CancellationToken::new();
    let router = axum::Router::new().route("/", axum::routing::get(async || "here"));
    tokio::spawn(listen::serve(listener, router, limits, ending(&stop)));
    let ask = async || {
        let mut stream = TcpStream::connect(address).await.expect("connects");
        let mut answer = vec![0; 12];
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let is_answered = timeout(SOON, stream.read_exact(&mut answer)).await.expect("ends").is_ok();
        is_answered.then_some(stream)
    };
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(ask().await.expect("a place"));
    }
    assert!(ask().await.is_none(), "the fourth is closed");
    open.pop();
    until(async || ask().await.map(drop)).await;
    stop.cancel();
}
