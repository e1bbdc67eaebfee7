//! Narrows the list of people down.

use domain::{
    access::SiteRole,
    admin::{Factor, Seen, Sort, Status},
};
use leptos::prelude::*;

use crate::ui::{Address, Field, FilterBar, Select, TextInput};

/// The filters, showing what the address says.
pub fn people_filters(address: &Address) -> AnyView {
    let any = |words: &str| (String::new(), words.to_owned());
    let roles = SiteRole::ALL.map(|role| (role.name().to_owned(), role_words(role).to_owned()));
    let roles: Vec<_> = [any("Any role")].into_iter().chain(roles).collect();
    let state_list = Status::ALL.map(|status| (status.name().to_owned(), status_words(status).to_owned()));
    let states: Vec<_> = [any("Any status")].into_iter().chain(state_list).collect();
    let orders = Sort::ALL.map(|sort| (sort.name().to_owned(), sort_words(sort).to_owned())).to_vec();
    let factors = Factor::ALL.map(|factor| (factor.name().to_owned(), factor_words(factor).to_owned()));
    let factors: Vec<_> = [any("On or off")].into_iter().chain(factors).collect();
    let times = Seen::ALL.map(|seen| (seen.name().to_owned(), seen_words(seen).to_owned()));
    let times: Vec<_> = [any("At any time")].into_iter().chain(times).collect();
    let [q, role, chosen_status, second_factor, seen, sort] =
        ["q", "role", "status", "second_factor", "seen", "sort"]
            .map(|name| address.get(name).unwrap_or_default());
    let reset = (!address.is_bare()).then(|| "/admin/users".to_owned());
    view! {
        <FilterBar action="/admin/users" label="People" reset>
            <Field name="q" label="Address or name">
                <TextInput kind="search" value=q maxlength=254/>
            </Field>
            <Field name="role" label="Role">
                <Select options=roles value=role/>
            </Field>
            <Field name="status" label="Status">
                <Select options=states value=chosen_status/>
            </Field>
            <Field name="second_factor" label="Second factor">
                <Select options=factors value=second_factor/>
            </Field>
            <Field name="seen" label="Last seen">
                <Select options=times value=seen/>
            </Field>
            <Field name="sort" label="Order">
                <Select options=orders value=sort/>
            </Field>
        </FilterBar>
    }
    .into_any()
}

/// A role in words.
pub(super) fn role_words(role: SiteRole) -> &'static str {
    match role {
        SiteRole::Admin => "Administrator",
        SiteRole::Support => "Support",
        SiteRole::BillingAdmin => "Billing",
        SiteRole::User => "User",
    }
}

/// A status in words.
pub(super) fn status_words(status: Status) -> &'static str {
    match status {
        Status::Active => "Active",
        Status::Unverified => "Unconfirmed",
        Status::Locked => "Locked",
        Status::Leaving => "To be deleted",
    }
}

fn factor_words(factor: Factor) -> &'static str {
    match factor {
        Factor::On => "On",
        Factor::Off => "Off",
    }
}

fn seen_words(seen: Seen) -> &'static str {
    match seen {
        Seen::Day => "Within a day",
        Seen::Week => "Within 7 days",
        Seen::Month => "Within 30 days",
        Seen::Longer => "Not for 30 days",
        Seen::Never => "Never",
    }
}

fn sort_words(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest => "Newest first",
        Sort::Email => "By address",
        Sort::LastSeen => "Last seen first",
    }
}
