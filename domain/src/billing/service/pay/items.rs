//! What a subscription at Stripe is made of, and what of it is ours.

use sqlx::PgConnection;

use super::{
    super::super::stripe::{
        PhaseItem, Priced, Subscription, SubscriptionItem,
        store::prices::{self as store, Meaning, Part},
    },
    prices::Prices,
};
use crate::AppError;

/// An item of a subscription. What is not ours, such as something that is metered, has no meaning here.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) price: String,
    pub(super) quantity: Option<u64>,
    pub(super) meaning: Option<Meaning>,
}

impl Item {
    fn part(&self) -> Option<Part> {
        self.meaning.map(|meaning| meaning.part)
    }
}

/// The items of a subscription with what they mean.
pub(super) async fn of(conn: &mut PgConnection, subscription: &Subscription) -> Result<Vec<Item>, AppError> {
    let mut items = Vec::new();
    for SubscriptionItem { id, price, quantity, .. } in &subscription.items.data {
        let meaning = store::meaning(conn, &price.id).await?;
        items.push(Item { id: id.clone(), price: price.id.clone(), quantity: *quantity, meaning });
    }
    Ok(items)
}

/// The same of a phase of a schedule.
pub(super) async fn of_phase(conn: &mut PgConnection, phase: &[PhaseItem]) -> Result<Vec<Item>, AppError> {
    let mut items = Vec::new();
    for PhaseItem { price, quantity } in phase {
        let meaning = store::meaning(conn, price).await?;
        items.push(Item { id: String::new(), price: price.clone(), quantity: *quantity, meaning });
    }
    Ok(items)
}

/// The version and the seats that items mean; nothing where no plan is among them.
pub(super) fn meant(items: &[Item]) -> Option<(Meaning, i64)> {
    let plan = items.iter().find(|it| it.part() == Some(Part::Plan))?.meaning?;
    let of_it =
        |it: &&Item| it.meaning.is_some_and(|seat| seat.part == Part::Seat && seat.version == plan.version);
    let seats: u64 = items.iter().filter(of_it).filter_map(|it| it.quantity).sum();
    Some((plan, i64::try_from(seats).unwrap_or(i64::MAX)))
}

/// What has to be put in so that a subscription is to these prices; nothing where it is. A seat that is not wanted stays as none
/// of it: an item that is removed has no name under which it could be asked for again.
pub(super) fn changed<'a>(items: &'a [Item], prices: &'a Prices, extra_seats: u64) -> Vec<Priced<'a>> {
    let of = |part: Part| items.iter().find(|it| it.part() == Some(part));
    let (plan, seat) = (of(Part::Plan), of(Part::Seat));
    let mut wanted = vec![(plan, prices.plan.as_str(), 1)];
    match (&prices.seat, seat) {
        (Some(price), seat) if seat.is_some() || extra_seats > 0 => {
            wanted.push((seat, price.as_str(), extra_seats));
        }
        (None, Some(seat)) => wanted.push((Some(seat), seat.price.as_str(), 0)),
        (None | Some(_), _) => {}
    }
    wanted.retain(|(item, price, quantity)| {
        item.is_none_or(|it| it.price != *price || it.quantity != Some(*quantity))
    });
    let priced = wanted.into_iter().map(|(item, price, quantity)| Priced {
        item: item.map(|it| it.id.as_str()),
        price,
        quantity: Some(quantity),
    });
    priced.collect()
}

/// What there is, for a phase that is the present one.
pub(super) fn present(items: &[Item]) -> Vec<Priced<'_>> {
    let is_there = |it: &&Item| it.quantity != Some(0);
    items
        .iter()
        .filter(is_there)
        .map(|it| Priced { item: None, price: &it.price, quantity: it.quantity })
        .collect()
}

/// The same with other prices of ours, for a phase that is to come.
pub(super) fn to_come<'a>(items: &'a [Item], prices: &'a Prices, extra_seats: u64) -> Vec<Priced<'a>> {
    let mut all = vec![Priced { item: None, price: &prices.plan, quantity: Some(1) }];
    if let Some(price) = prices.seat.as_deref().filter(|_| extra_seats > 0) {
        all.push(Priced { item: None, price, quantity: Some(extra_seats) });
    }
    let others = items.iter().filter(|it| it.meaning.is_none());
    all.extend(others.map(|it| Priced { item: None, price: &it.price, quantity: it.quantity }));
    all
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{super::super::super::Currency, *};

    fn item(id: &str, price: &str, quantity: u64, part: Option<Part>) -> Item {
        let meaning = part.map(|part| Meaning { version: Uuid::nil(), currency: Currency::EUR, part });
        Item { id: id.into(), price: price.into(), quantity: Some(quantity), meaning }
    }

    fn prices(plan: &str, seat: Option<&str>) -> Prices {
        Prices { plan: plan.into(), seat: seat.map(str::to_owned) }
    }

    fn told(priced: &[Priced<'_>]) -> Vec<String> {
        let of = |it: &Priced<'_>| format!("{}:{}x{:?}", it.item.unwrap_or("new"), it.price, it.quantity);
        priced.iter().map(of).collect()
    }

    #[test]
    fn only_what_is_different_is_asked_for() {
        let items = [
            item("a", "pro", 1, Some(Part::Plan)),
            item("b", "pro-seat", 2, Some(Part::Seat)),
            item("c", "calls", 1, None),
        ];
        let pro = prices("pro", Some("pro-seat"));
        assert_eq!(told(&changed(&items, &pro, 2)), [""; 0]);
        assert_eq!(told(&changed(&items, &pro, 3)), ["b:pro-seatxSome(3)"]);
        let team = prices("team", Some("team-seat"));
        assert_eq!(told(&changed(&items, &team, 0)), ["a:teamxSome(1)", "b:team-seatxSome(0)"]);
        assert_eq!(told(&changed(&items[..1], &team, 4)), ["a:teamxSome(1)", "new:team-seatxSome(4)"]);
        let enterprise = prices("enterprise", None);
        assert_eq!(told(&changed(&items, &enterprise, 0)), ["a:enterprisexSome(1)", "b:pro-seatxSome(0)"]);
        assert_eq!(
            told(&to_come(&items, &team, 1)),
            ["new:teamxSome(1)", "new:team-seatxSome(1)", "new:callsxSome(1)"]
        );
    }

    #[test]
    fn seats_of_another_version_are_no_seats() {
        let mut items = vec![item("a", "pro", 1, Some(Part::Plan)), item("b", "seat", 2, Some(Part::Seat))];
        assert_eq!(meant(&items).map(|(_, seats)| seats), Some(2));
        if let Some(meaning) = &mut items[1].meaning {
            meaning.version = Uuid::max();
        }
        assert_eq!(meant(&items).map(|(_, seats)| seats), Some(0));
        assert!(meant(&items[1..]).is_none());
    }
}
