//! Narrows the trail down.

use leptos::prelude::*;

use crate::ui::{Address, Field, FilterBar, TextInput};

/// The filters, showing what the address says.
pub fn trail_filters(address: &Address) -> AnyView {
    let [actor, action, target, from, to] =
        ["actor", "action", "target", "from", "to"].map(|name| address.get(name).unwrap_or_default());
    let reset = (!address.is_bare()).then(|| "/admin/audit-logs".to_owned());
    view! {
        <FilterBar action="/admin/audit-logs" label="Audit trail" reset>
            <Field name="actor" label="Who">
                <TextInput kind="search" value=actor placeholder="Address or id" maxlength=254/>
            </Field>
            <Field name="action" label="What">
                <TextInput kind="search" value=action placeholder="identity or identity.signed-in" maxlength=100/>
            </Field>
            <Field name="target" label="To what">
                <TextInput kind="search" value=target placeholder="user:…" maxlength=254/>
            </Field>
            <Field name="from" label="From (UTC)">
                <TextInput kind="datetime-local" value=from/>
            </Field>
            <Field name="to" label="Before (UTC)">
                <TextInput kind="datetime-local" value=to/>
            </Field>
        </FilterBar>
    }
    .into_any()
}
