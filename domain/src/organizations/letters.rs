//! The letters of this room. The name of an organization is what somebody typed; it stands in quotes and is escaped.

use crate::{
    identity::{Words, letter},
    platform::{Platform, letters::Letter, random::Token},
};

/// What a letter is about.
pub(super) enum News<'a> {
    /// Come in.
    Invitation {
        /// Of the link.
        token: &'a Token,
        /// The address of who invites.
        by: &'a str,
        /// What they will be.
        role: &'a str,
        /// Until when the link works.
        until: &'a str,
    },
    /// It is deleted at this time, in the words of the owner's time zone.
    DeletionAsked {
        /// When.
        due_at: &'a str,
    },
    /// It was kept after all.
    Kept,
    /// Somebody else is its owner.
    Transferred {
        /// Who was.
        from: &'a str,
        /// Who is.
        to: &'a str,
    },
}

/// Writes a letter about an organization.
pub(super) fn write(platform: &Platform, to: &str, name: &str, slug: &str, news: &News<'_>) -> Letter {
    let (words, path) = match news {
        News::Invitation { token, by, role, until } => {
            (invitation(name, by, role, until), format!("/invitations/{}", token.reveal()))
        }
        News::DeletionAsked { due_at } => (deletion_asked(name, due_at), format!("/o/{slug}/settings")),
        News::Kept => (kept(name), format!("/o/{slug}")),
        News::Transferred { from, to } => (transferred(name, from, to), format!("/o/{slug}/members")),
    };
    letter(to, &words, &format!("{}{path}", platform.rules().public_url))
}

fn invitation(name: &str, by: &str, role: &str, until: &str) -> Words {
    Words {
        kind: "organization-invitation",
        subject: "You are invited into an organization",
        opening: format!(
            "{by} invites you into the organization “{name}” on Gatehouse, as {role}. The invitation is good until {until}."
        )
        .into(),
        action: "See the invitation",
        closing: "The link works once, and for an account with this address alone. If you have none, open one with this \
                  address first and come back. If you do not know what this is about, do nothing.",
    }
}

fn deletion_asked(name: &str, due_at: &str) -> Words {
    Words {
        kind: "organization-deletion-asked",
        subject: "An organization will be deleted",
        opening: format!(
            "An owner asked to delete the organization “{name}”. Until then nothing in it can be changed. It is deleted for good \
             on {due_at}; there will be no further letter."
        )
        .into(),
        action: "Keep the organization",
        closing: "Until then any of its owners can keep it. After that nobody can bring it back.",
    }
}

fn kept(name: &str) -> Words {
    Words {
        kind: "organization-kept",
        subject: "An organization stays",
        opening: format!("The organization “{name}” was kept by an owner. It will not be deleted.").into(),
        action: "See the organization",
        closing: "Nothing needs to be done.",
    }
}

fn transferred(name: &str, from: &str, to: &str) -> Words {
    Words {
        kind: "organization-transferred",
        subject: "An organization has another owner",
        opening: format!(
            "{from} made {to} the owner of the organization “{name}”, and is an administrator of it now."
        )
        .into(),
        action: "See its members",
        closing: "If this should not have happened, ask the one who runs this site.",
    }
}
