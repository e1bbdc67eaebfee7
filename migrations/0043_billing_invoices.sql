-- Invoices and credit notes. A draft has lines and no number; what is issued never changes but for how it ends. They outlive
-- the organization, as books do.
CREATE TABLE invoices (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('invoice', 'credit-note')),
    state           text NOT NULL DEFAULT 'draft'
                    CHECK (state IN ('draft', 'open', 'paid', 'void', 'credited', 'issued')),
    provider        text NOT NULL,
    -- Of which change of the subscription it comes, or of which invoice it takes back something.
    change_no       integer,
    credits         uuid,
    reason          text CHECK (length(reason) <= 200),
    currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    created_at      timestamptz NOT NULL,
    -- Since it is issued.
    number          text,
    year            integer,
    running         integer,
    issued_at       timestamptz,
    -- From when on it is overdue: the midnight after the last day to pay.
    due_at          timestamptz,
    -- When the customer got a letter about it; null where another one had come just before.
    told_at         timestamptz,
    supplier        jsonb,
    customer        jsonb,
    net             bigint,
    tax             bigint,
    total           bigint,
    -- Since it has ended.
    ended_at        timestamptz,
    -- Since it was paid, also where that was taken back since; the reference is that of the payment.
    paid_at         timestamptz,
    reference       text CHECK (length(reference) <= 200),
    -- When the customer was told that it should have been paid.
    overdue_told_at timestamptz,
    -- Lines, taxes and credit notes are those of one tenant.
    CONSTRAINT invoices_tenant_key UNIQUE (id, organization_id),
    CONSTRAINT invoices_credit_their_own FOREIGN KEY (credits, organization_id) REFERENCES invoices (id, organization_id),
    CONSTRAINT invoices_come_of_something CHECK (
        CASE kind WHEN 'invoice' THEN change_no IS NOT NULL AND credits IS NULL
                  ELSE credits IS NOT NULL AND change_no IS NULL END),
    CONSTRAINT invoices_are_whole_when_issued CHECK (
        CASE state WHEN 'draft' THEN num_nonnulls(number, year, running, issued_at, supplier, customer, net, tax, total) = 0
                   ELSE num_nulls(number, year, running, issued_at, supplier, customer, net, tax, total) = 0 END),
    CONSTRAINT invoices_add_up CHECK (net + tax = total),
    CONSTRAINT invoices_have_states_of_their_kind CHECK (
        state = 'draft' OR (kind = 'credit-note') = (state = 'issued'))
);

CREATE UNIQUE INDEX invoices_number_key ON invoices (number);
CREATE UNIQUE INDEX invoices_running_key ON invoices (kind, year, running);
-- A change of a subscription is charged once.
CREATE UNIQUE INDEX invoices_change_key ON invoices (organization_id, change_no);
CREATE INDEX invoices_by_organization ON invoices (organization_id, issued_at DESC, id DESC);
CREATE INDEX invoices_by_time ON invoices (issued_at DESC, id DESC);
CREATE INDEX invoices_drafts ON invoices (created_at, organization_id, change_no) WHERE state = 'draft';
CREATE INDEX invoices_owed ON invoices (due_at, id) WHERE state = 'open' AND overdue_told_at IS NULL;
CREATE INDEX invoices_by_credited ON invoices (credits) WHERE credits IS NOT NULL;

CREATE TABLE invoice_lines (
    invoice_id      uuid NOT NULL,
    organization_id uuid NOT NULL,
    position        integer NOT NULL CHECK (position > 0),
    kind            text NOT NULL CHECK (kind IN ('plan', 'seats', 'unused', 'rest', 'usage', 'credit')),
    description     text NOT NULL CHECK (description <> ''),
    quantity        bigint NOT NULL,
    unit            bigint,
    amount          bigint NOT NULL,
    covers_from     timestamptz,
    covers_until    timestamptz,
    PRIMARY KEY (invoice_id, position),
    FOREIGN KEY (invoice_id, organization_id) REFERENCES invoices (id, organization_id),
    CONSTRAINT invoice_lines_multiply CHECK (unit IS NULL OR unit * quantity = amount),
    CONSTRAINT invoice_lines_cover_a_span CHECK ((covers_from IS NULL) = (covers_until IS NULL))
);

CREATE TABLE invoice_taxes (
    invoice_id      uuid NOT NULL,
    organization_id uuid NOT NULL,
    position        integer NOT NULL CHECK (position > 0),
    name            text NOT NULL,
    rate            integer NOT NULL,
    base            bigint NOT NULL,
    amount          bigint NOT NULL,
    note            text,
    PRIMARY KEY (invoice_id, position),
    FOREIGN KEY (invoice_id, organization_id) REFERENCES invoices (id, organization_id)
);

-- The last number of each kind and year. Whoever issues a document holds the row until the end of the transaction, so that
-- a number that comes to nothing is given to the next one.
CREATE TABLE invoice_numbers (
    kind text NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (kind, year)
);

-- What is issued stays as it is.
CREATE FUNCTION invoices_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change text[] := ARRAY['state', 'ended_at', 'paid_at', 'reference', 'overdue_told_at'];
    before jsonb := to_jsonb(OLD) - may_change;
    after jsonb := to_jsonb(NEW) - may_change;
BEGIN
    IF OLD.state <> 'draft' AND (before <> after OR NOT (
           NEW.state = OLD.state AND OLD.state IN ('open', 'issued')
           OR OLD.state = 'open' AND NEW.state IN ('paid', 'void', 'credited')
           -- What was paid can be taken back as well.
           OR OLD.state = 'paid' AND NEW.state IN ('paid', 'credited')))
    THEN
        RAISE EXCEPTION 'a document that is issued is never changed (% to %)', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.id, OLD.organization_id, OLD.kind) IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.kind) THEN
        RAISE EXCEPTION 'a document stays whose it is' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoices_stay_as_issued BEFORE UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION invoices_stay();
CREATE TRIGGER invoices_are_kept BEFORE DELETE ON invoices FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_past();

CREATE FUNCTION invoice_parts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM invoices WHERE id = NEW.invoice_id AND state <> 'draft') THEN
        RAISE EXCEPTION 'a document that is issued gets no other parts' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoice_lines_come_before BEFORE INSERT ON invoice_lines FOR EACH ROW EXECUTE FUNCTION invoice_parts_stay();
CREATE TRIGGER invoice_taxes_come_before BEFORE INSERT ON invoice_taxes FOR EACH ROW EXECUTE FUNCTION invoice_parts_stay();
CREATE TRIGGER invoice_lines_only_grow BEFORE UPDATE OR DELETE ON invoice_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_past();
CREATE TRIGGER invoice_taxes_only_grow BEFORE UPDATE OR DELETE ON invoice_taxes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_past();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['invoices', 'invoice_lines', 'invoice_taxes'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I FOR SELECT USING (organization_id = app_organization() OR app_site())',
                       name || '_read', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (organization_id = app_organization())
                        WITH CHECK (organization_id = app_organization())', name || '_write', name);
    END LOOP;
END $$;
-- A file is named by its document alone: whoever belongs to the organization finds out whose it is.
CREATE POLICY invoices_of_mine ON invoices FOR SELECT
    USING (EXISTS (SELECT FROM memberships m WHERE m.organization_id = invoices.organization_id AND m.user_id = app_user()));
