-- Who people are to the providers they sign in with. Somebody is known by issuer and subject, which never change; what
-- the operator calls a provider may.
CREATE TABLE federated_identities (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    issuer       text NOT NULL CHECK (length(issuer) <= 500),
    subject      text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    -- What the provider called the address when it was connected: only for the owner's eyes.
    email        text CHECK (length(email) <= 254),
    linked_at    timestamptz NOT NULL,
    last_used_at timestamptz
);

-- Nobody is two people, and nobody has two identities of one issuer.
CREATE UNIQUE INDEX federated_identities_key ON federated_identities (issuer, subject);
CREATE UNIQUE INDEX federated_identities_by_user ON federated_identities (user_id, issuer);

-- Sign-ins that went to a provider and have not come back. Each is good once, for ten minutes, and only in the browser that
-- holds the secret; of both secrets only the hash is kept.
CREATE TABLE federation_attempts (
    state_hash   bytea PRIMARY KEY CHECK (length(state_hash) = 32),
    browser_hash bytea NOT NULL CHECK (length(browser_hash) = 32),
    provider     text NOT NULL,
    purpose      text NOT NULL CHECK (purpose IN ('sign-in', 'link', 'prove')),
    -- Whose session it is for; null for somebody who signs in.
    session_id   uuid REFERENCES sessions ON DELETE CASCADE,
    next         text,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    CHECK ((purpose = 'sign-in') = (session_id IS NULL))
);

CREATE INDEX federation_attempts_by_session ON federation_attempts (session_id);
CREATE INDEX federation_attempts_by_expiry ON federation_attempts (expires_at);
