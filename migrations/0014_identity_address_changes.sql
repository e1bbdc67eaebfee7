-- Changes of the address that somebody signs in with. Each goes on only by a link in a letter to the new address, and
-- back by a link in a letter to the old one; of the links only hashes are kept.
CREATE TABLE address_changes (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    old_email      text NOT NULL CHECK (length(old_email) <= 254),
    new_email      text NOT NULL CHECK (length(new_email) <= 254),
    confirm_hash   bytea NOT NULL CHECK (length(confirm_hash) = 32),
    -- The way back that was sent when the change was asked for.
    undo_hash      bytea NOT NULL CHECK (length(undo_hash) = 32),
    -- The way back that was sent when it was confirmed.
    undo_late_hash bytea CHECK (length(undo_late_hash) = 32),
    asked_at       timestamptz NOT NULL,
    confirmed_at   timestamptz,
    -- Replaced by another change, cancelled, or undone.
    ended_at       timestamptz,
    -- Until when it can be confirmed; once it is, until when it can be undone.
    expires_at     timestamptz NOT NULL
);

CREATE UNIQUE INDEX address_changes_confirm_key ON address_changes (confirm_hash);
CREATE UNIQUE INDEX address_changes_undo_key ON address_changes (undo_hash);
CREATE UNIQUE INDEX address_changes_undo_late_key ON address_changes (undo_late_hash);
CREATE INDEX address_changes_by_user ON address_changes (user_id, asked_at);
CREATE INDEX address_changes_by_expiry ON address_changes (expires_at);
