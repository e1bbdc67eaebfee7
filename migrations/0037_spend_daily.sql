-- What was spent, summed by day and dimension: written by the statement that writes the event, and by the one that corrects it.
CREATE TABLE spend_daily (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    day             date NOT NULL,
    -- A scope of budgets, or `provider`.
    dimension       text NOT NULL,
    -- Which one of it; empty for the organization.
    key             text NOT NULL,
    calls           bigint NOT NULL CHECK (calls >= 0),
    cost_nano       bigint NOT NULL,
    PRIMARY KEY (organization_id, dimension, day, key)
);

ALTER TABLE spend_daily ENABLE ROW LEVEL SECURITY;
ALTER TABLE spend_daily FORCE ROW LEVEL SECURITY;
CREATE POLICY spend_daily_read ON spend_daily FOR SELECT USING (organization_id = app_organization() OR app_site());
CREATE POLICY spend_daily_write ON spend_daily
    USING (organization_id = app_organization()) WITH CHECK (organization_id = app_organization());
