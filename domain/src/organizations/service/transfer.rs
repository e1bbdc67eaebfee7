//! Another owner.

use uuid::Uuid;

use super::{
    super::{
        letters::{self, News},
        store::{self, members},
    },
    conflict, given, read_id,
};
use crate::{
    AppError, FieldIssue,
    access::{BuiltInRole, Grant, Organization, Permission, Tx},
    audit::{self, OrganizationDeed},
    platform::letters::outbox,
};

/// Makes another member the owner in the caller's place, who is an administrator of it from then on. The member is named by
/// their id or their address.
///
/// # Errors
/// [`AppError::InvalidInput`] for somebody who is no member; [`AppError::Conflict`] for somebody's own organization, for
/// oneself, and for somebody who cannot act.
pub async fn transfer(
    grant: &Grant<Organization>,
    user_id: Option<&str>,
    email: Option<&str>,
) -> Result<(), AppError> {
    grant.demand(Permission::TransferOrganization)?;
    let (platform, id, from) = (grant.platform(), grant.organization(), grant.person().user);
    let user_id = given(user_id).map(|text| read_id("user_id", text)).transpose()?;
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    let row = store::find(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    let (field, user) = find(&mut tx, id, user_id, given(email)).await?;
    if row.personal_of.is_some() {
        return Err(conflict(field, FieldIssue::Personal));
    }
    if user == from {
        return Err(conflict(field, FieldIssue::Yourself));
    }
    let to = members::who_can_act(tx.conn(), id, user).await?;
    let to = to.ok_or_else(|| conflict(field, FieldIssue::NobodyIn))?;
    let now = platform.now();
    let (owner, admin) = (Some(BuiltInRole::Owner.name()), Some(BuiltInRole::Admin.name()));
    members::give(tx.conn(), id, user, owner, None, now).await?;
    members::take(tx.conn(), id, from, owner, None).await?;
    members::give(tx.conn(), id, from, admin, None, now).await?;
    let was = store::person(tx.conn(), from).await?.ok_or(AppError::SignInRequired)?;
    let news = News::Transferred { from: &was.email, to: &to.email };
    for address in [&was.email, &to.email] {
        outbox::put(platform, &mut tx, letters::write(platform, address, &row.name, &row.slug, &news))
            .await?;
    }
    audit::note(&mut tx, OrganizationDeed::Transferred { user, from }).await?;
    tx.commit().await
}

/// The member who is meant, and the field that named them.
async fn find(
    tx: &mut Tx,
    organization: Uuid,
    user_id: Option<Uuid>,
    email: Option<&str>,
) -> Result<(&'static str, Uuid), AppError> {
    let not_a_member = |field| AppError::invalid(field, FieldIssue::NotAMember);
    match (user_id, email) {
        (Some(user), _) => {
            let given = members::given(tx.conn(), organization, user).await?;
            given.map(|_| ("user_id", user)).ok_or_else(|| not_a_member("user_id"))
        }
        (None, Some(email)) => {
            let found = members::by_address(tx.conn(), organization, email).await?;
            found.map(|member| ("email", member.id)).ok_or_else(|| not_a_member("email"))
        }
        (None, None) => Err(AppError::invalid("email", FieldIssue::Required)),
    }
}
