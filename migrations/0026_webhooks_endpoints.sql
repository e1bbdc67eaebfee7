-- Where events of the trail are sent to. `cursor` is the number of the last entry that was looked at for this endpoint:
-- deliveries are written and the cursor is moved in one transaction, so that no event is lost or sent under two ids.
CREATE TABLE webhook_endpoints (
    id              uuid PRIMARY KEY,
    url             text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    description     text NOT NULL DEFAULT '' CHECK (length(description) <= 200),
    -- Names of actions, and rooms with a dot at the end. Empty: everything.
    actions         text[] NOT NULL DEFAULT '{}',
    state           text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'gone', 'failing', 'removed')),
    cursor          bigint NOT NULL CHECK (cursor >= 0),
    created_at      timestamptz NOT NULL,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    -- Since when nothing has arrived; null after a success.
    failing_since   timestamptz,
    -- Until when the receiver asked for patience (`Retry-After`).
    resting_until   timestamptz
);

-- What events are signed with. One secret of an endpoint is the present one; the one before signs beside it for a while.
CREATE TABLE webhook_secrets (
    id          uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    -- Sealed by the vault for this very row.
    sealed      bytea NOT NULL,
    created_at  timestamptz NOT NULL,
    -- Null for the present one.
    signs_until timestamptz
);

CREATE UNIQUE INDEX webhook_secrets_present_key ON webhook_secrets (endpoint_id) WHERE signs_until IS NULL;
CREATE INDEX webhook_secrets_by_endpoint ON webhook_secrets (endpoint_id);
