-- Accounts. One person, one address; an address is compared without regard to case.
CREATE TYPE site_role AS ENUM ('ADMIN', 'SUPPORT', 'BILLING_ADMIN', 'USER');

CREATE TABLE users (
    id                uuid PRIMARY KEY,
    email             text NOT NULL CHECK (length(email) <= 254),
    email_verified_at timestamptz,
    -- PHC string; null for an account that never had a password.
    password_hash     text,
    display_name      text NOT NULL DEFAULT '' CHECK (length(display_name) <= 100),
    locale            text NOT NULL DEFAULT 'en',
    theme             text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
    roles             site_role[] NOT NULL DEFAULT '{USER}',
    locked_at         timestamptz,
    created_at        timestamptz NOT NULL,
    last_seen_at      timestamptz
);

CREATE UNIQUE INDEX users_email_key ON users (lower(email));
-- The administrator's list: newest first, last seen first, filtered by role.
CREATE INDEX users_by_age ON users (created_at DESC, id DESC);
CREATE INDEX users_by_last_seen ON users (coalesce(last_seen_at, '-infinity'), id);
CREATE INDEX users_by_role ON users USING gin (roles);

-- Links in letters: 256 random bits, of which only the hash is kept; each works once.
CREATE TABLE letter_tokens (
    token_hash    bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose       text NOT NULL CHECK (purpose IN ('verify-email', 'reset-password')),
    -- The password given with this very registration: whoever opens the letter gets the password they chose,
    -- not one that a stranger set for the same address.
    password_hash text,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz
);

CREATE INDEX letter_tokens_by_user ON letter_tokens (user_id, purpose);
CREATE INDEX letter_tokens_by_expiry ON letter_tokens (expires_at);

-- The one-time link by which the first administrator comes in.
CREATE TABLE bootstrap_links (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
