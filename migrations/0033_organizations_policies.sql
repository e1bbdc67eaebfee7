-- What an organization asks of its members beside their role. One without a row asks nothing.
CREATE TABLE organization_policies (
    organization_id    uuid PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    -- From when on every member needs a second factor.
    second_factor_from timestamptz,
    -- How old the last proof of who they are may be, and how long a session may lie unused; in seconds.
    session_age_s      integer CHECK (session_age_s > 0),
    session_idle_s     integer CHECK (session_idle_s > 0),
    -- By what a session may be begun; empty for everything.
    methods            text[] NOT NULL DEFAULT '{}',
    -- Whose addresses may be invited, in small letters; empty for every domain.
    domains            text[] NOT NULL DEFAULT '{}',
    changed_at         timestamptz NOT NULL,
    -- Grows with every change, so that nobody overwrites what they have not seen.
    version            bigint NOT NULL DEFAULT 1
);

ALTER TABLE organization_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_policies FORCE ROW LEVEL SECURITY;
-- A member is asked for it before they are let in.
CREATE POLICY organization_policies_read ON organization_policies FOR SELECT
    USING (organization_id = app_organization() OR app_site()
           OR EXISTS (SELECT FROM memberships m
                      WHERE m.organization_id = organization_policies.organization_id AND m.user_id = app_user()));
CREATE POLICY organization_policies_write ON organization_policies
    USING (organization_id = app_organization()) WITH CHECK (organization_id = app_organization());

-- Who has a role that every organization has, in the order of members.
CREATE INDEX role_assignments_by_built_in ON role_assignments (organization_id, built_in, user_id)
    WHERE built_in IS NOT NULL AND user_id IS NOT NULL;
