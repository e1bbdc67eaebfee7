//! Attempts to send: retries, refusals, faults, and workers that are killed; against a real receiver.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::SiteAction,
    platform::{courier::Courier, reach::Reach},
    webhooks::{
        DeliveryState, WebhookState,
        service::{self, Change, run_once},
    },
};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    receiver::{Manner, Receiver},
    webhooks::{DAY, ROOT, Scene, issues, verified},
};

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_many_workers_each_event_is_sent_by_one_and_none_is_lost(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    // More than one batch of the cursor.
    scene.happen(620).await;
    let (one, two, three) = tokio::join!(scene.work(), scene.work(), scene.work());
    assert_eq!(one + two + three, 620);
    let seen = scene.receiver.seen();
    let mut ids: Vec<_> = seen.iter().map(|message| message.id().to_owned()).collect();
    let mut numbers: Vec<_> = seen.iter().map(|message| message.json()["data"]["seq"].as_i64()).collect();
    ids.sort_unstable();
    ids.dedup();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((ids.len(), numbers.len()), (620, 620));
    let webhook = scene.webhook(made.id).await;
    assert_eq!((webhook.waiting, webhook.failed), (0, 0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn killed_between_sending_and_noting_it_is_sent_again_under_the_same_id(db: PgPool) {
    let mut scene = Scene::new(db).await;
    let made = scene.made().await;
    scene.happen(1).await;
    scene.receiver.behave([Manner::Never, Manner::Status(204)]);
    let here = scene.house.platform.rules().webhook_reach.clone();
    scene.courier = Courier::new(here, Duration::from_mins(1));
    let (platform, courier) = (scene.house.platform.clone(), scene.courier.clone());
    let worker = tokio::spawn(async move { run_once(&platform, &courier).await });
    let first = scene.receiver.saw(1).await.remove(0);
    worker.abort();
    let _ = worker.await;
    assert_eq!(scene.work().await, 0, "the lease holds");
    scene.later(Duration::from_secs(61));
    assert_eq!(scene.work().await, 1);
    let second = scene.receiver.seen().remove(0);
    assert_eq!((first.id(), &first.body), (second.id(), &second.body));
    assert_ne!(first.headers["webhook-timestamp"], second.headers["webhook-timestamp"], "of this attempt");
    assert_eq!(verified(&second, &made.secret), 1);
    let delivery = scene.deliveries(made.id).await.remove(0);
    assert_eq!((delivery.delivery.state, delivery.delivery.attempts), (DeliveryState::Delivered, 2));
    assert_eq!(delivery.attempts.len(), 1, "what was never noted is not made up");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn it_is_tried_ten_times_by_the_schedule_then_given_up_and_replayed_under_its_id(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    scene.happen(1).await;
    scene.receiver.behave([Manner::Status(500)]);
    assert_eq!(scene.work().await, 1, "at once");
    for wait in [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600] {
        scene.later(Duration::from_secs(wait - 1));
        assert_eq!(scene.work().await, 0, "not before {wait} s");
        scene.later(Duration::from_secs(1 + wait.div_ceil(10)));
        assert_eq!(scene.work().await, 1, "after {wait} s");
    }
    scene.later(DAY);
    assert_eq!(scene.work().await, 0, "no eleventh time");
    let seen = scene.receiver.seen();
    assert_eq!(seen.len(), 10);
    assert!(seen.iter().all(|message| message.id() == seen[0].id()));
    let given_up = scene.deliveries(made.id).await.remove(0);
    assert_eq!((given_up.delivery.state, given_up.delivery.attempts), (DeliveryState::Failed, 10));
    assert_eq!(given_up.attempts.len(), 10);
    assert_eq!(scene.webhook(made.id).await.failed, 1);

    scene.receiver.behave([Manner::Status(200)]);
    let cookie = scene.house.cookie_of(ROOT).await;
    let may = scene.house.with_cookie(&cookie).await.may(SiteAction::SendWebhooks).expect("may");
    let replayed = service::replay(&may, Some(seen[0].id()), None, None).await.expect("replays");
    assert_eq!(replayed.count, 1);
    let again = service::replay(&may, Some(seen[0].id()), None, None).await.expect_err("on its way");
    assert_eq!(again.of_field("id").map(|problem| problem.issue.clone()), Some(FieldIssue::OnItsWay));
    assert_eq!(scene.work().await, 1);
    assert_eq!(scene.receiver.seen()[0].id(), seen[0].id());
    let trail = scene.house.trail("webhooks").await;
    assert!(trail.contains(&("webhooks.replayed".to_owned(), r#"{"count":1}"#.to_owned())), "{trail:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn all_that_was_given_up_since_a_moment_is_replayed_at_once(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    let made = scene.made().await;
    scene.happen(3).await;
    scene.receiver.behave([Manner::Status(500)]);
    scene.work().await;
    sqlx::query!("UPDATE webhook_deliveries SET state = 'failed', ended_at = next_attempt_at")
        .execute(&db)
        .await
        .expect("gives up");
    scene.receiver.behave([Manner::Status(200)]);
    scene.receiver.seen();
    let id = made.id.to_string();
    let replay = async |since: &str| {
        service::replay(&scene.may_send(), None, Some(&id), Some(since)).await.map(|replayed| replayed.count)
    };
    assert_eq!(replay("2099-01-01").await, Ok(0));
    assert_eq!(issues(replay("lately").await), [("since".to_owned(), FieldIssue::Unreadable)]);
    assert_eq!(issues(replay("").await), [("since".to_owned(), FieldIssue::Required)]);
    assert_eq!(replay("2026-01-01T00:00").await, Ok(3));
    assert_eq!(scene.work().await, 3);
    let nothing = service::replay(&scene.may_send(), None, None, None).await;
    assert_eq!(issues(nothing), [("id".to_owned(), FieldIssue::Required)]);
    let unknown = service::replay(&scene.may_send(), Some(&Uuid::nil().to_string()), None, None).await;
    assert_eq!(unknown.err(), Some(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn after_some_refusals_an_arrival_makes_everything_well_again(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    scene.happen(1).await;
    scene.receiver.behave([Manner::Status(500), Manner::Status(502), Manner::Status(200)]);
    scene.work().await;
    assert!(scene.webhook(made.id).await.failing_since.is_some());
    scene.later(Duration::from_secs(6));
    scene.work().await;
    scene.later(Duration::from_mins(6));
    scene.work().await;
    let webhook = scene.webhook(made.id).await;
    assert_eq!((webhook.failing_since, webhook.waiting, webhook.failed), (None, 0, 0));
    let statuses: Vec<_> =
        scene.deliveries(made.id).await.remove(0).attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(200), Some(502), Some(500)], "the newest first");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_way_to_fail_is_noted_and_none_is_an_arrival(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    let elsewhere = Receiver::start().await;
    for (manner, result) in [
        (Manner::Never, "too slow"),
        (Manner::Reset, "cannot be reached"),
        (Manner::Garbage, "cannot be reached"),
        (Manner::With(302, "location", elsewhere.url()), "302"),
        (Manner::With(307, "location", elsewhere.url()), "307"),
        (Manner::Status(404), "404"),
    ] {
        scene.happen(1).await;
        scene.receiver.behave([manner.clone()]);
        scene.work().await;
        let newest = scene.deliveries(made.id).await.remove(0);
        assert_eq!(newest.delivery.last_result.as_deref(), Some(result), "{manner:?}");
        assert_eq!(newest.delivery.state, DeliveryState::Waiting, "{manner:?}");
    }
    assert!(elsewhere.seen().is_empty(), "no redirect is followed");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_answer_counts_by_its_status_however_long_its_body_is(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    for (manner, kept) in [(Manner::Endless, "a".repeat(1024)), (Manner::Stuck, "abc".to_owned())] {
        scene.happen(1).await;
        scene.receiver.behave([manner.clone()]);
        scene.work().await;
        let newest = scene.deliveries(made.id).await.remove(0);
        assert_eq!(newest.delivery.state, DeliveryState::Delivered, "{manner:?}");
        assert_eq!(newest.attempts[0].answer, kept, "{manner:?}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_does_not_speak_tls_or_is_not_within_reach_gets_nothing(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    let plain =
        scene.create(&format!("https://127.0.0.1:{}/", scene.receiver.port), "").await.expect("makes");
    scene.work().await;
    let result = scene.deliveries(plain.id).await.remove(0).delivery.last_result;
    assert_eq!(result.as_deref(), Some("its certificate cannot be trusted"));
    // A name is judged by what it leads to when it is connected to.
    let named =
        scene.create(&format!("https://localhost:{}/", scene.receiver.port), "").await.expect("makes");
    let nowhere = Courier::new(Reach::default(), Duration::from_secs(1));
    run_once(&scene.house.platform, &nowhere).await.expect("works");
    let result = scene.deliveries(named.id).await.remove(0).delivery.last_result;
    assert_eq!(result.as_deref(), Some("at an address that is not to be reached"));
    assert!(scene.receiver.seen().is_empty());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_is_gone_is_paused_and_the_administrators_are_told(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    scene.house.letters().await;
    scene.happen(2).await;
    scene.receiver.behave([Manner::Status(410)]);
    assert_eq!(scene.work().await, 1, "after the first nothing is sent any more");
    let webhook = scene.webhook(made.id).await;
    assert_eq!((webhook.state, webhook.waiting, webhook.failed), (WebhookState::Gone, 1, 1));
    let letters = scene.house.letters().await;
    assert_eq!(letters.len(), 1);
    let link = format!("/admin/webhooks/{}", made.id);
    for part in ["To: root@example.com", "Subject: A webhook was paused", "(410)", link.as_str()] {
        assert!(letters[0].contains(part), "{part} in {}", letters[0]);
    }
    let paused = ("webhooks.paused".to_owned(), r#"{"state":"gone"}"#.to_owned());
    assert!(scene.house.trail("webhooks").await.contains(&paused));
    scene.receiver.behave([Manner::Status(200)]);
    scene.later(DAY);
    assert_eq!(scene.work().await, 0);
    scene.switch(made.id, "active", "send").await;
    assert_eq!(scene.work().await, 1, "what waited");
    assert_eq!(scene.webhook(made.id).await.waiting, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_asks_for_patience_gets_it_for_everything(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    scene.happen(3).await;
    scene.receiver.behave([Manner::With(429, "retry-after", "600".into()), Manner::Status(200)]);
    assert_eq!(scene.work().await, 1, "the others wait as well");
    scene.later(Duration::from_secs(599));
    assert_eq!(scene.work().await, 0);
    scene.later(Duration::from_secs(1));
    assert_eq!(scene.work().await, 3);
    assert_eq!(scene.webhook(made.id).await.waiting, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn five_days_without_an_arrival_pause_it_and_a_single_slip_later_does_not(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    scene.house.letters().await;
    scene.receiver.behave([Manner::Status(500)]);
    scene.happen(1).await;
    scene.work().await;
    // A failure long ago, nothing since, and one more: that is no row.
    scene.later(6 * DAY);
    scene.happen(1).await;
    scene.work().await;
    assert_eq!(scene.webhook(made.id).await.state, WebhookState::Active);
    for _ in 0..5 {
        scene.later(DAY.saturating_sub(Duration::from_secs(1)));
        scene.happen(1).await;
        scene.work().await;
    }
    assert_eq!(scene.webhook(made.id).await.state, WebhookState::Active, "not quite five days");
    assert!(scene.house.letters().await.is_empty());
    scene.later(Duration::from_mins(1));
    scene.happen(1).await;
    scene.work().await;
    assert_eq!(scene.webhook(made.id).await.state, WebhookState::Failing);
    let letters = scene.house.letters().await;
    assert!(letters.len() == 1 && letters[0].contains("for five days nothing"), "{letters:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn another_address_is_not_judged_by_the_answers_of_the_one_before(db: PgPool) {
    let scene = Scene::new(db).await;
    let made = scene.made().await;
    scene.happen(1).await;
    scene.receiver.behave([Manner::With(429, "retry-after", "86400".into()), Manner::Status(200)]);
    scene.work().await;
    assert!(scene.webhook(made.id).await.failing_since.is_some());
    let url = Some(format!("{}/elsewhere", scene.receiver.url().trim_end_matches('/')));
    scene.change(made.id, Change { url, ..Change::default() }).await.expect("changes");
    assert_eq!(scene.webhook(made.id).await.failing_since, None);
    scene.happen(1).await;
    assert_eq!(scene.work().await, 1, "the new one has asked for no patience");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn one_that_never_answers_holds_up_nobody_else(db: PgPool) {
    let scene = Scene::new(db).await;
    let good = Receiver::start().await;
    scene.create(&scene.receiver.url(), "identity").await.expect("makes");
    scene.create(&good.url(), "identity").await.expect("makes");
    scene.receiver.behave([Manner::Never]);
    scene.happen(40).await;
    let stop = CancellationToken::new();
    // Much more patient than the test.
    let courier = Courier::new(scene.house.platform.rules().webhook_reach.clone(), Duration::from_secs(50));
    let worker = tokio::spawn(service::run(scene.house.platform.clone(), courier, stop.clone()));
    assert_eq!(good.saw(40).await.len(), 40);
    assert_eq!(scene.receiver.saw(4).await.len(), 4, "its own lanes, and no more");
    worker.abort();
}
