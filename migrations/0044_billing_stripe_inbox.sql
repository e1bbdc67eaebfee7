-- What Stripe told, and what Stripe says is true. An event is only a hint: which object to look at again.

-- One order for both: the number of an event that arrived, and of a look that is about to be taken. A look with a higher
-- number than an event was begun after the event was here, so it has seen what the event is about.
CREATE SEQUENCE stripe_order;

-- Events, each once, however often and on whichever way they come.
CREATE TABLE stripe_events (
    id              text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 255),
    number          bigint NOT NULL DEFAULT nextval('stripe_order'),
    kind            text NOT NULL CHECK (length(kind) <= 255),
    -- What it is about; empty where it has no name.
    object_kind     text NOT NULL CHECK (length(object_kind) <= 255),
    object_id       text NOT NULL CHECK (length(object_id) <= 255),
    -- As it came.
    body            text NOT NULL,
    -- By itself, or found in the list afterwards.
    came_by         text NOT NULL CHECK (came_by IN ('webhook', 'list')),
    created_at      timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'applied', 'covered', 'ignored', 'failed')),
    attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL,
    -- Until when it belongs to the worker that took it last.
    lease_until     timestamptz,
    -- Grows with every take; a worker may only finish the take whose number it knows.
    epoch           bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    ended_at        timestamptz,
    CONSTRAINT stripe_events_ended_has_a_time CHECK ((state = 'waiting') = (ended_at IS NULL))
);

-- What the workers look for, and what is cleared away after a while.
CREATE INDEX stripe_events_due ON stripe_events (next_attempt_at, number) WHERE state = 'waiting';
CREATE INDEX stripe_events_ended ON stripe_events (ended_at) WHERE state <> 'waiting';

-- Objects as Stripe described them when it was last asked.
CREATE TABLE stripe_objects (
    kind         text NOT NULL,
    id           text NOT NULL,
    state        jsonb NOT NULL,
    -- The number of the look that brought it; only a later look changes it.
    seen_as      bigint NOT NULL,
    fetched_at   timestamptz NOT NULL,
    -- Whose it is; null where it is nobody's any more.
    customer_id  text GENERATED ALWAYS AS (CASE kind WHEN 'customer' THEN id ELSE state ->> 'customer' END) STORED,
    -- The organization that a customer stands for, where it is one of ours.
    gatehouse_id uuid GENERATED ALWAYS AS (
        CASE WHEN kind = 'customer'
                  AND (state #>> '{metadata,gatehouse_id}') ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
             THEN (state #>> '{metadata,gatehouse_id}')::uuid END) STORED,
    PRIMARY KEY (kind, id)
);

-- What goes with a customer, and which customers go with an organization.
CREATE INDEX stripe_objects_by_customer ON stripe_objects (customer_id);
CREATE INDEX stripe_objects_by_organization ON stripe_objects (gatehouse_id) WHERE gatehouse_id IS NOT NULL;

-- How far the list of events has been compared with those that came.
CREATE TABLE stripe_reconciliation (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    -- Everything that was created before then is here; null before the first pass.
    through  timestamptz,
    next_at  timestamptz NOT NULL
);

INSERT INTO stripe_reconciliation (next_at) VALUES ('epoch');
