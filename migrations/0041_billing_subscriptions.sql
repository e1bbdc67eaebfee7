-- What each organization has taken. Whoever makes an organization begins one in the same transaction; one that was made by the
-- version before gets it when it is first asked for.
CREATE TABLE subscriptions (
    organization_id      uuid PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    -- By what it is paid.
    provider             text NOT NULL DEFAULT 'invoice' CHECK (provider <> ''),
    plan_version_id      uuid NOT NULL REFERENCES plan_versions,
    currency             text NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
    -- Seats beside those of the plan.
    extra_seats          bigint NOT NULL DEFAULT 0 CHECK (extra_seats >= 0),
    -- What the clocks of the organization showed when period 0 began.
    anchor               timestamp NOT NULL,
    period               integer NOT NULL DEFAULT 0 CHECK (period >= 0),
    period_from          timestamptz NOT NULL,
    period_until         timestamptz NOT NULL,
    -- What begins with the next period, where that is something else.
    next_plan_version_id uuid REFERENCES plan_versions,
    next_extra_seats     bigint CHECK (next_extra_seats >= 0),
    -- The number of its last change.
    changes              integer NOT NULL DEFAULT 0,
    FOREIGN KEY (plan_version_id, currency) REFERENCES plan_prices,
    FOREIGN KEY (next_plan_version_id, currency) REFERENCES plan_prices,
    CONSTRAINT subscriptions_period_goes_forward CHECK (period_from < period_until),
    CONSTRAINT subscriptions_next_is_whole CHECK ((next_plan_version_id IS NULL) = (next_extra_seats IS NULL))
);

CREATE INDEX subscriptions_by_end ON subscriptions (period_until, organization_id);

-- Each change of a subscription, from which every line of an invoice can be computed anew. It outlives the organization, as
-- the books do.
CREATE TABLE subscription_changes (
    organization_id uuid NOT NULL,
    no              integer NOT NULL CHECK (no >= 0),
    at              timestamptz NOT NULL,
    -- `began` with the organization; `started` a first period that costs something; `upgraded` within a period; `renewed` for
    -- the next one.
    kind            text NOT NULL CHECK (kind IN ('began', 'started', 'upgraded', 'renewed')),
    plan_version_id uuid NOT NULL REFERENCES plan_versions,
    currency        text NOT NULL,
    extra_seats     bigint NOT NULL,
    period          integer NOT NULL,
    period_from     timestamptz NOT NULL,
    period_until    timestamptz NOT NULL,
    PRIMARY KEY (organization_id, no)
);

CREATE TRIGGER subscription_changes_only_grow BEFORE UPDATE OR DELETE ON subscription_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_past();

-- To whom invoices are written.
CREATE TABLE billing_details (
    organization_id uuid PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    company         text NOT NULL DEFAULT '' CHECK (length(company) <= 200),
    address         text NOT NULL DEFAULT '' CHECK (length(address) <= 500),
    country         text NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z]{2})?$'),
    tax_id          text NOT NULL DEFAULT '' CHECK (length(tax_id) <= 40),
    email           text NOT NULL DEFAULT '' CHECK (length(email) <= 254),
    reference       text NOT NULL DEFAULT '' CHECK (length(reference) <= 100)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['subscriptions', 'subscription_changes', 'billing_details'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I FOR SELECT USING (organization_id = app_organization() OR app_site())',
                       name || '_read', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (organization_id = app_organization())
                        WITH CHECK (organization_id = app_organization())', name || '_write', name);
    END LOOP;
END $$;

-- Those that are there already begin now: nobody ends the months behind them, one after the other. In UTC, because what costs
-- nothing ends whenever it likes. Postgres knows no organization here, so its second wall is opened for the moment.
ALTER TABLE subscriptions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE subscription_changes NO FORCE ROW LEVEL SECURITY;
ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY;
INSERT INTO subscriptions (organization_id, plan_version_id, anchor, period_from, period_until)
SELECT id, '01900000-0000-7000-8000-000000000001', now() AT TIME ZONE 'UTC', now(),
       (now() AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC'
FROM organizations;
INSERT INTO subscription_changes
    (organization_id, no, at, kind, plan_version_id, currency, extra_seats, period, period_from, period_until)
SELECT organization_id, 0, period_from, 'began', plan_version_id, currency, extra_seats, period, period_from, period_until
FROM subscriptions;
ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY;
ALTER TABLE subscription_changes FORCE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
