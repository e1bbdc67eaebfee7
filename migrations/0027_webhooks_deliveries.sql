-- Events on their way to an endpoint. The id is the `webhook-id` by which a receiver recognizes a repetition; the body is
-- the same text at every attempt.
CREATE TABLE webhook_deliveries (
    id              uuid PRIMARY KEY,
    -- Their order, which pages of a list go by.
    number          bigint GENERATED ALWAYS AS IDENTITY,
    endpoint_id     uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    -- The number of the entry in the trail; null for a test.
    seq             bigint,
    action          text NOT NULL,
    body            text NOT NULL,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    -- How often it was begun to send it, since it was written or replayed.
    attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL,
    -- Until when it belongs to the worker that took it last.
    lease_until     timestamptz,
    -- Grows with every take; a worker may only finish the take whose number it knows.
    epoch           bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    created_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    CONSTRAINT webhook_deliveries_ended_has_a_time CHECK ((state = 'waiting') = (ended_at IS NULL))
);

-- An entry of the trail goes to an endpoint under one id.
CREATE UNIQUE INDEX webhook_deliveries_seq_key ON webhook_deliveries (endpoint_id, seq);
-- What the workers look for.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at) WHERE state = 'waiting';
-- Tests wait for nobody: they are looked for beside what rests.
CREATE INDEX webhook_deliveries_tests ON webhook_deliveries (endpoint_id) WHERE state = 'waiting' AND seq IS NULL;
-- What the page shows, and what is replayed: everything, or one state.
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (endpoint_id, number);
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (endpoint_id, state, number);
-- What is cleared away after a while.
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (ended_at) WHERE state <> 'waiting';

-- What came of each attempt to send one.
CREATE TABLE webhook_attempts (
    delivery_id uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    -- That of the delivery when it was taken, so that an attempt is noted once.
    epoch       bigint NOT NULL,
    at          timestamptz NOT NULL,
    duration_ms integer NOT NULL CHECK (duration_ms >= 0),
    -- The HTTP status; null where there was no answer.
    status      smallint,
    -- Why there was none.
    problem     text,
    -- How the answer begins, at most 1 KiB of it, as text.
    answer      text NOT NULL DEFAULT '' CHECK (octet_length(answer) <= 4096),
    PRIMARY KEY (delivery_id, epoch),
    CONSTRAINT webhook_attempts_came_to_something CHECK ((status IS NULL) <> (problem IS NULL))
);
