-- What usage costs, in the prices of whoever runs the site: so much of a currency for so many units, from a moment on that
-- is still to come when it is said. What has happened already never gets another price. One of nothing ends a price.
CREATE TABLE usage_prices (
    id         uuid PRIMARY KEY,
    -- As events of the ledger name them.
    provider   text NOT NULL CHECK (provider <> '' AND length(provider) <= 100),
    item       text NOT NULL CHECK (item <> '' AND length(item) <= 200),
    unit       text NOT NULL CHECK (unit <> '' AND length(unit) <= 40),
    currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Billionths of the currency's main unit, for so many units.
    price_nano bigint NOT NULL CHECK (price_nano >= 0),
    per        bigint NOT NULL CHECK (per > 0),
    valid_from timestamptz NOT NULL,
    set_at     timestamptz NOT NULL,
    CONSTRAINT usage_prices_come_ahead CHECK (valid_from > set_at)
);

CREATE UNIQUE INDEX usage_prices_key ON usage_prices (currency, provider, item, unit, valid_from);

CREATE TRIGGER usage_prices_only_grow BEFORE UPDATE OR DELETE ON usage_prices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_past();

-- What usage costs nothing in a month, in minor units of the currency that the plan is paid in.
ALTER TABLE plan_prices ADD COLUMN included_minor bigint NOT NULL DEFAULT 0 CHECK (included_minor >= 0);
ALTER TABLE plan_prices DISABLE TRIGGER plan_prices_only_grow;
UPDATE plan_prices p SET included_minor = given.minor * CASE p.currency WHEN 'JPY' THEN 150 ELSE 100 END
FROM (VALUES (2, 5), (3, 25), (4, 200)) AS given (plan, minor)
WHERE p.plan_version_id = ('01900000-0000-7000-8000-00000000000' || given.plan)::uuid
  AND p.currency IN ('EUR', 'USD', 'GBP', 'CHF', 'JPY');
ALTER TABLE plan_prices ENABLE TRIGGER plan_prices_only_grow;

-- Up to which number of the ledger usage was charged, or was not because it came to nothing. A stretch of numbers, not of
-- time: what is told late is in the next one, and nothing is in two or in none.
ALTER TABLE subscriptions ADD COLUMN usage_through bigint NOT NULL DEFAULT 0;

-- What was used before is charged to nobody.
ALTER TABLE subscriptions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE spend_journal NO FORCE ROW LEVEL SECURITY;
UPDATE subscriptions SET usage_through = (SELECT coalesce(max(number), 0) FROM spend_journal);
ALTER TABLE spend_journal FORCE ROW LEVEL SECURITY;
ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY;

-- The stretch that a change has charged: what is behind `usage_after`, up to `usage_through`. None where it charges no usage,
-- and where that came to less than nothing: then the next one begins where this one would have.
ALTER TABLE subscription_changes
    ADD COLUMN usage_after bigint,
    ADD COLUMN usage_through bigint,
    ADD CONSTRAINT subscription_changes_have_a_whole_stretch
        CHECK ((usage_after IS NULL) = (usage_through IS NULL) AND usage_after <= usage_through);

-- No number is charged by two.
CREATE UNIQUE INDEX subscription_changes_stretch_key ON subscription_changes (organization_id, usage_after)
    WHERE usage_through > usage_after;

-- What was used in a stretch, and what it costs: a row for each line of the invoice. It outlives the organization and its
-- ledger, as invoices do.
CREATE TABLE billing_usage (
    organization_id uuid NOT NULL,
    change_no       integer NOT NULL,
    position        integer NOT NULL CHECK (position > 0),
    provider        text NOT NULL,
    item            text NOT NULL,
    unit            text NOT NULL,
    -- Less than nothing where more was taken back than used.
    quantity        bigint NOT NULL CHECK (quantity <> 0),
    price_id        uuid NOT NULL REFERENCES usage_prices,
    -- In minor units of the price's currency.
    amount          bigint NOT NULL,
    PRIMARY KEY (organization_id, change_no, position),
    CONSTRAINT billing_usage_price_key UNIQUE (organization_id, change_no, price_id),
    FOREIGN KEY (organization_id, change_no) REFERENCES subscription_changes
);

CREATE TRIGGER billing_usage_only_grow BEFORE UPDATE OR DELETE ON billing_usage
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_past();

ALTER TABLE billing_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE billing_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY billing_usage_read ON billing_usage FOR SELECT USING (organization_id = app_organization() OR app_site());
CREATE POLICY billing_usage_write ON billing_usage
    USING (organization_id = app_organization()) WITH CHECK (organization_id = app_organization());

CREATE INDEX spend_journal_by_number ON spend_journal (organization_id, number);
