//! Parts of this room's pages; [`OrganizationFrame`] and [`CurrentOrganization`] are for those of other rooms as well.

mod bulk;
pub mod current;
pub mod frame;
mod invitations;
mod member_list;
mod membership;
mod settings_cards;

pub use bulk::bulk_card;
pub use current::CurrentOrganization;
pub use frame::{OrganizationFrame, organization_in_address};
pub use invitations::{WAITING, invitations_card};
pub use member_list::{RESULTS, member_filters, member_list};
pub use membership::{Membership, member_panel};
pub use settings_cards::{Settings, settings_cards};

use domain::organizations::RoleRef;
use leptos::prelude::*;

use crate::ui::{Badge, Tone};

/// Roles, a badge for each.
pub fn role_badges(roles: Vec<RoleRef>) -> AnyView {
    if roles.is_empty() {
        return "By groups alone".into_any();
    }
    let badges = roles.into_iter().map(|role| {
        let tone = if role.role == "OWNER" { Tone::Info } else { Tone::Neutral };
        view! { <Badge tone text=role.name/> }
    });
    view! { <span class="flex flex-wrap gap-1">{badges.collect_view()}</span> }.into_any()
}

/// Roles as choices.
pub fn role_options(roles: &[RoleRef]) -> Vec<(String, String)> {
    roles.iter().map(|role| (role.role.clone(), role.name.clone())).collect()
}
