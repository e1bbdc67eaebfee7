//! The rules of this room, one file per journey.

mod api_tokens;
mod bearer;
mod copy;
mod families;
mod issue;
mod keys;
mod sweep;

pub use api_tokens::{
    MOST_OVERLAP, MOST_TOKENS, NewApiToken, OVERLAP, create, end, end_api_tokens, list, offers, rotate,
};
pub(crate) use api_tokens::{api_token_goes_on, overlap};
pub use bearer::resolve_bearer;
pub(crate) use copy::copy_of;
pub(crate) use families::end_families;
pub(crate) use families::family_goes_on;
pub use families::{end_sign_in, refresh, revoke, sign_ins};
pub use issue::{Credentials, SEALED_FAMILIES, issue};
pub use keys::{Jwk, Jwks, OldKeys, SEALED_KEYS, jwks, keep_signing_key, rotate_signing_key};
pub use sweep::sweep;
