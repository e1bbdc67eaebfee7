//! Area `billing`: who writes invoices, and by what they are paid.

use domain::platform::Supplier;

use super::{reader::Reader, stripe::Stripe};

/// The longest of its texts, in characters; they must fit on a page.
const LONGEST: usize = 300;
/// Nobody waits longer than a year.
const MOST_DAYS: u32 = 365;

/// Area `billing`.
#[derive(Clone, Debug)]
pub struct Billing {
    /// Who writes invoices.
    pub supplier: Supplier,
    /// Who tells of payments, where the operator has an account there.
    pub stripe: Stripe,
}

impl Billing {
    /// Without a name invoices are those of this site; `doctor` says so, because nobody could pay them.
    pub(super) fn read(reader: &mut Reader) -> Self {
        let mut text = |key: &str, default: &str| {
            let expected = "text of at most 300 characters";
            reader.value(key, default.to_owned(), expected, |text| {
                let is_plain = text.chars().all(|c| c == '\n' || !c.is_control());
                (is_plain && text.chars().count() <= LONGEST).then(|| text.trim().to_owned())
            })
        };
        let name = text("billing.supplier_name", "Gatehouse");
        let address = text("billing.supplier_address", "");
        let tax_id = text("billing.supplier_tax_id", "");
        let email = text("billing.supplier_email", "");
        let how_to_pay = text("billing.how_to_pay", "");
        let country =
            reader.value("billing.supplier_country", String::new(), "two capitals such as DE", |text| {
                let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
                is_code.then(|| text.to_owned())
            });
        let payment_days =
            reader.value("billing.payment_days", 14, "a number of days from 0 to 365", |text| {
                text.parse().ok().filter(|days| *days <= MOST_DAYS)
            });
        let supplier = Supplier { name, address, country, tax_id, email, how_to_pay, payment_days };
        Self { supplier, stripe: Stripe::read(reader) }
    }
}
