//! Passwords that were seen in breaches are refused wherever one is chosen, without any network.

use std::path::Path;

use domain::{
    AppError, FieldIssue,
    access::Purpose,
    identity::service::{self, Registration},
    platform::{
        Platform,
        breached::{Breached, UnusableFilter, Variants, keys_of, write},
        testing,
    },
};
use sqlx::PgPool;

use crate::house::{House, PASSWORD};

const SEEN: &str = "a password out of a breach";

/// A filter of this list in a folder of its own.
fn filter(list: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("breached.fuse");
    write(keys_of(list.as_bytes(), 1, Variants::None).expect("reads"), &path).expect("writes");
    (folder, path)
}

fn issue(problem: &AppError) -> Option<&FieldIssue> {
    problem.of_field("password").map(|problem| &problem.issue)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_breached_password_is_refused_wherever_one_is_chosen(db: PgPool) {
    let mut house = House::new(db.clone());
    let (_folder, path) = filter(&format!("{SEEN}\n"));
    let mut parts = testing::parts(db, house.platform.now());
    parts.breached = Breached::with_file(&path).expect("a filter");
    house.platform = Platform::new(parts);
    let typed =
        Registration { email: "bob@example.com".into(), password: SEEN.into(), ..Registration::default() };
    let registered = service::register(&house.nobody().anonymous(Purpose::Register), typed).await;
    assert_eq!(issue(&registered.expect_err("refused")), Some(&FieldIssue::Breached));
    let ann = house.person("ann@example.com").await.signed_in().expect("in");
    let changed = service::change_password(&ann, PASSWORD, SEEN).await.map(drop);
    assert_eq!(issue(&changed.expect_err("refused")), Some(&FieldIssue::Breached));
    let nobody = house.nobody().anonymous(Purpose::Letter);
    service::forgot_password(&nobody, "ann@example.com", None).await.expect("always");
    let token = house.token().await;
    let reset = service::reset_password(&nobody, &token, SEEN).await;
    assert_eq!(issue(&reset.expect_err("refused")), Some(&FieldIssue::Breached));
    service::reset_password(&nobody, &token, "nine quiet typewriters").await.expect("the link still works");
}

#[tokio::test]
async fn the_filter_inside_knows_what_people_make_of_common_passwords() {
    let inside = Breached::bundled();
    for known in ["Password2024", "PASSWORD1234", "dragondragon", "Liverpool123", "Sunshine2025"] {
        assert!(inside.contains(known).await, "{known}");
    }
    for unknown in [PASSWORD, "correct horse battery 7", "vT9$kq!2Lw#8Zr@5mXc^"] {
        assert!(!inside.contains(unknown).await, "{unknown}");
    }
}

#[test]
fn the_filter_inside_is_what_the_command_makes_of_the_list() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let list = std::fs::read(source.join("identity/common_passwords.txt")).expect("the list");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bundled.fuse");
    write(keys_of(&list[..], 1, Variants::Common).expect("reads"), &path).expect("writes");
    let (made, inside) = (std::fs::read(&path), std::fs::read(source.join("platform/breached/bundled.fuse")));
    assert!(
        made.expect("made") == inside.expect("inside"),
        "make it anew; docs/operating.md has the command"
    );
}

#[tokio::test]
async fn a_filter_that_is_not_whole_is_refused_by_name_of_its_fault() {
    let list: Vec<String> = (0..5_000).map(|n| format!("password number {n}")).collect();
    let (_folder, path) = filter(&list.join("\n"));
    let whole = std::fs::read(&path).expect("readable");
    let open = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("writable");
        Breached::with_file(&path).map(drop)
    };
    assert!(open(&whole).is_ok());
    assert!(matches!(open(&whole[..whole.len() - 2]), Err(UnusableFilter::Length { .. })));
    assert!(matches!(open(&[&whole[..], b"xx"].concat()), Err(UnusableFilter::Length { .. })));
    assert!(matches!(open(&whole[..40]), Err(UnusableFilter::Foreign)));
    assert!(matches!(open(b""), Err(UnusableFilter::Foreign)));
    assert!(matches!(open(b"a list of passwords"), Err(UnusableFilter::Foreign)));
    for place in [9, 17, 40, 64, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        assert!(matches!(open(&changed), Err(UnusableFilter::Damaged)), "byte {place}");
    }
    assert!(matches!(Breached::with_file(Path::new("/nowhere")).map(drop), Err(UnusableFilter::Io(_))));
}
