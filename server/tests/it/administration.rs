//! Pages of administration as a browser without wasm has them: forms with ticks, a page for each person and entry.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    client::Client,
    harness::{App, PASSWORD},
};

async fn id_of(root: &Client, email: &str) -> String {
    let found = root.get(&format!("/api/v1/admin/users?q={email}")).await.json();
    found["items"][0]["id"].as_str().expect("an account").to_owned()
}

async fn roles_of(root: &Client, id: &str) -> Value {
    root.get(&format!("/api/v1/admin/user?user_id={id}")).await.json()["user"]["roles"].clone()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn ticks_of_a_plain_form_and_a_list_of_a_script_mean_the_same(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    app.member("ann@example.com").await;
    let id = id_of(&root, "ann@").await;
    let page = format!("/admin/users/{id}");
    let ticked = [
        ("user_id", id.as_str()),
        ("roles[]", "SUPPORT"),
        ("roles[]", "BILLING_ADMIN"),
        ("reason", "Joins us"),
    ];
    let answer = root.submit("/api/v1/admin/set-roles", &page, &ticked).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, page.as_str()));
    assert!(root.get(&page).await.text().contains("The roles are set."));
    assert_eq!(roles_of(&root, &id).await, json!(["SUPPORT", "BILLING_ADMIN", "USER"]));
    let typed = json!({ "user_id": id, "roles": ["SUPPORT"], "reason": "One is enough" });
    assert_eq!(root.post("/api/v1/admin/set-roles", &typed).await.status, StatusCode::OK);
    assert_eq!(roles_of(&root, &id).await, json!(["SUPPORT", "USER"]));
    let none = [("user_id", id.as_str()), ("reason", "Leaves us")];
    root.submit("/api/v1/admin/set-roles", &page, &none).await;
    assert_eq!(roles_of(&root, &id).await, json!(["USER"]));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn several_are_locked_by_a_plain_form_and_the_page_says_what_came_of_each(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    app.member("ann@example.com").await;
    app.member("bob@example.com").await;
    let (ann, bob) = (id_of(&root, "ann@").await, id_of(&root, "bob@").await);
    let own = id_of(&root, "root@").await;
    let ticked = [ann.as_str(), &bob, &own].map(|id| ("user_ids[]", id));
    let fields: Vec<(&str, &str)> = ticked.into_iter().chain([("reason", "The project has ended")]).collect();
    root.submit("/api/v1/admin/lock-users", "/admin/users", &fields).await;
    let page = root.get("/admin/users").await.text();
    assert!(page.contains("Locked: 2 of 3."), "{page}");
    assert!(page.contains("ann@example.com: locked, and every session has ended."), "{page}");
    assert!(page.contains("root@example.com: not locked: this is you."), "{page}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_person_and_an_entry_have_addresses_of_their_own(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    let id = id_of(&root, "root@").await;
    let person = root.get(&format!("/admin/users/{id}")).await;
    assert_eq!(person.status, StatusCode::OK);
    assert!(person.text().contains("Account of root@example.com"));
    assert!(person.text().contains("identity.signed-in"), "the last entries are there");
    let nobody = root.get(&format!("/admin/users/{}", uuid::Uuid::nil())).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    let entry = root.get("/admin/audit-logs?entry=1").await;
    let whole = root.get("/api/v1/audit/entry?seq=1").await.json();
    assert_eq!(entry.status, StatusCode::OK);
    for part in ["hash", "request_id", "at"] {
        assert!(entry.text().contains(whole[part].as_str().expect("text")), "{part}");
    }
    let helper = app.member("help@example.com").await;
    sqlx::raw_sql("UPDATE users SET roles = '{SUPPORT,USER}' WHERE email = 'help@example.com'")
        .execute(&db)
        .await
        .expect("a role");
    let seen = helper.get(&format!("/admin/users/{id}")).await.text();
    assert!(seen.contains("Account of root@example.com"));
    for hidden in ["identity.signed-in", "Lock the account", "Save the roles"] {
        assert!(!seen.contains(hidden), "{hidden}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn registration_is_closed_and_opened_by_a_plain_form(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    let typed = [("registration", "closed"), ("allowed_domains", ""), ("reason", "Moving house")];
    root.submit("/api/v1/admin/update-settings", "/admin/settings", &typed).await;
    let page = root.get("/admin/settings").await.text();
    assert!(page.contains("The settings are saved."), "{page}");
    let new = json!({ "email": "new@example.com", "password": "correct horse battery 7" });
    let answer = app.client().post("/api/v1/identity/register", &new).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (409, "conflict"));
    let door = async || app.client().get("/register").await.text();
    assert!(door().await.contains("No new accounts") && !door().await.contains("Create account"));
    let state = app.client().get("/api/v1/identity/registration").await.json();
    assert_eq!(state, json!({ "registration": "closed" }), "and no word of the domains");
    let open = json!({ "registration": "open", "allowed_domains": "example.com", "reason": "We are there" });
    assert_eq!(root.post("/api/v1/admin/update-settings", &open).await.status, StatusCode::OK);
    assert!(door().await.contains("Create account"));
    assert_eq!(app.client().post("/api/v1/identity/register", &new).await.status, StatusCode::OK);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn somebody_is_invited_and_let_in_by_plain_forms(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    let settings = json!({ "registration": "invited", "allowed_domains": "", "reason": "Only whom we know" });
    assert_eq!(root.post("/api/v1/admin/update-settings", &settings).await.status, StatusCode::OK);
    let page = async || root.get("/admin/settings").await.text();
    assert!(page().await.contains("Nobody waits"));
    let bare = app.client().get("/register").await.text();
    assert!(bare.contains("By invitation") && !bare.contains("Create account"), "{bare}");
    for email in ["new@example.com", "other@example.com"] {
        root.submit("/api/v1/admin/invite-user", "/admin/settings", &[("email", email)]).await;
        let said = page().await;
        assert!(said.contains("The invitation is on its way.") && said.contains(email), "{said}");
    }
    let letter = app.letter_to("new@example.com").await.replace("=\r\n", "").replace("=3D", "=");
    let rest = letter.split("/register?invitation=").nth(1).expect("a link");
    let token: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    let visitor = app.client();
    let path = format!("/register?invitation={token}");
    for _ in 0..2 {
        let form = visitor.get(&path).await.text();
        assert!(
            form.contains("Create account") && form.contains(&token),
            "opening it consumes nothing: {form}"
        );
    }
    let typed = |email: &'static str| {
        [("email", email), ("password", "correct horse battery 7"), ("invitation", token.as_str())]
    };
    let refused = visitor.submit("/api/v1/identity/register", &path, &typed("other@example.com")).await;
    assert_eq!(refused.header("location"), path, "the way back keeps the link");
    let refused = visitor.get(&path).await.text();
    assert!(refused.contains("Your invitation was sent to another address."), "{refused}");
    // The clock stands still: letters of one millisecond would have no order.
    app.platform.clock().advance(std::time::Duration::from_millis(1));
    let done = visitor.submit("/api/v1/identity/register", &path, &typed("new@example.com")).await;
    assert!(visitor.get(done.header("location")).await.text().contains("Check your mail"));
    app.token_for("new@example.com").await;

    let listed = root.get("/api/v1/admin/invitations").await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    let id = listed["items"][0]["id"].as_str().expect("an id");
    root.submit("/api/v1/admin/revoke-invitation", "/admin/settings", &[("id", id)]).await;
    let said = page().await;
    assert!(said.contains("The invitation is taken back.") && said.contains("Nobody waits"), "{said}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn doors_are_opened_after_a_fresh_proof_and_shut_without_one(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    app.member("ann@example.com").await;
    let ann = id_of(&root, "ann@").await;
    // The field of the question: its words stand in a refused form as well.
    let asks = "step-up-password";
    let people = format!("/admin/users?unlock={ann}");
    let person = format!("/admin/users/{ann}");
    let settings =
        [("registration", "invited"), ("allowed_domains", ""), ("reason", "Only whom we know")].to_vec();
    let unlock = [("user_id", ann.as_str()), ("reason", "Their laptop was found")].to_vec();
    let acts = [
        ("update-settings", "/admin/settings", settings, "The settings are saved."),
        (
            "invite-user",
            "/admin/settings",
            vec![("email", "new@example.com")],
            "The invitation is on its way.",
        ),
        ("unlock-user", people.as_str(), unlock.clone(), "The account is unlocked."),
        ("unlock-user", person.as_str(), unlock, "The account is unlocked."),
    ];
    for (act, page, typed, done) in acts {
        app.platform.clock().advance(domain::access::STEP_UP_MAX_AGE + std::time::Duration::from_secs(1));
        let lock = json!({ "user_id": ann, "reason": "Their laptop was stolen" });
        let locked = root.post("/api/v1/admin/lock-user", &lock).await;
        assert!(locked.status == StatusCode::OK || locked.problem() == "conflict", "{}", locked.text());
        assert!(!root.get(page).await.text().contains(asks), "{act}: to look needs none");
        let path = format!("/api/v1/admin/{act}");
        root.submit(&path, page, &typed).await;
        let refused = root.get(page).await.text();
        assert!(refused.contains(asks) && !refused.contains(done), "{act}: {refused}");
        root.submit("/api/v1/identity/step-up", page, &[("password", PASSWORD)]).await;
        root.submit(&path, page, &typed).await;
        let said = root.get(page).await.text();
        assert!(said.contains(done) && !said.contains(asks), "{act}: {said}");
    }
}
