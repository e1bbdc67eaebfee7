-- Invoices of Stripe's are frozen here as well. They have the number that Stripe gave them, and take none of ours: what a customer
-- finds there and here is one document, and whichever event comes first, it is the same one.
ALTER TABLE invoices ADD COLUMN provider_ref text CHECK (length(provider_ref) BETWEEN 1 AND 255);
-- Each once, however often it is told of.
CREATE UNIQUE INDEX invoices_provider_ref_key ON invoices (provider, provider_ref);

-- Numbers of ours are counted by kind and year; those of Stripe's are in a series of Stripe's own.
DROP INDEX invoices_number_key;
CREATE UNIQUE INDEX invoices_number_key ON invoices (number) WHERE provider_ref IS NULL;

ALTER TABLE invoices
    DROP CONSTRAINT invoices_come_of_something,
    ADD CONSTRAINT invoices_come_of_something CHECK (
        CASE WHEN kind = 'credit-note' THEN credits IS NOT NULL AND change_no IS NULL AND provider_ref IS NULL
             WHEN provider_ref IS NOT NULL THEN credits IS NULL AND change_no IS NULL
             ELSE credits IS NULL AND change_no IS NOT NULL END),
    DROP CONSTRAINT invoices_are_whole_when_issued,
    ADD CONSTRAINT invoices_are_whole_when_issued CHECK (
        CASE state WHEN 'draft' THEN num_nonnulls(number, year, running, issued_at, supplier, customer, net, tax, total) = 0
                   ELSE num_nulls(number, issued_at, supplier, customer, net, tax, total) = 0
                        AND num_nulls(year, running) = CASE WHEN provider_ref IS NULL THEN 0 ELSE 2 END END),
    DROP CONSTRAINT invoices_state_check,
    -- `uncollectible`: Stripe has given it up; it can still be paid, or be declared void.
    ADD CONSTRAINT invoices_state_check CHECK (
        state IN ('draft', 'open', 'paid', 'void', 'uncollectible', 'credited', 'issued'));

ALTER TABLE invoice_lines
    DROP CONSTRAINT invoice_lines_kind_check,
    -- `other`: what Stripe charges besides what is sold here.
    ADD CONSTRAINT invoice_lines_kind_check CHECK (
        kind IN ('plan', 'seats', 'unused', 'rest', 'usage', 'other', 'credit'));

CREATE OR REPLACE FUNCTION invoices_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change text[] := ARRAY['state', 'ended_at', 'paid_at', 'reference', 'overdue_told_at'];
    before jsonb := to_jsonb(OLD) - may_change;
    after jsonb := to_jsonb(NEW) - may_change;
BEGIN
    IF OLD.state <> 'draft' AND (before <> after OR NOT (
           NEW.state = OLD.state AND OLD.state IN ('open', 'issued')
           OR OLD.state = 'open' AND NEW.state IN ('paid', 'void', 'credited')
           -- What was paid can be taken back as well.
           OR OLD.state = 'paid' AND NEW.state IN ('paid', 'credited')
           -- What Stripe has given up can end in another way after all.
           OR OLD.provider_ref IS NOT NULL AND OLD.state IN ('open', 'uncollectible')
              AND NEW.state IN ('paid', 'void', 'uncollectible')))
    THEN
        RAISE EXCEPTION 'a document that is issued is never changed (% to %)', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.id, OLD.organization_id, OLD.kind) IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.kind) THEN
        RAISE EXCEPTION 'a document stays whose it is' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- What somebody wants of a way to pay, written down before it is asked of Stripe; gone once it is done. One thing at a time is
-- asked for an organization: of two who remove the last two, the second is told that there is only one.
CREATE TABLE stripe_method_acts (
    id                uuid PRIMARY KEY,
    organization_id   uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    kind              text NOT NULL CHECK (kind IN ('default', 'remove')),
    payment_method_id text NOT NULL CHECK (length(payment_method_id) BETWEEN 1 AND 255),
    asked_by          uuid NOT NULL,
    created_at        timestamptz NOT NULL,
    attempts          integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- When it is asked again, unless whoever asked it is answered before.
    next_attempt_at   timestamptz NOT NULL
);

CREATE UNIQUE INDEX stripe_method_acts_organization_key ON stripe_method_acts (organization_id);
CREATE INDEX stripe_method_acts_due ON stripe_method_acts (next_attempt_at, id);

ALTER TABLE stripe_method_acts ENABLE ROW LEVEL SECURITY;
ALTER TABLE stripe_method_acts FORCE ROW LEVEL SECURITY;
CREATE POLICY stripe_method_acts_read ON stripe_method_acts FOR SELECT
    USING (organization_id = app_organization() OR app_site());
CREATE POLICY stripe_method_acts_write ON stripe_method_acts
    USING (organization_id = app_organization()) WITH CHECK (organization_id = app_organization());
