//! The closed lists of what the trail can say, a table for each kind. A deed names its object and never holds a secret or an
//! address.

mod billing;
mod organizations;
mod roles;
mod site;
mod spend;

use serde_json::Value;
use uuid::Uuid;

pub use self::{
    billing::{BillingDeed, BillingSiteDeed},
    organizations::OrganizationDeed,
    roles::RoleDeed,
    site::{Deed, Factor, Proof, Refusal},
    spend::SpendDeed,
};

/// Something worth remembering: a row of one of the tables.
pub trait Noted {
    /// Whose chain it belongs to.
    const CHAIN: Chain;
    /// The stable name.
    fn action(&self) -> &'static str;
    /// What it was done to.
    fn target(&self) -> Option<String>;
    /// What else there is to know; what is not known is left out.
    fn detail(&self) -> Value;
}

/// Whose chain a deed belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// That of the site.
    Site,
    /// That of the organization it was done in.
    Organization,
}

/// What a deed was done to.
pub(crate) trait Target {
    fn named(&self, kind: &str) -> Option<String>;
}

impl Target for Uuid {
    fn named(&self, kind: &str) -> Option<String> {
        Some(format!("{kind}:{self}"))
    }
}

impl Target for String {
    fn named(&self, kind: &str) -> Option<String> {
        Some(format!("{kind}:{self}"))
    }
}

impl<T: Target> Target for Option<T> {
    fn named(&self, kind: &str) -> Option<String> {
        self.as_ref().and_then(|target| target.named(kind))
    }
}

/// Makes an enum of a table. A row is the deed with what is kept of it, its stable name `<room>.<what>`, after `on` what it
/// was done to, and in braces what else there is to know.
macro_rules! deeds {
    ($(#[doc = $what_for:literal])* $deed:ident, of the site: $($rows:tt)*) => {
        deeds!(@table $(#[doc = $what_for])* $deed Site $($rows)*);
    };
    ($(#[doc = $what_for:literal])* $deed:ident, of an organization: $($rows:tt)*) => {
        deeds!(@table $(#[doc = $what_for])* $deed Organization $($rows)*);
    };
    (@table $(#[doc = $what_for:literal])* $deed:ident $chain:ident $(
        $(#[doc = $doc:literal])*
        $name:ident $({ $($field:ident: $kind:ty),* })? = $action:literal $(on $what:literal $target:ident)?
            $({ $($detail:tt)* })?;
    )*) => {
        $(#[doc = $what_for])*
        #[derive(Clone, Debug)]
        #[expect(missing_docs, reason = "each field is the id, number or reason of what the line above it names")]
        pub enum $deed {
            $($(#[doc = $doc])* $name $({ $($field: $kind),* })?,)*
        }

        #[expect(unused_variables, reason = "a row names all that is kept, and no column needs all of it")]
        impl $crate::audit::Noted for $deed {
            const CHAIN: $crate::audit::Chain = $crate::audit::Chain::$chain;

            fn action(&self) -> &'static str {
                match self {
                    $(Self::$name $({ $($field),* })? => $action,)*
                }
            }

            fn target(&self) -> Option<String> {
                match self {
                    $(Self::$name $({ $($field),* })? => deeds!(@target $($what $target)?),)*
                }
            }

            fn detail(&self) -> serde_json::Value {
                let mut detail = match self {
                    $(Self::$name $({ $($field),* })? => serde_json::json!({ $($($detail)*)? }),)*
                };
                if let Some(parts) = detail.as_object_mut() {
                    parts.retain(|_, part| !part.is_null());
                }
                detail
            }
        }
    };
    (@target) => { None };
    (@target $what:literal $target:ident) => { $crate::audit::Target::named($target, $what) };
}

pub(crate) use deeds;
