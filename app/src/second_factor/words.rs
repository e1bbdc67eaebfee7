//! The longer sentences of this room.

/// Above the code of a sign-in.
pub(crate) const VERIFY_LEAD: &str =
    "Open your authenticator and type the six digits it shows for Gatehouse.";
/// Above the button of a sign-in that only a passkey finishes.
pub(crate) const PASSKEY_LEAD: &str =
    "Your password was right. Your device, or your password manager, holds the rest.";
/// Below the button that opens the other way.
pub(crate) const RECOVER_HINT: &str =
    "One of the codes you saved when you set up the second factor. Each works once.";

/// Above everything on the page that sets it up.
pub(crate) const SETUP_LEAD: &str = "A second factor keeps out whoever learns your password: at every sign-in it asks for a code from your phone.";
/// Before it is begun.
pub(crate) const BEGIN: &str = "You need an authenticator: an app on your phone or in your password manager that shows \
    six-digit codes. Any app that can read a QR code for one-time codes will do.";
/// Beside the picture.
pub(crate) const SCAN: &str = "Point the camera of your authenticator at the picture. It adds an entry called Gatehouse \
    that shows a new code every 30 seconds.";
/// Before the secret as text.
pub(crate) const TYPE_INSTEAD: &str =
    "No camera? Type this secret into the authenticator: time-based, six digits.";
/// Above the field for the first code.
pub(crate) const FIRST_CODE: &str = "The second factor is on once a code of yours was right.";

/// Before it is removed while there are passkeys.
pub(crate) const REMOVE: &str =
    "After this your sign-ins with the password ask for a passkey or a recovery code.";

/// Above the recovery codes, the only time they are seen.
pub(crate) const CODES_LEAD: &str = "These ten codes let you in when the phone is gone. Each works once. You see them now \
    and never again: keep them where the phone is not, such as in a password manager or on paper.";
/// When few are left.
pub(crate) const FEW_CODES: &str = "Few recovery codes are left. Make new ones before the last is used.";
/// Before new codes are made.
pub(crate) const NEW_CODES: &str = "New codes replace all the old ones at once.";
/// Before it is turned off.
pub(crate) const TURN_OFF: &str = "After this your password alone opens your account, and your recovery codes are gone. \
    Administrators may need the second factor for their work.";

/// Above everything on the page of passkeys.
pub(crate) const PASSKEYS_LEAD: &str = "A passkey signs you in without a password: your device or your password manager keeps \
    it, and asks for your finger, your face or a PIN.";
/// Where there is none.
pub(crate) const NO_PASSKEYS: &str = "Nothing can be typed into a false page with a passkey, and nobody can guess one. Add one \
    for each device you use, or one in your password manager.";
/// Above the field for the name of a new one.
pub(crate) const NEW_PASSKEY: &str = "Your browser asks where to keep it. With a passkey, sign-ins with the password ask for a \
    second factor as well.";
/// Where the site has no name.
pub(crate) const NO_NAME: &str = "Passkeys need a site with a name, and this one is reached by numbers.";
/// In the row of one whose counter went back.
pub(crate) const SUSPECTED: &str = "Refused: there may be a copy";
/// When one is gone.
pub(crate) const PASSKEY_REMOVED: &str =
    "That passkey is removed. It opens nothing any more; delete it on its device too.";
