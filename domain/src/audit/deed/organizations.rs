//! What is done in an organization and to it.

use uuid::Uuid;

use super::deeds;

deeds! {
    /// What is done in an organization and to it.
    OrganizationDeed, of an organization:
    /// An organization was made.
    Created { organization: Uuid, personal: bool }
        = "organizations.created" on "organization" organization { "personal": personal };
}
