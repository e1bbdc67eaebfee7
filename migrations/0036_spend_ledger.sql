-- What things cost, and since when. A row is never changed; of two for the same moment the later written counts.
CREATE TABLE spend_prices (
    id              uuid PRIMARY KEY,
    number          bigint GENERATED ALWAYS AS IDENTITY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    provider        text NOT NULL CHECK (provider <> '' AND length(provider) <= 100),
    item            text NOT NULL CHECK (item <> '' AND length(item) <= 200),
    unit            text NOT NULL CHECK (unit <> '' AND length(unit) <= 40),
    -- So many nano-dollars for so many units.
    price_nano      bigint NOT NULL CHECK (price_nano >= 0),
    per             bigint NOT NULL CHECK (per > 0),
    effective_from  timestamptz NOT NULL,
    created_at      timestamptz NOT NULL
);

CREATE INDEX spend_prices_by_time ON spend_prices (organization_id, provider, item, unit, effective_from DESC, number DESC);

-- What happened, once for each name its client gave it.
CREATE TABLE spend_events (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    event_id        text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 200),
    number          bigint GENERATED ALWAYS AS IDENTITY,
    hold_id         uuid NOT NULL,
    -- `settled` by its client, `recorded` without a hold, or `expired`: settled at what was known.
    source          text NOT NULL CHECK (source IN ('settled', 'recorded', 'expired')),
    occurred_at     timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL,
    -- The day it counts in, in the zone that the organization had.
    day             date NOT NULL,
    provider        text NOT NULL,
    item            text NOT NULL,
    -- What was used; nothing at all where its client said what it cost.
    units           text[] NOT NULL,
    quantities      bigint[] NOT NULL,
    dimensions      text[] NOT NULL,
    keys            text[] NOT NULL,
    -- What it cost when it was noted; what it costs now is the sum of its entries.
    cost_nano       bigint NOT NULL CHECK (cost_nano >= 0),
    overrun_nano    bigint NOT NULL DEFAULT 0 CHECK (overrun_nano >= 0),
    PRIMARY KEY (organization_id, event_id),
    FOREIGN KEY (organization_id, hold_id) REFERENCES spend_holds (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX spend_events_by_item ON spend_events (organization_id, provider, item, occurred_at);
CREATE INDEX spend_events_by_hold ON spend_events (organization_id, hold_id);

-- The ledger. An entry is a group of lines that sum to nothing.
CREATE TABLE spend_journal (
    id              uuid PRIMARY KEY,
    number          bigint GENERATED ALWAYS AS IDENTITY,
    organization_id uuid NOT NULL,
    event_id        text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('usage', 'reversal', 'correction')),
    -- Which entry this one takes back.
    reverses        uuid REFERENCES spend_journal ON DELETE CASCADE,
    -- Whether there was a price for all of it.
    priced          boolean NOT NULL,
    at              timestamptz NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, event_id) REFERENCES spend_events (organization_id, event_id) ON DELETE CASCADE,
    CONSTRAINT spend_journal_reversal CHECK ((kind = 'reversal') = (reverses IS NOT NULL))
);

-- An event is booked once, and an entry is taken back once.
CREATE UNIQUE INDEX spend_journal_usage_key ON spend_journal (organization_id, event_id) WHERE kind = 'usage';
CREATE UNIQUE INDEX spend_journal_reversal_key ON spend_journal (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX spend_journal_by_event ON spend_journal (organization_id, event_id, number);

CREATE TABLE spend_entries (
    organization_id uuid NOT NULL,
    journal_id      uuid NOT NULL,
    account         text NOT NULL CHECK (account <> ''),
    amount_nano     bigint NOT NULL CHECK (amount_nano <> 0),
    PRIMARY KEY (journal_id, account),
    FOREIGN KEY (organization_id, journal_id) REFERENCES spend_journal (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX spend_entries_by_account ON spend_entries (organization_id, account);

-- By which prices an entry was rated.
CREATE TABLE spend_ratings (
    organization_id uuid NOT NULL,
    journal_id      uuid NOT NULL,
    line            smallint NOT NULL,
    unit            text NOT NULL,
    quantity        bigint NOT NULL CHECK (quantity >= 0),
    price_id        uuid REFERENCES spend_prices ON DELETE CASCADE,
    cost_nano       bigint NOT NULL CHECK (cost_nano >= 0),
    PRIMARY KEY (journal_id, line),
    FOREIGN KEY (organization_id, journal_id) REFERENCES spend_journal (organization_id, id) ON DELETE CASCADE
);

CREATE FUNCTION spend_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_nano) FROM spend_entries WHERE journal_id = NEW.journal_id) <> 0 THEN
        RAISE EXCEPTION 'the lines of a ledger entry sum to nothing' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER spend_entries_balance AFTER INSERT ON spend_entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION spend_entries_balance();

-- What is written stays, as long as there is the organization it was written for.
CREATE FUNCTION spend_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR EXISTS (SELECT FROM organizations WHERE id = OLD.organization_id) THEN
        RAISE EXCEPTION 'ledger, events and prices only grow' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['spend_prices', 'spend_events', 'spend_journal', 'spend_entries', 'spend_ratings'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION spend_refuse_change()',
                       name || '_only_grow', name);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I FOR SELECT USING (organization_id = app_organization() OR app_site())',
                       name || '_read', name);
        EXECUTE format('CREATE POLICY %I ON %I FOR INSERT WITH CHECK (organization_id = app_organization())',
                       name || '_write', name);
    END LOOP;
END $$;
