//! What a quantity costs.

use super::Nano;

/// What `quantity` units cost at `price` for `per` units, rounded up to the nano-dollar: what has a price is never free.
/// `None` where that is more than there can be.
pub(super) fn cost(quantity: i64, price: Nano, per: i64) -> Option<Nano> {
    let (quantity, price, per) = (i128::from(quantity), i128::from(price.get()), i128::from(per));
    if quantity < 0 || price < 0 || per <= 0 {
        return None;
    }
    let exact = quantity * price;
    let up = exact / per + i128::from(exact % per != 0);
    i64::try_from(up).ok().map(Nano::new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quantity_costs_its_share_rounded_up_to_the_nano() {
        let per_million = |tokens| cost(tokens, Nano::dollars(3), 1_000_000);
        assert_eq!(per_million(1_000_000), Some(Nano::dollars(3)));
        assert_eq!(per_million(1), Some(Nano::new(3_000)));
        assert_eq!(cost(1, Nano::new(1), 1_000_000), Some(Nano::new(1)));
        assert_eq!(cost(0, Nano::dollars(3), 1), Some(Nano::ZERO));
        assert_eq!(cost(5, Nano::ZERO, 1), Some(Nano::ZERO));
        assert_eq!(cost(i64::MAX, Nano::MAX, 1), None);
        assert_eq!(cost(i64::MAX, Nano::MAX, i64::MAX), Some(Nano::MAX));
        for (quantity, price, per) in [(-1, 1, 1), (1, -1, 1), (1, 1, 0), (1, 1, -1)] {
            assert_eq!(cost(quantity, Nano::new(price), per), None);
        }
    }

    proptest! {
        /// Rounding adds less than one nano-dollar, and takes none.
        #[test]
        fn rounding_adds_less_than_a_nano(quantity in 0_i64..1 << 40, price in 0_i64..1 << 22, per in 1_i64..1 << 30) {
            let nano = i128::from(cost(quantity, Nano::new(price), per).expect("fits").get());
            let exact = i128::from(quantity) * i128::from(price);
            prop_assert!(nano * i128::from(per) >= exact);
            prop_assert!((nano - 1) * i128::from(per) < exact || nano == 0);
        }
    }
}
