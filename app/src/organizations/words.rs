//! The sentences of this room.

pub(crate) const LEAD: &str = "Where you work, and with whom. One of them is yours alone.";
pub(crate) const CREATE_LEAD: &str =
    "You become its owner, and invite the others. What it is called can be changed later.";
pub(crate) const SLUG_HINT: &str =
    "Small letters, digits and hyphens, such as my-team. Left empty, it is made of the name.";
pub(crate) const LEFT: &str = "You have left the organization.";
pub(crate) const JOINED: &str = "Welcome. You belong to this organization now.";
pub(crate) const SAVED: &str = "The organization is changed.";
pub(crate) const RENAME_HINT: &str =
    "Where its pages are. Links to the former one go on working for 90 days.";
pub(crate) const ZONE_HINT: &str = "In whose days and months it counts.";
pub(crate) const TRANSFER_LEAD: &str =
    "Another member becomes the owner in your place. You stay, as an admin.";
pub(crate) const TRANSFERRED: &str = "The organization has another owner now.";
pub(crate) const LEAVE_LEAD: &str =
    "You lose everything you may do in it. Only an invitation brings you back.";
pub(crate) const DELETE_LEAD: &str = "It closes at once, and is deleted for good after 14 days.";
pub(crate) const DELETE: &str = "Everything in it is deleted with it: members, invitations and groups. Until then any of its owners can \
                                 keep it.";
pub(crate) const KEEP_LEAD: &str = "Nobody has lost anything yet. Keep it, and everything is as it was.";
pub(crate) const KEPT: &str = "The organization stays.";
pub(crate) const INVITE_LEAD: &str = "They get a letter with a link that is good once, for seven days. Invite them again to send another \
                                      one; the link before it then works no more.";
pub(crate) const NOBODY_WAITS: &str = "Whoever is invited stands here until they have come.";
pub(crate) const SENT: &str = "The invitation is on its way.";
pub(crate) const REVOKED: &str = "The invitation is taken back. Its link does not work any more.";
pub(crate) const ROLES_SET: &str = "The member has other roles now.";
pub(crate) const REMOVED: &str = "The member is removed.";
pub(crate) const BULK_LEAD: &str = "Paste a list, or the cells of a spreadsheet: an address on each line, and its role behind a comma \
                                    where they differ. At most 500 lines.";
pub(crate) const ABOUT_TO_END: &str =
    "Nothing in it can be changed any more. An owner can keep it, in its settings.";
pub(crate) const INVITED_ELSEWHERE: &str = "This invitation was sent to another address than the one you are signed in with. Sign out, and \
                                            sign in with the account of that address.";
pub(crate) const SIGN_IN_FIRST: &str =
    "Sign in to the account of that address, or open one with it. Then the same link brings you here.";
pub(crate) const TOKEN_REFUSED: &str =
    "The link is wrong, was used, has expired, or was taken back. Ask who invited you for another one.";
