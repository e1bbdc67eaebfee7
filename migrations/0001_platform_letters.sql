-- Letters that wait to be delivered, written in the same transaction as the fact they tell of.
--
-- `sealed` holds recipient, subject and bodies, encrypted by the application: no address and no token is readable
-- here. It is emptied as soon as the letter has left or is given up.
CREATE TABLE letters (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind <> ''),
    sealed          bytea NOT NULL,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
    -- How often a delivery was begun.
    attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL,
    -- Until when the letter belongs to the worker that took it last.
    lease_until     timestamptz,
    -- Grows with every take; a worker may only finish the take whose number it knows.
    epoch           bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    created_at      timestamptz NOT NULL,
    sent_at         timestamptz,
    -- A short code such as `smtp 451`; never text of the receiving server, which quotes the address.
    last_problem    text,
    CONSTRAINT letters_sealed_only_while_waiting CHECK ((state = 'waiting') = (sealed <> ''::bytea)),
    CONSTRAINT letters_sent_has_a_time CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);

-- What the workers look for, and the depth of the queue.
CREATE INDEX letters_due ON letters (next_attempt_at) WHERE state = 'waiting';
-- What is cleared away after a while.
CREATE INDEX letters_finished ON letters (created_at) WHERE state <> 'waiting';
