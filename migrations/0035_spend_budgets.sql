-- What may be spent. Amounts are whole nano-dollars (billionths of a US dollar).
CREATE TABLE spend_budgets (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    -- Whose calls are counted: all of those with this key in this dimension.
    scope           text NOT NULL
                    CHECK (scope IN ('organization', 'workspace', 'project', 'group', 'person', 'token', 'tag', 'model')),
    subject         text NOT NULL CHECK (length(subject) <= 100),
    period          text NOT NULL CHECK (period IN ('month', 'day', 'rolling')),
    rolling_days    integer CHECK (rolling_days BETWEEN 1 AND 366),
    cap_nano        bigint NOT NULL CHECK (cap_nano >= 0),
    warn_at         smallint[] NOT NULL,
    action          text NOT NULL CHECK (action IN ('block', 'throttle', 'notify')),
    created_at      timestamptz NOT NULL,
    -- One that was removed admits and refuses nothing; what was counted by it stays.
    removed_at      timestamptz,
    -- The last warning that was given, in per cent, and in which window; so that each is given once per crossing.
    warned          smallint NOT NULL DEFAULT 0,
    warned_on       date,
    -- The window in which a first refusal was told.
    refused_on      date,
    UNIQUE (organization_id, id),
    CONSTRAINT spend_budgets_subject CHECK ((scope = 'organization') = (subject = '')),
    CONSTRAINT spend_budgets_rolling CHECK ((period = 'rolling') = (rolling_days IS NOT NULL))
);

CREATE UNIQUE INDEX spend_budgets_key ON spend_budgets (organization_id, scope, subject, period) WHERE removed_at IS NULL;

-- What was counted in each window of a budget. Windows have the name of their first day in the zone of the organization, so
-- that a change of the zone begins none anew. Whoever changes one holds its budget.
CREATE TABLE spend_windows (
    organization_id uuid NOT NULL,
    budget_id       uuid NOT NULL,
    starts_on       date NOT NULL,
    spent_nano      bigint NOT NULL DEFAULT 0,
    held_nano       bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (budget_id, starts_on),
    FOREIGN KEY (organization_id, budget_id) REFERENCES spend_budgets (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT spend_windows_held CHECK (held_nano >= 0)
);

-- The most that a call can cost, until it is known what it did.
CREATE TABLE spend_holds (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    -- The name its client gave it: asking again answers the same hold.
    request_id      text NOT NULL CHECK (length(request_id) BETWEEN 1 AND 200),
    -- A call; or a slice, from which one process admits calls.
    kind            text NOT NULL DEFAULT 'call' CHECK (kind IN ('call', 'slice')),
    state           text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'settled', 'released', 'expired')),
    amount_nano     bigint NOT NULL CHECK (amount_nano >= 0),
    -- What of it has been used by calls of a slice.
    used_nano       bigint NOT NULL DEFAULT 0 CHECK (used_nano BETWEEN 0 AND amount_nano),
    -- Whose it is, frozen: each dimension with its key.
    dimensions      text[] NOT NULL,
    keys            text[] NOT NULL,
    provider        text NOT NULL DEFAULT '',
    item            text NOT NULL DEFAULT '',
    -- When it was sent on, and what it costs from then on at least.
    dispatched_at   timestamptz,
    known_nano      bigint CHECK (known_nano > 0),
    created_at      timestamptz NOT NULL,
    -- By the clock of the database.
    expires_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    UNIQUE (organization_id, id),
    CONSTRAINT spend_holds_dispatched CHECK ((dispatched_at IS NULL) = (known_nano IS NULL)),
    CONSTRAINT spend_holds_ended CHECK ((state = 'held') = (ended_at IS NULL))
);

CREATE UNIQUE INDEX spend_holds_request_key ON spend_holds (organization_id, request_id);
CREATE INDEX spend_holds_due ON spend_holds (expires_at) WHERE state = 'held';
CREATE INDEX spend_holds_open ON spend_holds (organization_id) WHERE state = 'held';

-- The windows that a hold counts in.
CREATE TABLE spend_hold_parts (
    organization_id uuid NOT NULL,
    hold_id         uuid NOT NULL,
    budget_id       uuid NOT NULL,
    starts_on       date NOT NULL,
    PRIMARY KEY (hold_id, budget_id),
    FOREIGN KEY (organization_id, hold_id) REFERENCES spend_holds (organization_id, id) ON DELETE CASCADE
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['spend_budgets', 'spend_windows', 'spend_holds', 'spend_hold_parts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I FOR SELECT USING (organization_id = app_organization() OR app_site())',
                       name || '_read', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (organization_id = app_organization())
                        WITH CHECK (organization_id = app_organization())', name || '_write', name);
    END LOOP;
END $$;
