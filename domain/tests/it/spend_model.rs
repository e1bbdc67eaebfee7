//! What is spent as a state machine against a naive model that keeps every call in a list.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    AppError, Timestamp,
    access::Permission,
    spend::{
        Nano,
        service::{self, NewDispatch, NewUsage, Reprice},
    },
};
use proptest::{prelude::*, test_runner::TestRunner};
use sqlx::PgPool;
use time::{Date, Duration as Days};
use uuid::Uuid;

use crate::{
    own_thread::OwnThread,
    shop::{self, Shop},
};

/// What happens. `usize` is one of the calls so far; amounts are dollars.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Hours pass.
    Wait(u64),
    Reserve {
        amount: i64,
        tagged: bool,
    },
    Dispatch(usize, i64),
    Settle(usize, i64),
    Release(usize),
    Expire(usize),
    /// So many units were used, so many days ago.
    Record {
        units: i64,
        days_ago: i64,
        tagged: bool,
    },
    /// One of the recorded calls once more.
    Duplicate(usize),
    /// From so many days ago on a unit costs so much.
    Price(i64, i64),
    Correct,
    /// The cap of the organization, or of the tag.
    Cap(bool, i64),
}

fn step() -> impl Strategy<Value = Step> {
    let call = || 0..12_usize;
    prop_oneof![
        2 => (1..40_u64).prop_map(Step::Wait),
        6 => (1..9_i64, any::<bool>()).prop_map(|(amount, tagged)| Step::Reserve { amount, tagged }),
        2 => (call(), 1..6_i64).prop_map(|(call, known)| Step::Dispatch(call, known)),
        4 => (call(), 0..9_i64).prop_map(|(call, amount)| Step::Settle(call, amount)),
        2 => call().prop_map(Step::Release),
        2 => call().prop_map(Step::Expire),
        3 => (1..5_i64, 0..4_i64, any::<bool>())
            .prop_map(|(units, days_ago, tagged)| Step::Record { units, days_ago, tagged }),
        1 => call().prop_map(Step::Duplicate),
        2 => (0..5_i64, 1..4_i64).prop_map(|(days_ago, price)| Step::Price(days_ago, price)),
        2 => Just(Step::Correct),
        2 => (any::<bool>(), 0..40_i64).prop_map(|(tag, cap)| Step::Cap(tag, cap)),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Held,
    Settled,
    Released,
    Expired,
}

/// A call as a person would write it down.
#[derive(Clone, Debug)]
struct Call {
    hold: Option<Uuid>,
    state: State,
    held: i64,
    known: Option<i64>,
    tagged: bool,
    /// The day it counts in for budgets, and the day it is billed on once it is.
    counted_on: Date,
    billed: Option<(Date, i64)>,
    /// Units and moment of what was recorded.
    used: Option<(i64, Timestamp)>,
}

struct Run {
    shop: Shop,
    organization: Uuid,
    tag: Uuid,
    caps: [i64; 2],
    calls: Vec<Call>,
    prices: Vec<(Timestamp, i64)>,
}

impl Run {
    fn today(&self) -> Date {
        self.shop.house.platform.now().get().date()
    }

    /// What stands in the windows of a day: of the organization's month, and of the tag's three days.
    fn stands(&self, today: Date) -> [(i64, i64); 2] {
        let month = today.replace_day(1).expect("a month has a first day");
        let mut all = [(0, 0), (0, 0)];
        for call in &self.calls {
            let spent = call.billed.map_or(0, |(_, cost)| cost);
            let held = if call.state == State::Held { call.held } else { 0 };
            if call.counted_on.replace_day(1) == Ok(month) {
                all[0] = (all[0].0 + spent, all[0].1 + held);
            }
            if call.tagged && call.counted_on > today - Days::days(3) {
                all[1] = (all[1].0 + spent, all[1].1 + held);
            }
        }
        all
    }

    fn price_at(&self, at: Timestamp) -> Option<i64> {
        let mut price = None;
        let mut since = None;
        for (from, nano) in &self.prices {
            if *from <= at && since.is_none_or(|since| *from >= since) {
                (since, price) = (Some(*from), Some(*nano));
            }
        }
        price
    }

    async fn take(&mut self, number: usize, step: Step) -> Result<(), TestCaseError> {
        let today = self.today();
        match step {
            Step::Wait(hours) => {
                let _ = self.shop.house.platform.clock().advance(Duration::from_secs(hours * 3600));
            }
            Step::Reserve { amount, tagged } => self.reserve(number, amount, tagged).await?,
            Step::Dispatch(call, known) => self.dispatch(call, known).await?,
            Step::Settle(call, amount) => self.settle(call, amount).await?,
            Step::Release(call) => self.release(call).await?,
            Step::Expire(call) => self.expire(call).await?,
            Step::Record { units, days_ago, tagged } => self.record(number, units, days_ago, tagged).await?,
            Step::Duplicate(call) => self.duplicate(call).await?,
            Step::Price(days_ago, price) => {
                let from = Timestamp::new((today - Days::days(days_ago)).midnight().assume_utc());
                self.shop.price("call", &price.to_string(), "1", Some(&from.rfc3339())).await;
                self.prices.push((from, price));
            }
            Step::Correct => self.correct().await?,
            Step::Cap(tag, cap) => {
                let (scope, period) = if tag { ("tag:a", "rolling") } else { ("organization", "month") };
                self.shop.limit(scope, period, &cap.to_string()).await;
                self.caps[usize::from(tag)] = cap;
            }
        }
        self.compare().await
    }

    async fn reserve(&mut self, number: usize, amount: i64, tagged: bool) -> Result<(), TestCaseError> {
        let today = self.today();
        let stands = self.stands(today);
        let applies = [true, tagged];
        let fits = (0..2).all(|at| !applies[at] || stands[at].0 + stands[at].1 + amount <= self.caps[at]);
        let scope = if tagged { "tag:a" } else { "" };
        let answer = self.shop.reserve_in(&format!("call {number}"), &amount.to_string(), scope).await;
        prop_assert_eq!(answer.is_ok(), fits, "{:?} with {:?} of {:?}", answer, stands, self.caps);
        if let Ok(held) = answer {
            self.calls.push(Call {
                hold: Some(held.hold_id),
                state: State::Held,
                held: amount,
                known: None,
                tagged,
                counted_on: today,
                billed: None,
                used: None,
            });
        }
        Ok(())
    }

    /// One of the calls that were reserved.
    fn reserved(&self, call: usize) -> Option<(usize, Uuid)> {
        let call = call.checked_rem(self.calls.len())?;
        Some((call, self.calls.get(call)?.hold?))
    }

    async fn dispatch(&mut self, call: usize, known: i64) -> Result<(), TestCaseError> {
        let Some((at, hold)) = self.reserved(call) else { return Ok(()) };
        let typed = NewDispatch {
            hold_id: hold.to_string(),
            known: Some(known.to_string()),
            expires_in_s: Some("86400".into()),
        };
        let grant = self.shop.may(Permission::ReserveSpend).await;
        let answer = service::dispatch(&grant, &typed).await;
        let it = &mut self.calls[at];
        prop_assert_eq!(answer.is_ok(), it.state == State::Held && known <= it.held);
        if answer.is_ok() {
            it.known = Some(it.known.unwrap_or(0).max(known));
        }
        Ok(())
    }

    async fn settle(&mut self, call: usize, amount: i64) -> Result<(), TestCaseError> {
        let Some((at, hold)) = self.reserved(call) else { return Ok(()) };
        let (today, answer) = (self.today(), self.shop.settle(hold, &amount.to_string()).await);
        let it = &mut self.calls[at];
        let may = match it.state {
            State::Held | State::Expired => true,
            State::Released => false,
            State::Settled => it.billed.is_some_and(|(_, cost)| cost == amount),
        };
        prop_assert_eq!(answer.is_ok(), may, "{:?} of {:?}", answer, it);
        if may {
            it.state = State::Settled;
            // What was billed when its time was over keeps its day.
            it.billed = Some((it.billed.map_or(today, |(day, _)| day), amount));
        }
        Ok(())
    }

    async fn release(&mut self, call: usize) -> Result<(), TestCaseError> {
        let Some((at, hold)) = self.reserved(call) else { return Ok(()) };
        let grant = self.shop.may(Permission::ReserveSpend).await;
        let answer = service::release(&grant, &hold.to_string()).await;
        let today = self.today();
        let it = &mut self.calls[at];
        let may = it.state == State::Held || (it.state != State::Settled && it.known.is_none());
        prop_assert_eq!(answer.is_ok(), may, "{:?} of {:?}", answer, it);
        match (it.state, it.known) {
            (State::Held, None) => it.state = State::Released,
            (State::Held, Some(known)) => {
                it.state = State::Settled;
                it.billed = Some((today, known));
            }
            _ => {}
        }
        Ok(())
    }

    async fn expire(&mut self, call: usize) -> Result<(), TestCaseError> {
        let Some((at, hold)) = self.reserved(call) else { return Ok(()) };
        self.shop.overdue(hold).await;
        let ended = service::expire_due(&self.shop.house.platform).await.expect("ends");
        let today = self.today();
        let it = &mut self.calls[at];
        prop_assert_eq!(ended, usize::from(it.state == State::Held));
        if it.state == State::Held {
            it.state = State::Expired;
            it.billed = it.known.map(|known| (today, known));
        }
        Ok(())
    }

    async fn record(
        &mut self,
        number: usize,
        units: i64,
        days_ago: i64,
        tagged: bool,
    ) -> Result<(), TestCaseError> {
        let at = self.shop.house.platform.now()
            - Duration::from_hours(24 * u64::try_from(days_ago).expect("small"));
        let answer = self.shop.record(recorded(number, units, at, tagged)).await;
        let Some(price) = self.price_at(at) else {
            prop_assert!(matches!(answer, Err(AppError::InvalidInput { .. })), "{:?}", answer);
            return Ok(());
        };
        let settled = answer.expect("notes");
        prop_assert_eq!(settled.amount, Nano::dollars(units * price));
        let day = at.get().date();
        self.calls.push(Call {
            hold: None,
            state: State::Settled,
            held: 0,
            known: None,
            tagged,
            counted_on: day,
            billed: Some((day, units * price)),
            used: Some((units, at)),
        });
        Ok(())
    }

    async fn duplicate(&mut self, call: usize) -> Result<(), TestCaseError> {
        let Some(call) = call.checked_rem(self.calls.len()) else { return Ok(()) };
        // The same name with something else in it: the first one counts.
        if self.calls[call].hold.is_none() {
            let mut tx = self.shop.sql().await;
            let name = sqlx::query_scalar!(
                "SELECT event_id FROM spend_events WHERE organization_id = $1 AND source = 'recorded' ORDER BY number LIMIT 1",
                self.shop.id
            );
            let name = name.fetch_one(&mut *tx).await.expect("a name");
            drop(tx);
            let mut again = recorded(0, 4, self.shop.house.platform.now(), false);
            // Who named it stands before the name.
            again.event_id = name.trim_start_matches("recorded ").to_owned();
            prop_assert!(self.shop.record(again).await.expect("noted before").duplicate);
        }
        Ok(())
    }

    async fn correct(&mut self) -> Result<(), TestCaseError> {
        let by = Reprice { provider: Some("acme-ai".into()), ..Reprice::default() };
        let grant = self.shop.may(Permission::UpdateSpend).await;
        let done = service::correct(&grant, &by).await.expect("corrects");
        let mut difference = 0;
        for at in 0..self.calls.len() {
            let Some((units, moment)) = self.calls[at].used else { continue };
            let cost = units * self.price_at(moment).expect("was recorded by a price");
            let (day, before) = self.calls[at].billed.expect("billed");
            difference += cost - before;
            self.calls[at].billed = Some((day, cost));
        }
        prop_assert_eq!(done.difference, Nano::dollars(difference));
        Ok(())
    }

    /// Windows, sums of days and ledger say what the list of calls says.
    async fn compare(&self) -> Result<(), TestCaseError> {
        let told = |amount: i64| Nano::dollars(amount).to_string();
        let stands = self.stands(self.today());
        for (id, (spent, held)) in [self.organization, self.tag].into_iter().zip(stands) {
            prop_assert_eq!(self.shop.meter(id).await, (told(spent), told(held)), "{:?}", self.calls);
        }
        let mut days: BTreeMap<(Date, &str), (i64, i64)> = BTreeMap::new();
        for call in &self.calls {
            let Some((day, cost)) = call.billed else { continue };
            for dimension in ["organization"].into_iter().chain(call.tagged.then_some("tag")) {
                let sum = days.entry((day, dimension)).or_default();
                *sum = (sum.0 + cost, sum.1 + 1);
            }
        }
        let mut tx = self.shop.sql().await;
        let rows = sqlx::query!(
            "SELECT day, dimension, cost_nano, calls FROM spend_daily
             WHERE organization_id = $1 AND dimension IN ('organization', 'tag')",
            self.shop.id
        );
        let rows = rows.fetch_all(&mut *tx).await.expect("sums");
        prop_assert_eq!(rows.len(), days.len());
        for row in rows {
            let sum = days.get(&(row.day, row.dimension.as_str())).copied().unwrap_or_default();
            prop_assert_eq!((row.cost_nano, row.calls), (Nano::dollars(sum.0).get(), sum.1));
        }
        let book = sqlx::query!(
            r#"SELECT coalesce(sum(amount_nano), 0)::bigint AS "all!",
                      coalesce(sum(amount_nano) FILTER (WHERE account = 'unbilled'), 0)::bigint AS "unbilled!",
                      (SELECT count(*) FROM spend_windows w WHERE w.organization_id = $1 AND w.held_nano < 0) AS "negative!"
               FROM spend_entries WHERE organization_id = $1"#,
            self.shop.id
        );
        let book = book.fetch_one(&mut *tx).await.expect("a book");
        let billed: i64 = self.calls.iter().filter_map(|call| call.billed).map(|(_, cost)| cost).sum();
        prop_assert_eq!((book.all, book.unbilled, book.negative), (0, Nano::dollars(billed).get(), 0));
        Ok(())
    }
}

fn recorded(number: usize, units: i64, at: Timestamp, tagged: bool) -> NewUsage {
    NewUsage {
        event_id: format!("event {number}"),
        provider: "acme-ai".into(),
        item: "large".into(),
        usage: Some(format!("call={units}")),
        occurred_at: Some(at.rfc3339()),
        scope: tagged.then(|| "tag:a".to_owned()),
        ..NewUsage::default()
    }
}

async fn check(first: &Shop, number: usize, steps: Vec<Step>) -> Result<(), TestCaseError> {
    // A month ends within reach.
    let start = Timestamp::parse("2026-01-29T12:00:00Z").expect("valid");
    let platform = domain::platform::testing::platform_at(first.house.db.clone(), start);
    let house = crate::house::House::on(platform);
    let owner = house.caller(first.owner.actor().clone());
    let id = shop::organization(&house, &format!("model-{number}"), &owner).await;
    let shop = Shop { house, id, owner };
    let organization = shop.limit("organization", "month", "30").await;
    let tag = shop.limit("tag:a", "rolling", "15").await;
    let mut run = Run { shop, organization, tag, caps: [30, 15], calls: Vec::new(), prices: Vec::new() };
    for (number, step) in steps.into_iter().enumerate() {
        run.take(number, step).await?;
    }
    Ok(())
}

/// Whatever is done in whatever order: admitted is what fits, lines sum to nothing, sums of days are those of the calls, and
/// nothing held is less than nothing.
#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whatever_happens_in_whatever_order_the_books_say_what_the_calls_say(db: PgPool) {
    let cases = tokio::task::spawn_blocking(move || {
        let own = OwnThread::new(&db);
        let first = own.wait(Shop::new(own.db.clone()));
        let config = ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() };
        let number = std::cell::Cell::new(0);
        TestRunner::new(config).run(&prop::collection::vec(step(), 1..30), |steps| {
            number.set(number.get() + 1);
            own.wait(check(&first, number.get(), steps))
        })
    });
    if let Err(failure) = cases.await.expect("runs") {
        panic!("{failure}");
    }
}
