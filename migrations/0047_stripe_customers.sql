-- Plans that are paid at Stripe: which customer an organization is there, what its prices are called, and what is asked of it.

-- The customer that an organization is. It outlives the organization, as the two ids of the customer do: what Stripe goes on
-- charging must be found to be ended.
CREATE TABLE stripe_customers (
    organization_id uuid PRIMARY KEY,
    customer_id     text NOT NULL CHECK (length(customer_id) BETWEEN 1 AND 255),
    -- What it pays for at present.
    subscription_id text CHECK (length(subscription_id) BETWEEN 1 AND 255),
    created_at      timestamptz NOT NULL
);

CREATE UNIQUE INDEX stripe_customers_customer_key ON stripe_customers (customer_id);
CREATE UNIQUE INDEX stripe_customers_subscription_key ON stripe_customers (subscription_id);

-- What a plan, or one more seat of it, is called at Stripe. A version never changes, and neither does its price there.
CREATE TABLE stripe_prices (
    plan_version_id uuid NOT NULL,
    currency        text NOT NULL,
    part            text NOT NULL CHECK (part IN ('plan', 'seat')),
    price_id        text NOT NULL CHECK (length(price_id) BETWEEN 1 AND 255),
    PRIMARY KEY (plan_version_id, currency, part),
    FOREIGN KEY (plan_version_id, currency) REFERENCES plan_prices
);

CREATE UNIQUE INDEX stripe_prices_price_key ON stripe_prices (price_id);

-- What is to be done at Stripe, written down before it is asked: whoever finds one that was asked and has not ended asks once
-- more, under the same key.
CREATE TABLE stripe_intents (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    kind            text NOT NULL
                    CHECK (kind IN ('customer', 'checkout', 'change', 'schedule', 'end', 'keep', 'stop')),
    -- Everything that is asked, so that it is the same at every try.
    wish            jsonb NOT NULL,
    state           text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'done', 'refused')),
    -- What came of it: the name of an object, or why not.
    subject         text CHECK (length(subject) <= 255),
    problem         text CHECK (length(problem) <= 200),
    -- Whose wish it was; null for the process itself.
    asked_by        uuid,
    created_at      timestamptz NOT NULL,
    attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL,
    -- Until when it belongs to whoever asks at present.
    lease_until     timestamptz,
    -- Grows with every take; only the last one may end it.
    epoch           bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    ended_at        timestamptz,
    CONSTRAINT stripe_intents_ended_has_a_time CHECK ((state = 'asked') = (ended_at IS NULL))
);

-- One thing at a time is asked for an organization. A customer is made beside that.
CREATE UNIQUE INDEX stripe_intents_open_key ON stripe_intents (organization_id, (kind = 'customer')) WHERE state = 'asked';
CREATE INDEX stripe_intents_due ON stripe_intents (next_attempt_at, id) WHERE state = 'asked';
CREATE INDEX stripe_intents_by_organization ON stripe_intents (organization_id, ended_at);
CREATE INDEX stripe_intents_ended ON stripe_intents (ended_at) WHERE state <> 'asked';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['stripe_customers', 'stripe_intents'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I FOR SELECT USING (organization_id = app_organization() OR app_site())',
                       name || '_read', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (organization_id = app_organization())
                        WITH CHECK (organization_id = app_organization())', name || '_write', name);
    END LOOP;
END $$;
