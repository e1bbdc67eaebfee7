-- What the server remembers between asking a browser for a passkey and its answer: once, and for five minutes.
CREATE TABLE passkey_ceremonies (
    id         uuid PRIMARY KEY,
    purpose    text NOT NULL CHECK (purpose IN ('register', 'sign-in', 'second-factor', 'step-up')),
    -- Who alone may answer: the session, the waiting sign-in, or the SHA-256 of a browser's secret.
    bound_to   bytea NOT NULL CHECK (length(bound_to) IN (16, 32)),
    state      jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX passkey_ceremonies_by_expiry ON passkey_ceremonies (expires_at);
