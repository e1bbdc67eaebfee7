//! Invoices of Stripe's among ours: whatever order, however often, and whatever is lost, the same documents are in the books.

use domain::{
    AppError, FieldIssue, FieldProblem,
    access::Permission,
    billing::{
        Currency, InvoiceState, LineKind,
        service::{self, NoUsage},
        stripe::inbox,
    },
};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    billing_house::{Firm, check, firm, inside, staff},
    house::House,
    stripe_inbox::permutations,
    stripe_scene::{KEEPERS, POOR, Scene, Shop, VISA, id},
};

/// A shop whose customer is an organization of ours.
pub(crate) struct Books {
    pub(crate) scene: Scene,
    pub(crate) house: House,
    pub(crate) firm: Firm,
}

impl Books {
    pub(crate) async fn open(db: PgPool) -> Self {
        let books = Self::without_customer(db).await;
        books.is_customer(&books.firm, &books.scene.shop.customer).await;
        books
    }

    /// The same where the organization is nobody's customer yet.
    pub(crate) async fn without_customer(db: PgPool) -> Self {
        let scene = Scene::new(db).await;
        let house = House::on(scene.platform.clone());
        let firm = firm(&house, "acme").await;
        Self { scene, house, firm }
    }

    pub(crate) async fn is_customer(&self, firm: &Firm, customer: &str) {
        let mut tx = inside(&self.house, firm.id).await;
        sqlx::query!(
            "INSERT INTO stripe_customers (organization_id, customer_id, created_at) VALUES ($1, $2, now())
             ON CONFLICT (organization_id) DO UPDATE SET customer_id = $2, subscription_id = NULL",
            firm.id,
            customer,
        )
        .execute(&mut *tx)
        .await
        .expect("a customer");
        tx.commit().await.expect("commits");
    }

    /// Another shop, with the same organization as its customer.
    async fn anew(&mut self) {
        self.scene.shop = Shop::open().await;
        self.forget().await;
        self.is_customer(&self.firm, &self.scene.shop.customer).await;
    }

    /// Everything that was told, and what followed from it.
    async fn forget(&self) {
        self.scene.forget().await;
        sqlx::raw_sql("TRUNCATE invoices, invoice_lines, invoice_taxes")
            .execute(&self.scene.db)
            .await
            .expect("gone");
    }

    pub(crate) async fn tell(&self, event: &Value) {
        self.scene.receive(event).await.expect("stored");
    }

    pub(crate) async fn work(&self) {
        self.scene.work_with(KEEPERS).await;
    }

    /// Everything that the tables say of documents, but for the ids that we give.
    async fn rows(&self) -> Vec<Value> {
        let mut tx = inside(&self.house, self.firm.id).await;
        sqlx::query_scalar!(
            r#"SELECT jsonb_build_object(
                   'document', to_jsonb(i) - 'id',
                   'lines', (SELECT jsonb_agg(to_jsonb(l) - 'invoice_id' ORDER BY l.position)
                             FROM invoice_lines l WHERE l.invoice_id = i.id),
                   'taxes', (SELECT jsonb_agg(to_jsonb(t) - 'invoice_id' ORDER BY t.position)
                             FROM invoice_taxes t WHERE t.invoice_id = i.id)) AS "row!"
               FROM invoices i ORDER BY i.number"#,
        )
        .fetch_all(&mut *tx)
        .await
        .expect("rows")
    }
}

/// What happens to invoices at a shop, in at most four events, and how the last of them ends.
type Course = (&'static str, fn(&Shop) -> Vec<Value>, InvoiceState);

const COURSES: [Course; 4] = [
    (
        "a card pays at once",
        |shop| {
            shop.card(VISA);
            told(shop, || drop(shop.subscribe(&shop.pro)))
        },
        InvoiceState::Paid,
    ),
    (
        "a renewal fails and is paid by another card",
        |shop| {
            shop.card(VISA);
            shop.subscribe(&shop.pro);
            shop.card(POOR);
            told(shop, || {
                shop.days_later(31);
                let open = newest(shop);
                shop.card(VISA);
                shop.call("POST", &format!("invoices/{open}/pay"), json!({}));
            })
        },
        InvoiceState::Paid,
    ),
    (
        "a renewal fails, is given up, and is paid after all",
        |shop| {
            shop.card(VISA);
            shop.subscribe(&shop.pro);
            shop.card(POOR);
            told(shop, || {
                shop.days_later(31);
                let open = newest(shop);
                shop.call("POST", &format!("invoices/{open}/mark_uncollectible"), json!({}));
                shop.card(VISA);
                shop.call("POST", &format!("invoices/{open}/pay"), json!({}));
            })
        },
        InvoiceState::Paid,
    ),
    (
        "a renewal fails and is declared void",
        |shop| {
            shop.card(VISA);
            shop.subscribe(&shop.pro);
            shop.card(POOR);
            told(shop, || {
                shop.days_later(31);
                let open = newest(shop);
                shop.call("POST", &format!("invoices/{open}/void"), json!({}));
            })
        },
        InvoiceState::Void,
    ),
];

/// What is told of invoices while something happens.
fn told(shop: &Shop, happens: impl FnOnce()) -> Vec<Value> {
    let before = shop.peer.events().len();
    happens();
    let mut told = shop.told_since(before);
    told.retain(|event| event["type"].as_str().is_some_and(|kind| kind.starts_with("invoice.")));
    told
}

/// The invoice that was made last.
fn newest(shop: &Shop) -> String {
    let list = shop.call("GET", "invoices", json!({ "customer": shop.customer, "limit": "1" }));
    id(&list["data"][0])
}

fn refused(issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new("invoice_id", issue)] }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn events_of_invoices_in_any_order_and_twice_lead_to_the_same_documents(db: PgPool) {
    let mut books = Books::open(db).await;
    let mut orders = 0;
    for (name, play, ending) in COURSES {
        books.anew().await;
        let events = play(&books.scene.shop);
        assert!((2..=4).contains(&events.len()), "{name}: {} events", events.len());
        let moments: Vec<usize> = events.iter().map(|event| books.scene.shop.moment(event)).collect();
        let mut expected = None;
        for order in permutations(events.len()) {
            books.forget().await;
            let mut newest = 0;
            for place in &order {
                newest = newest.max(moments[*place]);
                books.scene.shop.peer.stand_at(Some(newest));
                books.tell(&events[*place]).await;
                books.tell(&events[*place]).await;
                books.work().await;
            }
            books.scene.shop.peer.stand_at(None);
            let rows = books.rows().await;
            assert_eq!(rows.len(), 1, "{name}, {order:?}");
            assert_eq!(rows[0]["document"]["state"], ending.name(), "{name}, {order:?}");
            let expected = expected.get_or_insert_with(|| rows.clone());
            assert_eq!(*expected, rows, "{name}, {order:?}");
            orders += 1;
        }
    }
    assert!(orders >= 2 + 6 + 24 + 6, "there was something to mix up: {orders}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn events_of_invoices_that_never_came_are_made_up_for(db: PgPool) {
    let mut books = Books::open(db).await;
    for (name, play, ending) in COURSES {
        books.anew().await;
        let events = play(&books.scene.shop);
        for dropped in 0..events.len() {
            books.forget().await;
            for (_, event) in events.iter().enumerate().filter(|(place, _)| *place != dropped) {
                books.tell(event).await;
                books.work().await;
            }
            inbox::reconcile(&books.scene.platform, &books.scene.shop.stripe).await.expect("compared");
            books.work().await;
            let heads = books.firm.invoices().await;
            // What else there is at the shop is found as well.
            let number = events[0]["data"]["object"]["number"].as_str().expect("a number");
            let head = heads.iter().find(|head| head.number == number).expect("is in the books");
            assert_eq!(head.state, ending, "{name} without {dropped}");
            assert!(check(&books.house, &NoUsage).await.ok, "{name} without {dropped}");
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_invoice_of_stripes_has_its_own_number_and_takes_none_of_ours(db: PgPool) {
    let books = Books::open(db).await;
    let shop = &books.scene.shop;
    shop.card(VISA);
    let events = told(shop, || drop(shop.subscribe(&shop.pro)));
    for event in &events {
        books.tell(event).await;
    }
    books.work().await;
    let theirs = events[0]["data"]["object"].clone();
    let other = firm(&books.house, "other").await;
    let number = other.change("PRO", "").await.expect("changes").invoice.expect("a number");
    assert!(number.ends_with("-000001"), "{number}");

    let heads = books.firm.invoices().await;
    let [head] = heads.as_slice() else { panic!("one document: {heads:?}") };
    assert_eq!(
        (head.number.as_str(), head.provider.as_str()),
        (theirs["number"].as_str().expect("one"), "stripe")
    );
    assert_eq!(head.state, InvoiceState::Paid);
    assert_eq!((head.total.minor.get(), head.total.currency), (2_000, Currency::USD));
    let document = books.firm.invoice(&head.number).await;
    assert_eq!(document.customer.name, "acme", "what Stripe does not say, the organization says");
    assert_eq!(document.customer.email, "ann@example.com");
    assert_eq!((document.supplier.note.as_str(), document.reference), ("", None));
    assert_eq!(document.lines.len(), 1);
    assert_eq!(document.lines[0].kind, LineKind::Other, "it is no price of ours");
    let trail = books.firm.trail(&books.house).await;
    assert!(trail.iter().any(|deed| deed == "billing.invoice-issued"), "{trail:?}");
    assert!(trail.iter().any(|deed| deed == "billing.invoice-paid"), "{trail:?}");
    let report = check(&books.house, &NoUsage).await;
    assert!(report.ok && report.documents == 2, "{report:?}");
    assert_eq!(other.invoices().await.len(), 1, "nobody else sees it");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_says_by_hand_how_an_invoice_of_stripes_ends(db: PgPool) {
    let books = Books::open(db).await;
    let shop = &books.scene.shop;
    shop.card(VISA);
    shop.subscribe(&shop.pro);
    shop.card(POOR);
    for event in told(shop, || shop.days_later(31)) {
        books.tell(&event).await;
    }
    books.work().await;
    let heads = books.firm.invoices().await;
    assert_eq!(heads[0].state, InvoiceState::Open);
    let (money, invoice) = (staff(&books.house).await, heads[0].id.to_string());
    let no = || Err(refused(FieldIssue::AtStripe));
    assert_eq!(service::mark_paid(&money.pays, &invoice, None).await, no());
    assert_eq!(service::void(&money.corrects, &invoice, "A mistake").await, no());
    assert_eq!(service::credit(&money.corrects, &invoice, None, "Half").await.map(drop), no());
    assert_eq!(books.firm.invoices().await, heads);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_invoice_of_many_lines_with_a_tax_is_frozen_whole(db: PgPool) {
    let books = Books::open(db).await;
    let shop = &books.scene.shop;
    shop.card(VISA);
    let vat = id(&shop.call("POST", "tax_rates", json!({ "display_name": "VAT", "percentage": "19" })));
    let begun = shop.call(
        "POST",
        "subscriptions",
        json!({ "customer": shop.customer, "items": [{ "price": shop.pro }], "default_tax_rates": [vat] }),
    );
    let item = &begun["items"]["data"][0]["id"];
    for (day, price) in [&shop.team, &shop.pro].into_iter().cycle().take(6).enumerate() {
        shop.days_later(i64::from(day > 0));
        let change =
            json!({ "items": [{ "id": item, "price": price }], "proration_behavior": "create_prorations" });
        shop.call("POST", &format!("subscriptions/{}", id(&begun)), change);
    }
    for event in told(shop, || shop.days_later(31)) {
        books.tell(&event).await;
    }
    books.work().await;
    let number = books.firm.invoices().await[0].number.clone();
    let document = books.firm.invoice(&number).await;
    assert!(document.lines.len() > 10, "{} lines", document.lines.len());
    let kinds: Vec<_> = document.lines.iter().map(|line| line.kind).collect();
    assert!(kinds.contains(&LineKind::Unused) && kinds.contains(&LineKind::Rest), "{kinds:?}");
    let sum: i64 = document.lines.iter().map(|line| line.amount.minor.get()).sum();
    assert_eq!(sum, document.net.minor.get());
    assert_eq!(document.taxes.len(), 1);
    let tax = &document.taxes[0];
    assert_eq!((tax.name.as_str(), tax.rate, tax.base), ("VAT", 19_000, document.net));
    assert_eq!(Some(document.head.total.minor), document.net.minor.plus(tax.amount.minor));
    assert!(check(&books.house, &NoUsage).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_check_of_the_books_sees_an_invoice_of_stripes_that_says_something_else(db: PgPool) {
    let books = Books::open(db).await;
    let shop = &books.scene.shop;
    shop.card(VISA);
    let events = told(shop, || drop(shop.subscribe(&shop.pro)));
    books.tell(&events[0]).await;
    books.work().await;
    assert!(check(&books.house, &NoUsage).await.ok);
    let number = books.firm.invoices().await[0].number.clone();
    let other = json!(2_001);
    sqlx::query!(
        "UPDATE stripe_objects SET state = jsonb_set(state, '{lines,data,0,amount}', $1) WHERE kind = 'invoice'",
        other
    )
    .execute(&books.scene.db)
    .await
    .expect("another amount");
    let report = check(&books.house, &NoUsage).await;
    assert_eq!((report.ok, report.wrong), (false, vec![number]));
    // What Stripe told is forgotten with its customer; the document still adds up.
    sqlx::query!("DELETE FROM stripe_objects").execute(&books.scene.db).await.expect("gone");
    assert!(check(&books.house, &NoUsage).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_customer_who_is_none_of_ours_has_no_document(db: PgPool) {
    let books = Books::open(db).await;
    let shop = &books.scene.shop;
    books.is_customer(&books.firm, "cus_somebody_else").await;
    shop.card(VISA);
    for event in told(shop, || drop(shop.subscribe(&shop.pro))) {
        books.tell(&event).await;
    }
    books.work().await;
    assert!(books.rows().await.is_empty());
    let grant = books.firm.may(Permission::ReadBilling).await;
    let mut export = service::export(&grant).expect("may");
    assert_eq!(export.next_page().await, Ok(None));
}
