//! The time zone of an account: chosen from the list, and told in letters.

use domain::{AppError, FieldIssue, access::Caller, identity::service};
use sqlx::PgPool;

use crate::house::{From, House, PASSWORD};

const ANN: &str = "ann@example.com";

async fn choose(caller: &Caller, zone: &str) -> Result<(), AppError> {
    service::update_profile(&caller.signed_in().expect("in"), None, None, None, Some(zone.into())).await
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_a_zone_of_the_list_can_be_chosen(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let own = ann.signed_in().expect("in");
    assert_eq!(service::me(&own).await.expect("is somebody").time_zone, "UTC");
    for typed in ["", "Berlin", "europe/berlin", "Etc/GMT+5", "Europe/Berlin\0"] {
        let refused = choose(&ann, typed).await.expect_err(typed);
        assert_eq!(
            refused.of_field("time_zone").map(|problem| &problem.issue),
            Some(&FieldIssue::NotAnOption)
        );
    }
    choose(&ann, "Asia/Kolkata").await.expect("is on offer");
    let viewer = service::me(&own).await.expect("is somebody");
    assert_eq!(viewer.time_zone, "Asia/Kolkata");
    assert!(viewer.local_time.told(house.platform.now()).ends_with(" UTC+5:30"));
    assert!(service::time_zones(&own).contains(&"Asia/Kolkata".to_owned()));
    service::update_profile(&own, Some("Ann".into()), None, None, None).await.expect("changes the name");
    assert_eq!(
        service::me(&own).await.expect("is somebody").time_zone,
        "Asia/Kolkata",
        "what is not given stays"
    );
    let trail = house.trail("identity").await;
    assert!(
        trail.contains(&("identity.profile-changed".into(), r#"{"fields":["time_zone"]}"#.into())),
        "{trail:?}"
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn letters_tell_the_time_of_their_reader(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    choose(&ann, "Asia/Kolkata").await.expect("is on offer");
    house.letters().await;
    let elsewhere = From { user_agent: "curl/8.0", ..From::default() };
    house.sign_in_from(elsewhere, ANN, PASSWORD).await.expect("signs in");
    let letters = house.letters().await;
    assert!(letters.len() == 1 && letters[0].contains("UTC+5:30"), "{letters:?}");
    service::delete_account(&ann.stepped_up().expect("fresh"), ANN).await.expect("leaves");
    let letters = house.letters().await;
    assert!(letters.len() == 1 && letters[0].contains("UTC+5:30"), "{letters:?}");
}
