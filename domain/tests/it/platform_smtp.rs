//! Letters through a mail server: what it receives, and what its answers mean.

#![expect(clippy::expect_used, reason = "a test whose ground gives way cannot go on")]

use std::net::SocketAddr;

use domain::{
    access::Grant,
    platform::{
        letters::{
            Letter, Sender, deliver, outbox,
            smtp::{Smtp, SmtpSettings, SmtpTls},
        },
        testing,
    },
};
use sqlx::PgPool;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinHandle,
};

/// A mail server that takes one connection, answers `RCPT TO` as told, and hands out what it was told.
async fn server(receiver_answer: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let place = listener.local_addr().expect("bound");
    let heard = tokio::spawn(async move {
        let (connection, _) = listener.accept().await.expect("a client");
        let mut stream = BufReader::new(connection);
        stream.write_all(b"220 ready\r\n").await.expect("writes");
        let (mut heard, mut is_body) = (String::new(), false);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return heard;
            }
            heard.push_str(&line);
            let answer = match line.split([' ', ':', '\r']).next().unwrap_or_default() {
                "." => "250 taken",
                _ if is_body => continue,
                "EHLO" => "250-here\r\n250 8BITMIME",
                "RCPT" => receiver_answer,
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 fine",
            };
            is_body = answer == "354 go on";
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.expect("writes");
        }
    });
    (place, heard)
}

/// Sends one letter, and returns what the server heard, the letter's state, and the problem noted.
async fn send(db: PgPool, receiver_answer: &'static str) -> (String, String, Option<String>) {
    let platform = testing::platform(db.clone());
    let mut tx = Grant::system(&platform, "test").begin().await.expect("begins");
    let letter = Letter {
        to: "ada@example.org".into(),
        kind: "verify-email",
        subject: "Confirm your address".into(),
        text: "Grüße\n.\nEnd".into(),
        html: "<p>Grüße</p>".into(),
    };
    let id = outbox::put(&platform, &mut tx, letter).await.expect("puts");
    tx.commit().await.expect("commits");
    let (place, heard) = server(receiver_answer).await;
    let smtp = Smtp::new(SmtpSettings {
        host: place.ip().to_string(),
        port: place.port(),
        tls: SmtpTls::Off,
        credentials: None,
        from: Sender::parse("Gatehouse <gate@example.com>").expect("valid"),
    });
    assert_eq!(deliver::run_once(&platform, &smtp.expect("usable")).await, Ok(1));
    let row = sqlx::query!("SELECT state, last_problem FROM letters WHERE id = $1", id);
    let row = row.fetch_one(&db).await.expect("is there");
    (heard.await.expect("ends"), row.state, row.last_problem)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_letter_arrives_whole_and_under_its_own_name(db: PgPool) {
    let (heard, state, problem) = send(db, "250 known").await;
    assert_eq!((state.as_str(), problem), ("sent", None));
    assert!(heard.contains("MAIL FROM:<gate@example.com> BODY=8BITMIME\r\n"), "{heard}");
    assert!(heard.contains("RCPT TO:<ada@example.org>\r\n"), "{heard}");
    // A line of one dot ends a message, so that of the letter is doubled.
    assert!(heard.contains("\r\nGrüße\r\n..\r\nEnd\r\n"), "{heard}");
    let names = heard.lines().filter(|line| line.starts_with("Message-ID: <"));
    assert!(
        names.clone().count() == 1 && names.clone().all(|line| line.ends_with("@example.com>")),
        "{heard}"
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_unknown_mailbox_is_hopeless_and_its_address_is_not_noted(db: PgPool) {
    let (_, state, problem) = send(db, "550 5.1.1 <ada@example.org> unknown").await;
    assert_eq!((state.as_str(), problem.as_deref()), ("failed", Some("smtp 550")));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_refusal_that_may_be_our_own_fault_is_tried_again(db: PgPool) {
    let (_, state, problem) = send(db, "550 5.7.1 relaying denied").await;
    assert_eq!((state.as_str(), problem.as_deref()), ("waiting", Some("smtp 550")));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_full_mailbox_is_tried_again(db: PgPool) {
    let (_, state, problem) = send(db, "452 4.2.2 <ada@example.org> full").await;
    assert_eq!((state.as_str(), problem.as_deref()), ("waiting", Some("smtp 452")));
}
