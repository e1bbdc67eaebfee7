-- Browsers in which a person has signed in before. One secret in a cookie stands for a browser; a row for each person
-- who used it. Knowing a browser excepts it from the lockout of strangers, and spares its owner a letter.
CREATE TABLE known_devices (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    token_hash    bytea NOT NULL CHECK (length(token_hash) = 32),
    user_agent    text NOT NULL,
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz NOT NULL,
    -- Until when a sign-in from here skips the second factor; null where nobody asked for it.
    trusted_until timestamptz
);

CREATE UNIQUE INDEX known_devices_key ON known_devices (token_hash, user_id);
CREATE INDEX known_devices_by_user ON known_devices (user_id, last_used_at);

-- The browser of a session, where it is known; and the networks in which its owner has proved who they are: /24 of IPv4,
-- /48 of IPv6. Empty for sessions that the version before this one began: they are bound to nothing.
ALTER TABLE sessions
    ADD COLUMN device_id uuid REFERENCES known_devices ON DELETE SET NULL,
    ADD COLUMN networks cidr[] NOT NULL DEFAULT '{}';

-- A letter about a sign-in from a new browser has a link for "this was not me".
ALTER TABLE letter_tokens DROP CONSTRAINT letter_tokens_purpose_check;
ALTER TABLE letter_tokens ADD CONSTRAINT letter_tokens_purpose_check
    CHECK (purpose IN ('verify-email', 'reset-password', 'not-me'));
