-- Keys by which callers say that a request is the same as one before (header Idempotency-Key), each for a day. Key and
-- request are hashes; the answer is sealed, because it may hold a secret that is shown once.
CREATE TABLE idempotency_keys (
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    key_hash      bytea NOT NULL CHECK (length(key_hash) = 32),
    request_hash  bytea NOT NULL CHECK (length(request_hash) = 32),
    -- The one try that may carry the request out. Another takes its place only when this one has had its time and has
    -- done nothing.
    claim         uuid NOT NULL,
    claimed_until timestamptz NOT NULL,
    -- Set in the same transaction as whatever the request does first.
    took_effect   boolean NOT NULL DEFAULT false,
    sealed        bytea,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, key_hash)
);

CREATE UNIQUE INDEX idempotency_keys_claim ON idempotency_keys (claim);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
