//! The sentences of this room.

pub(crate) const LEAD: &str =
    "A token lets a script act in your name, within the scopes you choose, without your password.";
pub(crate) const MADE: &str = "Copy this token now. It is not shown again.";
pub(crate) const MADE_HINT: &str =
    "Whoever has it can act in your name. Keep it where passwords are kept, not in the code.";
pub(crate) const EMPTY: &str = "Make one below, put it into GATEHOUSE_TOKEN, and a script can call every endpoint of its \
                                scopes. The page /api lists them.";
pub(crate) const CALL: &str =
    "curl \"$GATEHOUSE_URL/api/v1/identity/me\" \\\n  -H \"Authorization: Bearer $GATEHOUSE_TOKEN\"";
pub(crate) const SCOPES_HINT: &str =
    "Reading and changing are chosen apart. Choose as little as the script needs.";
pub(crate) const SIGN_INS_LEAD: &str = "Programs that signed in with your password. Sign out what you do not recognize, then change your password.";
pub(crate) const RENEW_LEAD: &str =
    "Replaces the secret and keeps the name and the scopes. Scripts have the overlap to change over.";
