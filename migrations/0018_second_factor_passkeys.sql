-- Passkeys. Nothing of them is secret: the public key with what its last use said of it, as the library writes it.
CREATE TABLE passkeys (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- As the authenticator names it (WebAuthn §5.1: at most 1023 bytes); of one account, for ever.
    credential_id bytea NOT NULL CHECK (length(credential_id) BETWEEN 16 AND 1023),
    credential    jsonb NOT NULL,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz,
    -- When a use was refused because its counter went back: there may be a copy.
    suspected_at  timestamptz
);

CREATE UNIQUE INDEX passkeys_credential_key ON passkeys (credential_id);
CREATE INDEX passkeys_by_user ON passkeys (user_id, created_at);
