//! Webhooks: against a real database and a real receiver on the loopback interface.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::{
    AppError, FieldIssue,
    access::{Caller, Grant, SiteAction},
    audit::{Deed, note},
    platform::{Parts, Platform, clock::Clock, courier::Courier, reach::Reach, testing},
    webhooks::{
        DeliveryDetail, DeliveryState, MadeWebhook, Webhook, WebhookState,
        service::{self, Change, NewWebhook, Query, run_once},
    },
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    house::House,
    receiver::{Manner, Message, Receiver},
};

pub(crate) const ROOT: &str = "root@example.com";
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// A house that may send to its own machine, its administrator, and a receiver.
pub(crate) struct Scene {
    pub(crate) house: House,
    pub(crate) root: Caller,
    pub(crate) receiver: Receiver,
    pub(crate) courier: Courier,
}

impl Scene {
    pub(crate) async fn new(db: PgPool) -> Self {
        let here = Reach::public_and(vec!["127.0.0.0/8".parse().expect("a network")]);
        let mut parts = testing::parts(db, Clock::system().now());
        parts.rules.webhook_reach = here.clone();
        let house = House::on(Platform::new(parts));
        let root = house.staff(ROOT, "{ADMIN,USER}").await;
        let courier = Courier::new(here, Duration::from_millis(400));
        Self { house, root, receiver: Receiver::start().await, courier }
    }

    pub(crate) fn may_change(&self) -> Grant<domain::access::Site> {
        self.root.may(SiteAction::ChangeWebhooks).expect("fresh")
    }

    pub(crate) fn may_send(&self) -> Grant<domain::access::Site> {
        self.root.may(SiteAction::SendWebhooks).expect("may")
    }

    pub(crate) fn may_read(&self) -> Grant<domain::access::Site> {
        self.root.may(SiteAction::ReadWebhooks).expect("may")
    }

    pub(crate) async fn create(&self, url: &str, actions: &str) -> Result<MadeWebhook, AppError> {
        let typed = NewWebhook { url: url.into(), description: None, actions: Some(actions.into()) };
        service::create(&self.may_change(), &typed).await
    }

    /// A webhook to the receiver that gets little, so that a test counts only what it does itself.
    pub(crate) async fn made(&self) -> MadeWebhook {
        let made =
            self.create(&self.receiver.url(), "identity.bootstrap-link-made, audit").await.expect("makes");
        assert_eq!(self.work().await, 0);
        made
    }

    /// Something that is sent.
    pub(crate) async fn happen(&self, count: usize) {
        let mut tx = Grant::system(&self.house.platform, "test").begin().await.expect("begins");
        for _ in 0..count {
            note(&mut tx, Deed::BootstrapLinkMade).await.expect("notes");
        }
        tx.commit().await.expect("commits");
    }

    pub(crate) async fn work(&self) -> usize {
        run_once(&self.house.platform, &self.courier).await.expect("works")
    }

    pub(crate) fn later(&self, by: Duration) {
        self.house.platform.clock().advance(by);
    }

    pub(crate) async fn webhook(&self, id: Uuid) -> Webhook {
        service::webhook(&self.may_read(), &id.to_string()).await.expect("is there")
    }

    pub(crate) async fn deliveries(&self, id: Uuid) -> Vec<DeliveryDetail> {
        let query = Query { webhook_id: id.to_string(), limit: Some(100), ..Query::default() };
        let page = service::deliveries(&self.may_read(), query).await.expect("a page");
        let mut found = Vec::new();
        for delivery in page.items {
            let detail = service::delivery(&self.may_read(), &delivery.id.to_string()).await;
            found.push(detail.expect("is there"));
        }
        found
    }

    pub(crate) async fn change(&self, id: Uuid, change: Change) -> Result<(), AppError> {
        let cookie = self.house.cookie_of(ROOT).await;
        let root = self.house.with_cookie(&cookie).await;
        let grant = root.may(SiteAction::ChangeWebhooks).expect("fresh");
        service::update(&grant, &id.to_string(), &change).await
    }

    pub(crate) async fn switch(&self, id: Uuid, state: &str, missed: &str) {
        let (state, missed) = (Some(state.to_owned()), Some(missed.to_owned()));
        self.change(id, Change { state, missed, ..Change::default() }).await.expect("changes");
    }
}

/// What another implementation of HMAC says of a message: how many of its signatures are by this secret.
pub(crate) fn verified(message: &Message, secret: &str) -> usize {
    let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").expect("the prefix")).expect("base64");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
    let signed = format!("{}.{}.{}", message.id(), message.headers["webhook-timestamp"], message.body);
    let is_ours = |signature: &&str| {
        let tag =
            BASE64_STANDARD.decode(signature.strip_prefix("v1,").expect("the version")).expect("base64");
        ring::hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
    };
    message.headers["webhook-signature"].split(' ').filter(is_ours).count()
}

pub(crate) fn issues(refused: Result<impl Sized, AppError>) -> Vec<(String, FieldIssue)> {
    let Some(AppError::InvalidInput { errors }) = refused.err() else { panic!("invalid input was expected") };
    errors.into_iter().map(|problem| (problem.field, problem.issue)).collect()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_event_arrives_signed_as_the_standard_says_beginning_with_its_own_making(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.create(&scene.receiver.url(), "").await.expect("makes");
    assert!(!format!("{made:?}").contains(&made.secret));
    assert_eq!(scene.work().await, 1);
    let [message] = &scene.receiver.seen()[..] else { panic!("one message") };
    assert_eq!(message.path, "/in?from=gate");
    assert_eq!(message.headers["content-type"], "application/json");
    assert_eq!(message.headers["host"], format!("127.0.0.1:{}", scene.receiver.port));
    let now = scene.house.platform.now().unix_seconds().to_string();
    assert_eq!(message.headers["webhook-timestamp"], now);
    assert_eq!(message.headers["webhook-signature"].split(' ').count(), 1);
    assert_eq!(verified(message, &made.secret), 1);
    let mut changed = message.clone();
    changed.body.push(' ');
    assert_eq!(verified(&changed, &made.secret), 0, "not of a changed body");
    let body = message.json();
    assert_eq!(body["type"], "webhooks.made");
    assert_eq!(body["data"]["target"], format!("webhook:{}", made.id));
    assert_eq!(body["timestamp"], body["data"]["at"]);
    assert!(!message.body.contains(ROOT) && !message.body.contains(&made.secret), "{body}");
    let [delivery] = &scene.deliveries(made.id).await[..] else { panic!("one delivery") };
    assert_eq!(delivery.delivery.id.to_string(), message.id());
    assert_eq!((delivery.delivery.state, &delivery.body), (DeliveryState::Delivered, &message.body));
    let [attempt] = &delivery.attempts[..] else { panic!("one attempt") };
    assert_eq!((attempt.status, attempt.answer.as_str()), (Some(200), "<b>fine</b>"));
    assert_eq!(scene.webhook(made.id).await.last_success_at, Some(scene.house.platform.now()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_chosen_events_are_sent_and_each_place_gets_its_own(db: PgPool) {
    let scene = Scene::new(db).await;
    let other = Receiver::start().await;
    scene.create(&scene.receiver.url(), "identity.bootstrap-link-made").await.expect("makes");
    scene.create(&other.url(), "webhooks").await.expect("makes");
    scene.happen(2).await;
    scene.work().await;
    let actions = |messages: Vec<Message>| messages.iter().map(Message::action).collect::<Vec<_>>();
    assert_eq!(actions(scene.receiver.seen()), ["identity.bootstrap-link-made"; 2]);
    assert_eq!(actions(other.seen()), ["webhooks.made"]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_happened_in_a_pause_is_sent_after_it_or_left_out(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.create(&scene.receiver.url(), "identity.bootstrap-link-made").await.expect("makes");
    for (missed, expected) in [("send", 3), ("skip", 0)] {
        scene.switch(made.id, "paused", "").await;
        scene.happen(3).await;
        assert_eq!(scene.work().await, 0, "it is paused");
        scene.switch(made.id, "active", missed).await;
        assert_eq!(scene.work().await, expected, "{missed}");
        scene.happen(1).await;
        assert_eq!(scene.work().await, 1, "and then everything as before");
    }
    let (state, missed) = (Some("gone".to_owned()), None);
    let odd = scene.change(made.id, Change { state, missed, ..Change::default() }).await;
    assert_eq!(issues(odd), [("state".to_owned(), FieldIssue::NotAnOption)]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn after_a_rotation_both_secrets_sign_for_the_overlap(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    let first = scene.made().await;
    let id = first.id.to_string();
    let rotate = async |overlap: Option<&str>| service::rotate(&scene.may_change(), &id, overlap).await;
    let next = async || {
        scene.happen(1).await;
        scene.work().await;
        scene.receiver.seen().pop().expect("a message")
    };
    let second = rotate(Some("120")).await.expect("rotates");
    let message = next().await;
    assert_eq!(message.headers["webhook-signature"].split(' ').count(), 2);
    assert_eq!((verified(&message, &first.secret), verified(&message, &second.secret)), (1, 1));
    assert!(scene.webhook(first.id).await.previous_until.is_some());
    scene.later(Duration::from_mins(2));
    let message = next().await;
    assert_eq!((verified(&message, &first.secret), verified(&message, &second.secret)), (0, 1));
    assert_eq!(scene.webhook(first.id).await.previous_until, None);
    let third = rotate(Some("0")).await.expect("rotates");
    let message = next().await;
    assert_eq!(message.headers["webhook-signature"].split(' ').count(), 1, "no overlap was asked for");
    assert_eq!(verified(&message, &third.secret), 1);
    let range = FieldIssue::OutOfRange { min: 0, max: 604_800 };
    assert_eq!(issues(rotate(Some("604801")).await), [("overlap_s".to_owned(), range)]);
    let dump = sqlx::query_scalar!(r#"SELECT string_agg(s::text, ' ') AS "rows!" FROM webhook_secrets s"#);
    let dump = dump.fetch_one(&db).await.expect("rows");
    let told = format!("{:?}", scene.house.trail("webhooks").await);
    for secret in [&first.secret, &second.secret, &third.secret] {
        let bytes = BASE64_STANDARD.decode(&secret[6..]).expect("base64");
        let hex = bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        assert!(!dump.contains(&hex) && !dump.contains(&secret[6..]) && !told.contains(&secret[6..]));
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_test_is_sent_once_also_in_a_pause_and_says_nothing_about_health(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    scene.switch(made.id, "paused", "").await;
    scene.receiver.behave([Manner::Status(500)]);
    let sent = service::test(&scene.may_send(), &made.id.to_string()).await.expect("sends");
    assert_eq!(scene.work().await, 1);
    let message = scene.receiver.seen().remove(0);
    assert_eq!((message.id(), message.action().as_str()), (&*sent.delivery_id.to_string(), "webhooks.test"));
    assert_eq!(verified(&message, &made.secret), 1);
    scene.later(DAY);
    assert_eq!(scene.work().await, 0, "once");
    let webhook = scene.webhook(made.id).await;
    assert_eq!((webhook.state, webhook.failing_since), (WebhookState::Paused, None));
    let unknown = service::test(&scene.may_send(), &Uuid::nil().to_string()).await;
    assert_eq!(unknown.err(), Some(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_change_is_judged_noted_and_true_for_the_next_attempt(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    let other = Receiver::start().await;
    let change = Change {
        url: Some(other.url()),
        description: Some(" The archive ".into()),
        actions: Some("identity.bootstrap-link-made".into()),
        ..Change::default()
    };
    scene.change(made.id, change.clone()).await.expect("changes");
    let webhook = scene.webhook(made.id).await;
    assert_eq!((webhook.url, webhook.description.as_str()), (other.url(), "The archive"));
    assert_eq!(webhook.actions, ["identity.bootstrap-link-made"]);
    scene.happen(1).await;
    scene.work().await;
    assert!(other.seen().len() == 1 && scene.receiver.seen().is_empty());
    let before = scene.house.trail("webhooks").await.len();
    scene.change(made.id, change).await.expect("nothing to do");
    assert_eq!(scene.house.trail("webhooks").await.len(), before, "what changes nothing is not noted");
    let bad = Change {
        url: Some("http://siem.example.com/".into()),
        description: Some("x".repeat(201)),
        actions: Some("identiy".into()),
        ..Change::default()
    };
    let expected = [
        ("url".to_owned(), FieldIssue::NotAWebAddress),
        ("description".to_owned(), FieldIssue::TooLong { max: 200 }),
        ("actions".to_owned(), FieldIssue::NotAnOption),
    ];
    assert_eq!(issues(scene.change(made.id, bad).await), expected);
    let inside = scene.create("https://10.0.0.1/", "").await;
    assert_eq!(issues(inside), [("url".to_owned(), FieldIssue::OutOfReach)]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_removed_is_gone_with_everything_that_waits(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    let made = scene.made().await;
    scene.happen(2).await;
    scene.receiver.behave([Manner::Status(500)]);
    scene.work().await;
    scene.receiver.seen();
    service::end(&scene.may_change(), &made.id.to_string()).await.expect("removes");
    scene.later(DAY);
    assert_eq!(scene.work().await, 0);
    assert!(service::webhooks(&scene.may_read()).await.expect("lists").is_empty());
    let query = Query { webhook_id: made.id.to_string(), ..Query::default() };
    assert_eq!(service::deliveries(&scene.may_read(), query).await.err(), Some(AppError::NotFound));
    assert_eq!(service::test(&scene.may_send(), &made.id.to_string()).await.err(), Some(AppError::NotFound));
    assert_eq!(service::sweep(&scene.house.platform).await, Ok(2));
    let left = sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM webhook_deliveries) + (SELECT count(*) FROM webhook_attempts)
                  + (SELECT count(*) FROM webhook_secrets) + (SELECT count(*) FROM webhook_endpoints) AS "n!""#
    );
    assert_eq!(left.fetch_one(&db).await.expect("counts"), 0);
    let again = service::end(&scene.may_read(), &made.id.to_string()).await;
    assert_eq!(again, Err(AppError::NotAllowed), "a grant to read is none to remove");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_lost_the_role_meanwhile_makes_none_and_nobody_makes_more_than_twenty(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    for _ in 0..19 {
        scene.create("https://siem.example.com/", "").await.expect("makes");
    }
    let (one, other) =
        tokio::join!(scene.create("https://a.example.com/", ""), scene.create("https://b.example.com/", ""));
    let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    let [AppError::Conflict { errors }] = &refused[..] else { panic!("one of two is refused: {refused:?}") };
    assert_eq!(errors[0].issue, FieldIssue::TooMany { max: 20 });
    let grant = scene.may_change();
    sqlx::query!("UPDATE users SET roles = '{USER}'").execute(&db).await.expect("demotes");
    let typed = NewWebhook { url: "https://siem.example.com/".into(), ..NewWebhook::default() };
    assert_eq!(service::create(&grant, &typed).await.err(), Some(AppError::NotAllowed));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn deliveries_are_paged_by_state_and_forgotten_after_a_month(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    let page = async |state: &str, cursor: Option<String>| {
        let query =
            Query { webhook_id: made.id.to_string(), state: Some(state.to_owned()), limit: Some(10), cursor };
        service::deliveries(&scene.may_read(), query).await
    };
    assert!(page("", None).await.expect("a page").items.is_empty());
    scene.happen(24).await;
    scene.work().await;
    scene.receiver.behave([Manner::Status(500)]);
    scene.happen(1).await;
    scene.work().await;
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let next = page("delivered", cursor).await.expect("a page");
        seen.extend(next.items.into_iter().map(|delivery| delivery.seq));
        cursor = next.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 24);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "the newest first, each once: {seen:?}");
    assert_eq!(page("waiting", None).await.expect("a page").items.len(), 1);
    assert_eq!(issues(page("lost", None).await), [("state".to_owned(), FieldIssue::NotAnOption)]);
    assert_eq!(issues(page("", Some("x".into())).await), [("cursor".to_owned(), FieldIssue::Unreadable)]);
    let nobody = Query { webhook_id: Uuid::nil().to_string(), ..Query::default() };
    assert_eq!(service::deliveries(&scene.may_read(), nobody).await.err(), Some(AppError::NotFound));
    scene.later(29 * DAY);
    assert_eq!(service::sweep(&scene.house.platform).await, Ok(0));
    scene.later(2 * DAY);
    assert_eq!(service::sweep(&scene.house.platform).await, Ok(24), "what waits stays");
    scene.switch(made.id, "paused", "").await;
    assert_eq!(service::sweep(&scene.house.platform).await, Ok(1), "but not at one that is paused");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn entries_that_the_retention_removed_do_not_stop_the_cursor(db: PgPool) {
    let mut parts: Parts = testing::parts(db.clone(), Clock::system().now());
    parts.rules.audit_retention = Some(30 * DAY);
    parts.rules.webhook_reach = Reach::public_and(vec!["127.0.0.0/8".parse().expect("a network")]);
    let mut scene = Scene::new(db).await;
    let made = scene.made().await;
    scene.switch(made.id, "paused", "").await;
    scene.happen(3).await;
    scene.house.platform = Platform::new(parts);
    scene.later(31 * DAY);
    domain::audit::service::retain(&scene.house.platform).await.expect("removes");
    let cookie = scene.house.cookie_of(ROOT).await;
    scene.root = scene.house.with_cookie(&cookie).await;
    scene.switch(made.id, "active", "send").await;
    assert_eq!(scene.work().await, 1, "what is left: the removal itself");
    assert_eq!(scene.work().await, 0, "and the end was reached");
}
