//! Organizations as a browser without wasm and a script meet them: pages, plain forms, letters.

use axum::http::StatusCode;
use domain::{access::BuiltInRole, organizations::service::delete_due};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    access_coverage::join,
    client::Client,
    harness::{App, expect_done},
};

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";
const API: &str = "/api/v1/organizations";

/// Posts a form of a page; answers where it leads, and what stands there.
async fn submit(client: &Client, endpoint: &str, page: &str, fields: &[(&str, &str)]) -> (String, String) {
    let sent = client.submit(&format!("{API}/{endpoint}"), page, fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{endpoint}: {}", sent.text());
    let location = sent.header("location").to_owned();
    let text = client.get(&location).await.text();
    (location, text)
}

async fn created(client: &Client, name: &str, slug: &str) -> String {
    let made = client.post(&format!("{API}/create"), &json!({ "name": name, "slug": slug })).await;
    expect_done(&made);
    made.json()["id"].as_str().expect("an id").to_owned()
}

/// The path of the link in the newest letter of an invitation.
async fn invitation_to(app: &App, email: &str) -> String {
    let letter = app.letter_to(email).await.replace("=\r\n", "").replace("=3D", "=");
    let rest = letter.split_once("/invitations/").expect("a link").1;
    let token: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    format!("/invitations/{token}")
}

async fn list(client: &Client, path: &str) -> Vec<Value> {
    let answer = client.get(&format!("{API}/{path}")).await;
    expect_done(&answer);
    answer.json()["items"].as_array().expect("a list").clone()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn one_is_made_renamed_and_found_under_its_former_address_by_plain_forms(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    let page = ann.get("/orgs").await.text();
    assert!(page.contains("Personal") && page.contains("href=\"/o/ann\""), "{page}");
    let (place, page) = submit(&ann, "create", "/orgs", &[("name", ""), ("slug", "admin")]).await;
    assert_eq!(place, "/orgs");
    assert!(page.contains("Fill this in.") && page.contains("kept for pages of the site"), "{page}");
    assert!(page.contains("value=\"admin\""), "what was typed is kept");
    let (place, page) = submit(&ann, "create", "/orgs", &[("name", "Acme Inc."), ("slug", "")]).await;
    assert_eq!(place, "/o/acme-inc");
    for part in ["Acme Inc.", "href=\"/o/acme-inc/members\"", "href=\"/o/ann\"", "Owner", "href=\"/orgs\""] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let id = list(&ann, "list").await[1]["id"].as_str().expect("an id").to_owned();
    let fields = [
        ("organization_id", id.as_str()),
        ("name", "Acme"),
        ("slug", "acme"),
        ("time_zone", "Europe/Berlin"),
    ];
    let (place, page) = submit(&ann, "update", "/o/acme-inc/settings", &fields).await;
    assert_eq!(place, "/o/acme/settings?saved=1");
    assert!(page.contains("The organization is changed.") && page.contains("value=\"Acme\""), "{page}");
    assert_eq!(ann.get("/o/acme-inc").await.status, StatusCode::OK, "links still lead there");
    let wrong = [("organization_id", id.as_str()), ("slug", "ann")];
    let (_, page) = submit(&ann, "update", "/o/acme/settings", &wrong).await;
    assert!(page.contains("Another one has this name."), "{page}");
    let trail = ann.get("/o/acme/audit").await.text();
    assert!(trail.contains("organizations.changed") && trail.contains("organizations.created"), "{trail}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn strangers_and_visitors_find_no_page_of_it(db: PgPool) {
    let app = App::start(db).await;
    let (ann, bob) = (app.member(ANN).await, app.member(BOB).await);
    created(&ann, "Secret plans", "plans").await;
    for page in ["", "/members", "/audit", "/settings"] {
        for slug in ["plans", "nothing-there"] {
            let path = format!("/o/{slug}{page}");
            let answer = bob.get(&path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(!answer.text().contains("Secret plans"), "{path}");
            let visitor = app.client().get(&path).await;
            assert_eq!(visitor.status, StatusCode::FOUND, "{path}");
            assert!(visitor.header("location").starts_with("/login?next="), "{path}");
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn somebody_is_invited_comes_back_after_opening_an_account_and_is_in(db: PgPool) {
    let app = App::start(db).await;
    let (ann, eve) = (app.member(ANN).await, app.member("eve@example.com").await);
    let id = created(&ann, "Acme", "acme").await;
    let members = "/o/acme/members";
    let fields = [("organization_id", id.as_str()), ("email", BOB), ("role", "DEVELOPER")];
    let (_, page) = submit(&ann, "invite", members, &fields).await;
    assert!(page.contains("The invitation is on its way.") && page.contains(BOB), "{page}");
    let link = invitation_to(&app, BOB).await;
    let visitor = app.client();
    let page = visitor.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains("Come into Acme") && text.contains("Create an account"), "{text}");
    let readable = text.replace("%2F", "/").replace("%2D", "-").replace("%5F", "_");
    assert!(readable.contains(&format!("/login?next={link}")), "{text}");
    let token = link.trim_start_matches("/invitations/");
    let elses = eve.get(&link).await.text();
    assert!(
        elses.contains("This invitation is not yours") && !elses.contains("Accept the invitation"),
        "{elses}"
    );
    let refused = eve.post(&format!("{API}/accept-invitation"), &json!({ "token": token })).await;
    assert_eq!(refused.json()["errors"][0]["problem"], "invited-elsewhere");
    let bob = app.member(BOB).await;
    assert!(bob.get(&link).await.text().contains("Accept the invitation"));
    let (place, page) = submit(&bob, "accept-invitation", &link, &[("token", token)]).await;
    assert_eq!(place, "/o/acme?joined=1");
    assert!(page.contains("You belong to this organization now.") && page.contains("Developer"), "{page}");
    assert!(bob.get(&link).await.text().contains("This invitation works no more"));
    assert!(!bob.get(members).await.text().contains("Change"), "a developer changes nobody");
    assert_eq!(bob.get("/o/acme/audit").await.status, StatusCode::FORBIDDEN);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn roles_are_ticked_members_removed_and_lists_pasted_by_plain_forms(db: PgPool) {
    let app = App::start(db.clone()).await;
    let (ann, bob) = (app.member(ANN).await, app.member(BOB).await);
    let id = created(&ann, "Acme", "acme").await;
    join(&db, &id, BOB, Some(BuiltInRole::Viewer)).await;
    let me = bob.get("/api/v1/identity/me").await.json()["id"].as_str().expect("an id").to_owned();
    let panel = format!("/o/acme/members?member={me}");
    let page = ann.get(&panel).await.text();
    assert!(page.contains("Save roles") && page.contains("Remove from the organization"), "{page}");
    let fields = [
        ("organization_id", id.as_str()),
        ("user_id", me.as_str()),
        ("roles[]", "BILLING"),
        ("roles[]", "DEVELOPER"),
    ];
    let (_, page) = submit(&ann, "set-member-roles", &panel, &fields).await;
    assert!(page.contains("The member has other roles now."), "{page}");
    let found = list(&ann, &format!("members?organization_id={id}&role=BILLING")).await;
    assert_eq!((found.len(), &found[0]["email"]), (1, &json!(BOB)));
    assert!(ann.get("/o/acme/members?role=BILLING").await.text().contains("1 member on this page"));
    assert!(ann.get("/o/acme/members?q=nobody").await.text().contains("Nobody found"));
    let lines = "new@example.com,ADMIN\nno address\nother@example.com";
    let pasted = |mode| {
        [
            ("organization_id", id.as_str()),
            ("action", "invite"),
            ("lines", lines),
            ("role", "VIEWER"),
            ("mode", mode),
        ]
    };
    let (_, page) = submit(&ann, "bulk-members", "/o/acme/members", &pasted("all-or-nothing")).await;
    assert!(page.contains("Nothing was done: 1 line was refused.") && page.contains("no address"), "{page}");
    let (_, page) = submit(&ann, "bulk-members", "/o/acme/members", &pasted("each")).await;
    assert!(page.contains("2 lines are done, 1 was refused."), "{page}");
    assert_eq!(list(&ann, &format!("invitations?organization_id={id}")).await.len(), 2);
    let this = ("organization_id", id.as_str());
    // What came of many lines is too long for what a plain form leaves to the next page: what was refused is still told.
    let long = addresses(200) + "\nnowhere";
    let fields = [this, ("action", "invite"), ("lines", &long), ("role", "VIEWER"), ("mode", "each")];
    let (_, page) = submit(&ann, "bulk-members", "/o/acme/members", &fields).await;
    assert!(page.contains("200 lines are done, 1 was refused.") && page.contains("nowhere"), "{page}");
    let many = addresses(10_000);
    let typed = json!({ "organization_id": id, "action": "invite", "lines": many, "role": "VIEWER" });
    let refused = ann.post(&format!("{API}/bulk-members"), &typed).await;
    assert!(
        [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::PAYLOAD_TOO_LARGE].contains(&refused.status),
        "{}",
        refused.text()
    );
    let fields = [("organization_id", id.as_str()), ("user_id", me.as_str())];
    let (_, page) = submit(&ann, "remove-member", &panel, &fields).await;
    assert!(page.contains("The member is removed."), "{page}");
    assert_eq!(bob.get("/o/acme").await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_page_leads_to_every_invitation_also_beyond_the_first_hundred(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    let id = created(&ann, "Acme", "acme").await;
    let lines: Vec<String> = (0..101).map(|n| format!("p{n}@example.com")).collect();
    let typed =
        json!({ "organization_id": id, "action": "invite", "lines": lines.join("\n"), "role": "VIEWER" });
    expect_done(&ann.post(&format!("{API}/bulk-members"), &typed).await);
    let first = ann.get(&format!("{API}/invitations?organization_id={id}&limit=100")).await.json();
    let cursor = first["next_cursor"].as_str().expect("there is one more").to_owned();
    let page = ann.get("/o/acme/members").await.text();
    assert!(page.contains("Older invitations") && !page.contains("Newest invitations"), "{page}");
    assert!(page.replace("%2D", "-").contains(&format!("waiting={cursor}")), "{page}");
    let last = list(&ann, &format!("invitations?organization_id={id}&cursor={cursor}")).await;
    let email = last[0]["email"].as_str().expect("an address");
    let page = ann.get(&format!("/o/acme/members?waiting={cursor}")).await.text();
    assert!(page.contains(email) && page.contains("Newest invitations"), "{page}");
    assert!(last.len() == 1 && !page.contains("Older invitations"), "{page}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn it_is_given_away_left_deleted_and_kept_by_plain_forms(db: PgPool) {
    let app = App::start(db.clone()).await;
    let (ann, bob) = (app.member(ANN).await, app.member(BOB).await);
    let id = created(&ann, "Acme", "acme").await;
    let settings = "/o/acme/settings";
    let this = ("organization_id", id.as_str());
    let (_, page) = submit(&ann, "leave", settings, &[this]).await;
    assert!(page.contains("This is the last owner who can act."), "{page}");
    join(&db, &id, BOB, Some(BuiltInRole::Viewer)).await;
    let (_, page) = submit(&ann, "transfer", settings, &[this, ("email", BOB)]).await;
    assert!(page.contains("The organization has another owner now."), "{page}");
    // What is delivered at once has no order, and the next letter is told by being the newest.
    app.letter_to(BOB).await;
    assert!(!page.contains("Delete this organization"), "an admin does not see it");
    let (place, page) = submit(&ann, "leave", settings, &[this]).await;
    assert_eq!(place, "/orgs?left=1");
    assert!(page.contains("You have left the organization."), "{page}");
    let (_, page) = submit(&bob, "delete", settings, &[this, ("confirm_slug", "acne")]).await;
    assert!(page.contains("This is not what has to be typed."), "{page}");
    let (_, page) = submit(&bob, "delete", settings, &[this, ("confirm_slug", "acme")]).await;
    assert!(
        page.contains("This organization is about to be deleted.") && page.contains("Keep the organization"),
        "{page}"
    );
    let letter = app.letter_to(BOB).await;
    assert!(letter.contains("An organization will be deleted"), "{letter}");
    let changed = bob.post(&format!("{API}/update"), &json!({ "organization_id": id, "name": "New" })).await;
    assert_eq!(changed.json()["errors"][0]["problem"], "about-to-end");
    let (_, page) = submit(&bob, "keep", settings, &[this]).await;
    assert!(page.contains("The organization stays.") && page.contains("Delete this organization"), "{page}");
    expect_done(
        &bob.post(&format!("{API}/delete"), &json!({ "organization_id": id, "confirm_slug": "acme" })).await,
    );
    app.platform.clock().advance(std::time::Duration::from_hours(14 * 24));
    assert_eq!(delete_due(&app.platform).await, Ok(1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_old_proof_is_asked_for_anew_where_somebody_needs_another(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    let id = created(&ann, "Acme", "acme").await;
    app.platform.clock().advance(domain::access::STEP_UP_MAX_AGE + std::time::Duration::from_secs(1));
    let fields = [("organization_id", id.as_str()), ("confirm_slug", "acme")];
    let (_, page) = submit(&ann, "delete", "/o/acme/settings", &fields).await;
    assert!(page.contains("action=\"/api/v1/identity/step-up\""), "{page}");
    let this = ("organization_id", id.as_str());
    let owner = [this, ("action", "invite"), ("lines", BOB), ("role", "OWNER"), ("mode", "each")];
    let (_, page) = submit(&ann, "bulk-members", "/o/acme/members", &owner).await;
    assert!(page.contains("action=\"/api/v1/identity/step-up\""), "{page}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_looks_after_the_site_finds_every_organization_and_its_owner(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    let ann = app.member(ANN).await;
    created(&ann, "Acme", "acme").await;
    let page = root.get("/admin/organizations?kind=shared").await.text();
    assert!(
        page.contains("1 organization on this page") && page.contains("Acme") && page.contains(ANN),
        "{page}"
    );
    assert!(root.get("/admin/organizations?q=ANN%40").await.text().contains("2 organizations on this page"));
    assert_eq!(root.get("/admin/organizations?kind=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(root.get("/o/acme").await.status, StatusCode::NOT_FOUND, "but belongs to none of them");
    assert_eq!(ann.get("/admin/organizations").await.status, StatusCode::FORBIDDEN);
    assert!(!ann.get("/orgs").await.text().contains("href=\"/admin/organizations\""));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_account_tells_its_organizations_and_its_end_names_one_without_another_owner(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    created(&ann, "Acme", "acme").await;
    let me = ann.get("/api/v1/identity/me").await.json();
    let told: Vec<_> = me["organizations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| (&it["slug"], &it["roles"]))
        .collect();
    assert_eq!(told, [(&json!("ann"), &json!(["OWNER"])), (&json!("acme"), &json!(["OWNER"]))]);
    let refused = ann.post("/api/v1/identity/delete-account", &json!({ "confirm_email": ANN })).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.json()["errors"][0]["problem"], "last-owner-of");
    assert_eq!(refused.json()["errors"][0]["organization"], "acme");
}

fn addresses(count: usize) -> String {
    let all: Vec<_> = (0..count).map(|n| format!("p{n}@example.com")).collect();
    all.join("\n")
}
