-- Letters that somebody asked for, by an address that may or may not have an account. Who asks waits only for this row;
-- a worker finds out what letter it becomes, if any. `sealed` holds the address and the facts of the request.
CREATE TABLE letter_requests (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('new-password', 'confirmation')),
    sealed     bytea NOT NULL,
    created_at timestamptz NOT NULL,
    -- Later than `created_at` only when answering has failed.
    not_before timestamptz NOT NULL
);

CREATE INDEX letter_requests_due ON letter_requests (not_before);
