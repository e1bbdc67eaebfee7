-- What is on offer. A plan has versions, each from some day on; none of them ever changes, so that what somebody has taken
-- stays as it was. A new price or limit is a new version.
CREATE TABLE plan_versions (
    id         uuid PRIMARY KEY,
    plan       text NOT NULL CHECK (plan ~ '^[A-Z][A-Z0-9_]{0,30}$'),
    title      text NOT NULL CHECK (title <> ''),
    lead       text NOT NULL DEFAULT '',
    -- In which order they are shown.
    rank       integer NOT NULL,
    valid_from timestamptz NOT NULL
);

CREATE UNIQUE INDEX plan_versions_key ON plan_versions (plan, valid_from);

-- What a month costs, in minor units. A plan without a price in a currency is not on offer in it.
CREATE TABLE plan_prices (
    plan_version_id uuid NOT NULL REFERENCES plan_versions,
    currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    month_minor     bigint NOT NULL CHECK (month_minor >= 0),
    -- What one more seat costs; null where there are no more.
    seat_minor      bigint CHECK (seat_minor > 0),
    PRIMARY KEY (plan_version_id, currency)
);

-- What it gives: a number, a switch (1 or 0), or nano-dollars of usage in a month. Null is no limit; what is not named is
-- not given.
CREATE TABLE plan_entitlements (
    plan_version_id uuid NOT NULL REFERENCES plan_versions,
    entitlement     text NOT NULL CHECK (entitlement ~ '^[a-z][a-z-]*$'),
    amount          bigint CHECK (amount >= 0),
    PRIMARY KEY (plan_version_id, entitlement)
);

CREATE FUNCTION refuse_another_past() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed: write new ones', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER plan_versions_only_grow BEFORE UPDATE OR DELETE ON plan_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_past();
CREATE TRIGGER plan_prices_only_grow BEFORE UPDATE OR DELETE ON plan_prices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_past();
CREATE TRIGGER plan_entitlements_only_grow BEFORE UPDATE OR DELETE ON plan_entitlements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_past();

INSERT INTO plan_versions (id, plan, title, lead, rank, valid_from) VALUES
    ('01900000-0000-7000-8000-000000000001', 'FREE', 'Free', 'For a few people who begin with it.', 10, '2000-01-01T00:00:00Z'),
    ('01900000-0000-7000-8000-000000000002', 'PRO', 'Pro', 'For people who work with it every day.', 20, '2000-01-01T00:00:00Z'),
    ('01900000-0000-7000-8000-000000000003', 'TEAM', 'Team', 'For several teams beside each other.', 30, '2000-01-01T00:00:00Z'),
    ('01900000-0000-7000-8000-000000000004', 'ENTERPRISE', 'Enterprise', 'For a company: as many as there are.', 40, '2000-01-01T00:00:00Z');

INSERT INTO plan_prices (plan_version_id, currency, month_minor, seat_minor)
SELECT ('01900000-0000-7000-8000-00000000000' || plan)::uuid, currency, month, seat
FROM (VALUES
    (1, 'EUR', 0, NULL), (1, 'USD', 0, NULL), (1, 'GBP', 0, NULL), (1, 'CHF', 0, NULL), (1, 'JPY', 0, NULL),
    (2, 'EUR', 1900, 600), (2, 'USD', 1900, 600), (2, 'GBP', 1700, 500), (2, 'CHF', 1900, 600), (2, 'JPY', 2900, 900),
    (3, 'EUR', 7900, 800), (3, 'USD', 7900, 800), (3, 'GBP', 6900, 700), (3, 'CHF', 7900, 800), (3, 'JPY', 12000, 1200),
    (4, 'EUR', 49900, NULL), (4, 'USD', 49900, NULL), (4, 'GBP', 43900, NULL), (4, 'CHF', 49900, NULL),
    (4, 'JPY', 75000, NULL)
) AS price (plan, currency, month, seat);

INSERT INTO plan_entitlements (plan_version_id, entitlement, amount)
SELECT ('01900000-0000-7000-8000-00000000000' || plan)::uuid, entitlement, amount
FROM (VALUES
    (1, 'seats', 25::bigint), (2, 'seats', 50), (3, 'seats', 200), (4, 'seats', NULL),
    (1, 'groups', 100), (2, 'groups', 500), (3, 'groups', 5000), (4, 'groups', NULL),
    (1, 'custom-roles', 10), (2, 'custom-roles', 50), (3, 'custom-roles', 100), (4, 'custom-roles', NULL),
    (1, 'budgets', 20), (2, 'budgets', 200), (3, 'budgets', 500), (4, 'budgets', NULL),
    (1, 'api-tokens', 25), (2, 'api-tokens', 100), (3, 'api-tokens', 1000), (4, 'api-tokens', NULL),
    (1, 'retention-days', 30), (2, 'retention-days', 90), (3, 'retention-days', 365), (4, 'retention-days', NULL),
    (1, 'own-sign-in', 0), (2, 'own-sign-in', 1), (3, 'own-sign-in', 1), (4, 'own-sign-in', 1),
    (1, 'included-usage', 0), (2, 'included-usage', 5000000000), (3, 'included-usage', 25000000000),
    (4, 'included-usage', 200000000000)
) AS given (plan, entitlement, amount);
