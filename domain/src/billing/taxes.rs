//! Taxes of a document. Pure.

use super::{Minor, WithTaxId, country::is_vat_number, percent};

/// A tax that a customer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CustomerTax {
    pub(super) name: String,
    /// Thousandths of a percent.
    pub(super) rate: i32,
    pub(super) with_tax_id: WithTaxId,
}

/// A tax of a document that is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewTax {
    pub(super) name: String,
    pub(super) rate: i32,
    pub(super) base: Minor,
    pub(super) amount: Minor,
    pub(super) note: Option<String>,
}

/// One percent in thousandths of a percent, times a hundred.
const WHOLE: i128 = 100_000;

/// The taxes on an amount, each rounded to the minor unit, half of one upwards, for a customer in a country with what they say
/// is their number.
pub(super) fn taxes(net: Minor, rates: &[CustomerTax], country: &str, tax_id: &str) -> Vec<NewTax> {
    let owes = is_vat_number(tax_id, country);
    rates.iter().filter(|rate| rate.rate > 0).map(|rate| tax(net, rate, owes)).collect()
}

/// `owes`: whether the customer can owe it themselves.
fn tax(net: Minor, rate: &CustomerTax, owes: bool) -> NewTax {
    let CustomerTax { name, rate, with_tax_id } = rate.clone();
    if with_tax_id == WithTaxId::ReverseCharge && owes {
        let note = format!("Reverse charge: the customer owes {name} of {}.", percent(rate));
        return NewTax { name, rate: 0, base: net, amount: Minor::ZERO, note: Some(note) };
    }
    let amount = (i128::from(net.get()) * i128::from(rate) + WHOLE / 2).div_euclid(WHOLE);
    // At most a hundred percent, so it fits.
    NewTax {
        name,
        rate,
        base: net,
        amount: Minor::new(i64::try_from(amount).unwrap_or(i64::MAX)),
        note: None,
    }
}

/// What of a part of an invoice is taken back with the next `amount`, after `already` of `total` was: the difference of two
/// shares that are each rounded to the nearest minor unit, half of one upwards, so that all of them together are the whole.
pub(super) fn taken_back(part: Minor, total: Minor, already: Minor, amount: Minor) -> Minor {
    let until = |taken: i128| {
        let whole = i128::from(total.get());
        if whole == 0 { 0 } else { (i128::from(part.get()) * taken + whole / 2).div_euclid(whole) }
    };
    let already = i128::from(already.get());
    let taken = until(already + i128::from(amount.get())) - until(already);
    Minor::new(i64::try_from(taken).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vat(rate: i32, with_tax_id: WithTaxId) -> CustomerTax {
        CustomerTax { name: "VAT".into(), rate, with_tax_id }
    }

    #[test]
    fn a_tax_is_rounded_to_the_minor_unit_half_of_one_upwards() {
        for (net, rate, expected) in
            [(10_000, 19_000, 1_900), (50, 1_000, 1), (49, 1_000, 0), (7_900, 8_100, 640), (999, 9_975, 100)]
        {
            let made = taxes(Minor::new(net), &[vat(rate, WithTaxId::Charged)], "DE", "");
            assert_eq!(made[0].amount.get(), expected, "{net} at {rate}");
        }
    }

    #[test]
    fn whoever_has_a_number_of_their_own_owes_it_themselves_where_the_rate_says_so() {
        let rates = [vat(19_000, WithTaxId::ReverseCharge)];
        let made = taxes(Minor::new(10_000), &rates, "DE", "DE123456789");
        assert_eq!((made[0].amount, made[0].rate), (Minor::ZERO, 0));
        assert_eq!(made[0].note.as_deref(), Some("Reverse charge: the customer owes VAT of 19 %."));
        for (country, tax_id) in [("DE", ""), ("DE", "x"), ("DE", "FR12345678901"), ("", "DE123456789")] {
            let made = taxes(Minor::new(10_000), &rates, country, tax_id);
            assert_eq!(made[0].amount.get(), 1_900, "{country} {tax_id} is no such number");
        }
        let charged = [vat(19_000, WithTaxId::Charged)];
        assert_eq!(taxes(Minor::new(10_000), &charged, "DE", "DE123456789")[0].amount.get(), 1_900);
    }

    #[test]
    fn a_rate_of_nothing_is_no_line() {
        assert!(taxes(Minor::new(10_000), &[vat(0, WithTaxId::Charged)], "DE", "").is_empty());
    }

    #[test]
    fn what_is_taken_back_is_the_nearest_share() {
        let of = |part, already, amount| {
            taken_back(Minor::new(part), Minor::new(2_261), Minor::new(already), Minor::new(amount)).get()
        };
        // 159.66 of 361, and 840.34 of 1900.
        assert_eq!((of(361, 0, 1_000), of(1_900, 0, 1_000)), (160, 840));
        assert_eq!((of(361, 1_000, 1_261), of(1_900, 1_000, 1_261)), (201, 1_060));
        assert_eq!((of(361, 0, 2_261), of(361, 0, 0)), (361, 0));
    }

    proptest! {
        #[test]
        fn whatever_is_taken_back_bit_by_bit_is_together_the_whole(
            net in 0..1_000_000_000_i64,
            tax in 0..1_000_000_000_i64,
            cuts in proptest::collection::vec(any::<u32>(), 0..12),
        ) {
            let total = net + tax;
            let mut moments: Vec<_> = cuts.iter().map(|cut| i64::from(*cut) % (total + 1)).collect();
            moments.extend([0, total]);
            moments.sort_unstable();
            let parts = moments.windows(2).map(|pair| {
                taken_back(Minor::new(tax), Minor::new(total), Minor::new(pair[0]), Minor::new(pair[1] - pair[0])).get()
            });
            prop_assert_eq!(parts.sum::<i64>(), tax);
        }
    }
}
