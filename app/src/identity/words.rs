//! The longer sentences of this room. Each names the object, the reason, and the next action.

/// What a password must be (NIST SP 800-63B-4 §3.1.1.2 asks for length and forbids composition rules).
pub(crate) const PASSWORD_RULES: &str = "12 to 256 characters. Spaces and any script are welcome; a few unrelated words are easier to keep than signs.";
/// Why the display name may stay empty.
pub(crate) const DISPLAY_NAME_HINT: &str = "How colleagues see you. You can leave it empty and add it later.";

/// Below the choice of a time zone.
pub(crate) const TIME_ZONE_HINT: &str = "How times are told on these pages and in letters to you.";

/// Above the registration form.
pub(crate) const REGISTER_LEAD: &str = "One account for every AI tool your team keeps behind this gate.";
/// In place of the registration form while administrators keep registration closed.
pub(crate) const REGISTER_CLOSED: &str = "This site takes no new accounts at the moment. Ask one of its administrators; whoever has an account can sign in.";
/// In place of the registration form for those who come without an invitation.
pub(crate) const REGISTER_BY_INVITATION: &str = "This site takes new accounts by invitation. Open the link of your letter; if you \
    have none, ask one of its administrators. Whoever has an account can sign in.";

/// After the registration form, whether or not the address was free: the page must not tell.
pub(crate) const CHECK_YOUR_MAIL: &str = "We sent you a letter. Open its link within 24 hours to confirm your address, \
    then sign in. If the address has an account already, the letter says so instead.";
/// Above the form that asks for another letter.
pub(crate) const NO_LETTER: &str =
    "Look into the spam folder first. A new letter makes the links of the earlier ones useless.";
/// After another letter was asked for: the same for an unknown address.
pub(crate) const LETTER_AGAIN: &str = "If this address waits for its confirmation, a new letter is on its way. \
    Open the newest one: older links do not work any more.";

/// Above the button that confirms an address.
pub(crate) const VERIFY_LEAD: &str =
    "One press confirms that this address is yours. After that you can sign in.";
/// The same page without a link's token.
pub(crate) const VERIFY_WITHOUT_TOKEN: &str =
    "The link of your letter was not complete. Open it again, or ask for a new letter.";
/// When the link was used or is too old.
pub(crate) const VERIFY_REFUSED: &str = "If you have confirmed your address before, simply sign in. Otherwise ask for a \
    new letter; each link works once and for 24 hours.";

/// Above the form for a forgotten password.
pub(crate) const FORGOT_LEAD: &str =
    "Enter the address you sign in with. We send you a link to set a new password.";
/// After that form: the same for an unknown address.
pub(crate) const FORGOT_DONE: &str = "If this address has an account, a letter with a link is on its way. The link works \
    once and for 30 minutes. Your old password works until you set a new one.";

/// Above the form for a new password.
pub(crate) const RESET_LEAD: &str = "This ends every session you have, on every device. A second factor stays as it is \
    and is asked at the next sign-in.";
/// The same page without a link's token, or with one that was refused.
pub(crate) const RESET_REFUSED: &str = "The link is incomplete, was used before, or is older than 30 minutes. Ask for a \
    new one; your password has not changed.";

/// Above the button that shuts everybody out.
pub(crate) const NOT_ME_LEAD: &str = "One press signs everybody out of your account, in every browser, and makes its \
    password worthless. Then you set a new one. A second factor stays as it is.";
/// The same page without a link's token.
pub(crate) const NOT_ME_REFUSED: &str = "The link of your letter was not complete, or was used before. A new password \
    signs everybody out as well.";
/// Above the proof that a session asks for in a place it was not in.
pub(crate) const MOVED_LEAD: &str = "You are signed in, but from another network or browser than before. Confirm once \
    that it is you, and everything goes on as it was.";

/// Above the sign-in form, when somebody needs the letter first.
pub(crate) const CONFIRM_FIRST: &str = "Your password is right, but your address is not confirmed yet. Open the link of \
    our letter, or ask for a new one here.";

/// The headline for visitors.
pub(crate) const HEADLINE: &str = "One gate in front of your team’s AI tools";
/// Below it.
pub(crate) const HEADLINE_LEAD: &str = "Gatehouse runs on your own server. It knows who comes in, lets you see what happened, and keeps the keys with you.";
/// What it does, for visitors: heading and sentence of each point.
pub(crate) const POINTS: [(&str, &str); 3] = [
    (
        "People sign in once",
        "A strong password, a code from the phone, and recovery codes for the day the phone is gone: one door for every \
         tool behind it.",
    ),
    (
        "You see every door that opened",
        "Each act is written to a chain that shows when somebody tampered with it. Administrators search it, lock an \
         account, and end its sessions in one step.",
    ),
    (
        "Scripts use the same door",
        "Every button is also an endpoint with the same rules, described in OpenAPI and ready to copy as a command.",
    ),
];

/// Above the form of the first administrator.
pub(crate) const BOOTSTRAP_LEAD: &str = "This server has no administrator yet, and your one-time link makes you the first. Choose how you will sign in.";
/// When that link does not work.
pub(crate) const BOOTSTRAP_REFUSED: &str = "The link was used before, is older than 24 hours, or this server has an \
    administrator already. Whoever runs the server makes a new link with this command:";
/// The command that makes a new link.
pub(crate) const BOOTSTRAP_COMMAND: &str = "gatehouse admin invite";

/// Above the form for another address.
pub(crate) const ADDRESS_LEAD: &str = "The address you sign in with. Letters of this server go there.";
/// Which letters there are.
pub(crate) const LETTERS: &str = "We write only about what guards your account: confirmations, links you asked for, and \
    changes of address, password and second factor, and copies of your data. These letters cannot be switched off; there \
    are no others.";
/// Below the field for another address.
pub(crate) const NEW_ADDRESS_HINT: &str = "It counts once the letter to it is confirmed. Your present address gets a letter as well, which can undo the change.";
/// After another address was asked for: the same for an address that has an account.
pub(crate) const CHANGE_ASKED: &str = "We sent a letter to the new address. Open its link within 24 hours; until then \
    nothing changes.";
/// After another address was confirmed.
pub(crate) const MOVED: &str = "Your new address is confirmed. Sign in with it from now on.";

/// Above the button that confirms another address.
pub(crate) const CONFIRM_EMAIL_LEAD: &str =
    "One press makes this the address of your account. You stay signed in where you are.";
/// When its link does not work.
pub(crate) const CONFIRM_EMAIL_REFUSED: &str = "The link is incomplete, was used before, is older than 24 hours, or the \
    change was stopped. If your profile still shows the old address, ask for the change again there.";

/// Above the button that undoes a change of address.
pub(crate) const UNDO_EMAIL_LEAD: &str = "A change that waits is stopped. One that was made is undone: your address comes \
    back, everybody is signed out, and you choose a new password.";
/// After a change that waited was stopped.
pub(crate) const UNDO_EMAIL_CANCELLED: &str = "Your address stays as it is. Whoever asked for the change knew your \
    password or held a device of yours: set a new password now, which signs everybody out.";
/// When its link does not work.
pub(crate) const UNDO_EMAIL_REFUSED: &str = "The link is incomplete, was used before, or too much time has passed. If you \
    cannot sign in any more, ask the one who runs this site.";

/// Above the copy of everything.
pub(crate) const DATA_LEAD: &str = "Everything this site holds about you, as one JSON file: profile, sessions, browsers, ways \
    to sign in, tokens without their secrets, and what the audit trail says of you. We write to you when it is ready, and \
    keep it for seven days.";

/// Above the end of an account.
pub(crate) const DELETE_LEAD: &str = "For good, after 14 days in which you can come back.";
/// What it means.
pub(crate) const DELETE: &str = "Your account closes at once and you are signed out everywhere. For 14 days a sign-in lets \
    you keep it. After that everything about you is deleted; the audit trail keeps what was done under a bare number.";
/// After it.
pub(crate) const LEAVING: &str =
    "Your account is closed, and deleted in 14 days. If you change your mind, sign in before that.";
/// To somebody who came back.
pub(crate) const KEEP_LEAD: &str =
    "You asked to delete it. Until then you can keep it; nothing else works meanwhile.";
