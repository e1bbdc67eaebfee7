//! To whom invoices are written.

use domain::billing::{BillingDetails, Subscription};
use leptos::prelude::*;

use super::Changing;
use crate::{
    billing::words,
    ui::{Card, Field, Form, Hidden, Select, SubmitButton, TextArea, TextInput, Weight},
};

/// The card with the form; nothing for whoever may not change it.
pub fn details_form(
    subscription: &Subscription,
    details: BillingDetails,
    changing: &Changing,
) -> Option<AnyView> {
    if !subscription.may_change {
        return None;
    }
    let action = changing.details;
    let organization = subscription.slug.clone();
    let present = details.currency.map(|currency| currency.code().to_owned()).unwrap_or_default();
    let codes = details.currencies.iter().map(|it| it.code().to_owned());
    let currencies: Vec<_> = codes.map(|code| (code.clone(), code)).collect();
    let BillingDetails { company, address, country, tax_id, email, reference, .. } = details;
    let card = view! {
        <Card title="Billing details" lead=words::DETAILS_LEAD>
            <Form action>
                <Hidden name="organization_id" value=organization/>
                <div class="grid max-w-xl gap-4">
                    <Field name="company" label="Company or person">
                        <TextInput value=company maxlength=200 autocomplete="organization"/>
                    </Field>
                    <Field name="address" label="Address" hint="Street, place and so on, in lines.">
                        <TextArea value=address maxlength=500 autocomplete="street-address"/>
                    </Field>
                    <Field name="country" label="Country" hint="Two letters, such as DE. Taxes go by it.">
                        <TextInput value=country maxlength=2 autocomplete="country"/>
                    </Field>
                    <Field name="tax_id" label="Tax number (optional)" hint="Such as a VAT identification number.">
                        <TextInput value=tax_id maxlength=40 autocomplete="off"/>
                    </Field>
                    <Field
                        name="email"
                        label="Address for letters about invoices (optional)"
                        hint=words::LETTERS_HINT
                    >
                        <TextInput kind="email" value=email autocomplete="email"/>
                    </Field>
                    <Field name="reference" label="Your reference (optional)" hint="Such as a purchase order.">
                        <TextInput value=reference maxlength=100 autocomplete="off"/>
                    </Field>
                    <Field name="currency" label="Currency" hint="It can be changed while nothing is paid for.">
                        <Select options=currencies value=present/>
                    </Field>
                </div>
                <SubmitButton weight=Weight::Secondary pending_words="Saving…">
                    "Save the details"
                </SubmitButton>
            </Form>
        </Card>
    };
    Some(card.into_any())
}
