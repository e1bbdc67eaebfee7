-- Where scripts are signed in with an address and a password. One row a family: its refresh tokens differ only in a
-- counter, and are never stored.
CREATE TABLE refresh_families (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- The key of the tokens' codes, sealed by the vault for this very row.
    sealed     bytea NOT NULL,
    -- The number in the newest token.
    counter    bigint NOT NULL DEFAULT 0 CHECK (counter >= 0),
    user_agent text NOT NULL,
    address    inet NOT NULL,
    created_at timestamptz NOT NULL,
    rotated_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX refresh_families_by_user ON refresh_families (user_id, rotated_at);
CREATE INDEX refresh_families_by_expiry ON refresh_families (expires_at);
CREATE INDEX refresh_families_by_use ON refresh_families (rotated_at);

-- Tokens that a person makes for scripts. Of the secret (256 random bits) only the SHA-256 is kept.
CREATE TABLE api_tokens (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- The part by which a token is found; it stays the same when the secret is renewed.
    public         text NOT NULL CHECK (length(public) = 12),
    secret_hash    bytea NOT NULL CHECK (length(secret_hash) = 32),
    -- The secret before, which works until then.
    previous_hash  bytea CHECK (length(previous_hash) = 32),
    previous_until timestamptz,
    name           text NOT NULL CHECK (length(name) <= 100),
    scopes         text[] NOT NULL,
    created_at     timestamptz NOT NULL,
    -- When the newest secret was made.
    rotated_at     timestamptz NOT NULL,
    expires_at     timestamptz,
    last_used_at   timestamptz,
    CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
);

CREATE UNIQUE INDEX api_tokens_public_key ON api_tokens (public);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, created_at);
CREATE INDEX api_tokens_by_expiry ON api_tokens (expires_at);
