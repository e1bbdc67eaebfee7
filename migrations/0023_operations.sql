-- Long work that goes on whatever process dies: a row for each operation. Whoever works on one holds it until
-- `lease_until` and knows its number (`epoch`); a step of anybody else does not count.
CREATE TABLE operations (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind <> ''),
    -- Who asked for it, and who alone may look at it, cancel it and try it again.
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- What it is done to.
    subject         uuid NOT NULL,
    state           text NOT NULL DEFAULT 'waiting'
                    CHECK (state IN ('waiting', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled')),
    -- What its steps are called. They are the row's own, so that a version with other steps leaves it alone.
    steps           text[] NOT NULL CHECK (cardinality(steps) > 0),
    -- How many of them are done.
    step            integer NOT NULL DEFAULT 0,
    -- How often the present one was begun.
    attempt         integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    next_attempt_at timestamptz NOT NULL,
    lease_until     timestamptz,
    epoch           bigint NOT NULL DEFAULT 0,
    -- Why the last attempt came to nothing: a short code.
    error           text,
    created_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    CONSTRAINT operations_step_is_one_of_them CHECK (step BETWEEN 0 AND cardinality(steps)),
    CONSTRAINT operations_succeed_with_every_step CHECK (state <> 'succeeded' OR step = cardinality(steps)),
    CONSTRAINT operations_fail_for_a_reason CHECK (state <> 'failed' OR error IS NOT NULL),
    CONSTRAINT operations_end_at_a_time
        CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
    CONSTRAINT operations_are_held_while_they_run
        CHECK (lease_until IS NULL OR state IN ('running', 'cancelling'))
);

-- One thing is changed by one operation at a time.
CREATE UNIQUE INDEX operations_one_at_a_time ON operations (subject) WHERE ended_at IS NULL;
-- What the workers look for.
CREATE INDEX operations_due ON operations (next_attempt_at) WHERE ended_at IS NULL;
CREATE INDEX operations_by_user ON operations (user_id, id);
-- What is forgotten after a while.
CREATE INDEX operations_ended ON operations (ended_at) WHERE ended_at IS NOT NULL;

-- From which state an operation goes into which. What has ended stays as it is, but for one that failed and is tried again.
CREATE FUNCTION operations_refuse_detours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.kind, NEW.user_id, NEW.subject, NEW.steps, NEW.created_at)
           IS DISTINCT FROM (OLD.id, OLD.kind, OLD.user_id, OLD.subject, OLD.steps, OLD.created_at)
       OR NEW.epoch < OLD.epoch OR NEW.step < OLD.step OR NEW.step > OLD.step + 1
       -- In parentheses, because the condition would end at the first THEN.
       OR NOT (CASE OLD.state
                   WHEN 'waiting' THEN NEW.state IN ('waiting', 'running', 'cancelling')
                   WHEN 'running' THEN NEW.state IN ('waiting', 'running', 'cancelling', 'succeeded', 'failed')
                   WHEN 'cancelling' THEN NEW.state IN ('cancelling', 'cancelled')
                   WHEN 'failed' THEN NEW.state = 'waiting'
                   ELSE false
               END)
    THEN
        RAISE EXCEPTION 'an operation does not go from % (step %) to % (step %)', OLD.state, OLD.step, NEW.state, NEW.step
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER operations_follow_their_states BEFORE UPDATE ON operations
    FOR EACH ROW EXECUTE FUNCTION operations_refuse_detours();

-- What happened to an operation, oldest first.
CREATE TABLE operation_log (
    operation_id uuid NOT NULL REFERENCES operations ON DELETE CASCADE,
    seq          integer NOT NULL,
    at           timestamptz NOT NULL,
    event        text NOT NULL CHECK (event IN
                     ('asked', 'begun', 'done', 'put-off', 'failed', 'retried', 'cancel-asked', 'cancelled')),
    -- Which step it was about, if any, and which attempt at it.
    step         text,
    attempt      integer NOT NULL,
    PRIMARY KEY (operation_id, seq)
);

-- Copies of what the site holds about somebody. A row is written with the last step of its operation: one that is here is
-- whole.
CREATE TABLE data_exports (
    operation_id uuid PRIMARY KEY REFERENCES operations ON DELETE CASCADE,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    bytes        bigint NOT NULL CHECK (bytes > 0),
    made_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);

CREATE INDEX data_exports_by_user ON data_exports (user_id, made_at);
CREATE INDEX data_exports_by_expiry ON data_exports (expires_at);

-- Their text in pieces, each sealed by the vault for its row; which piece of which copy it is, is sealed with it.
CREATE TABLE data_export_parts (
    id           uuid PRIMARY KEY,
    operation_id uuid NOT NULL REFERENCES operations ON DELETE CASCADE,
    position     integer NOT NULL CHECK (position >= 0),
    bytes        integer NOT NULL CHECK (bytes >= 0),
    sealed       bytea NOT NULL
);

CREATE UNIQUE INDEX data_export_parts_key ON data_export_parts (operation_id, position);
