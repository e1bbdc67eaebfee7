-- Authenticators. The secret is sealed by the vault for this very row.
CREATE TABLE authenticators (
    user_id      uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    sealed       bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    -- Null while the person has not yet shown a code of it.
    confirmed_at timestamptz,
    -- The newest RFC 6238 time step of which a code was accepted; an older or equal one is a replay.
    last_step    bigint NOT NULL DEFAULT 0
);

-- One-use codes for the day the phone is gone: 120 random bits each, of which only the hash is kept.
CREATE TABLE recovery_codes (
    user_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    used_at   timestamptz,
    PRIMARY KEY (user_id, code_hash)
);
