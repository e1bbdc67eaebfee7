-- Every slug that leads to an organization: the one it has, and for a while those it had, so that nobody else can stand where
-- somebody's links still lead. Whoever takes a slug writes it here first: of two at once one gets it.
CREATE TABLE organization_slugs (
    slug            text PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    -- Until when a former one leads there; null for the one it has.
    until           timestamptz
);

CREATE INDEX organization_slugs_by_organization ON organization_slugs (organization_id);

-- Who is invited into an organization and has not come yet.
CREATE TABLE organization_invitations (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    email           text NOT NULL,
    -- SHA-256 of the token in the letter.
    token_hash      bytea NOT NULL CHECK (length(token_hash) = 32),
    built_in        text CHECK (built_in IN ('OWNER', 'ADMIN', 'DEVELOPER', 'BILLING', 'VIEWER')),
    role_id         uuid,
    -- Whoever invites gives what they have: when they have it no more, the invitation is good for nothing.
    invited_by      uuid REFERENCES users ON DELETE SET NULL,
    created_at      timestamptz NOT NULL,
    sent_at         timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    CONSTRAINT organization_invitations_one_role CHECK (num_nonnulls(built_in, role_id) = 1),
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX organization_invitations_email_key ON organization_invitations (organization_id, lower(email));
CREATE UNIQUE INDEX organization_invitations_token_key ON organization_invitations (token_hash);
CREATE INDEX organization_invitations_by_email ON organization_invitations (lower(email));
CREATE INDEX organization_invitations_by_inviter ON organization_invitations (invited_by);
CREATE INDEX organization_invitations_by_role ON organization_invitations (organization_id, role_id)
    WHERE role_id IS NOT NULL;

-- The link that somebody shows: it opens its own row and no other.
CREATE FUNCTION app_invitation() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN decode(nullif(current_setting('app.invitation', true), ''), 'hex');

ALTER TABLE organization_slugs ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_slugs FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_slugs_read ON organization_slugs FOR SELECT
    USING (organization_id = app_organization() OR app_site()
           OR EXISTS (SELECT FROM memberships m
                      WHERE m.organization_id = organization_slugs.organization_id AND m.user_id = app_user()));
CREATE POLICY organization_slugs_write ON organization_slugs
    USING (organization_id = app_organization()) WITH CHECK (organization_id = app_organization());
CREATE POLICY organization_slugs_forget ON organization_slugs FOR DELETE USING (app_site() AND until IS NOT NULL);

ALTER TABLE organization_invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_invitations_read ON organization_invitations FOR SELECT
    USING (organization_id = app_organization() OR app_site() OR token_hash = app_invitation());
CREATE POLICY organization_invitations_write ON organization_invitations
    USING (organization_id = app_organization()) WITH CHECK (organization_id = app_organization());
CREATE POLICY organization_invitations_forget ON organization_invitations FOR DELETE USING (app_site());

-- In the list of one's organizations a role is told by its name.
CREATE POLICY roles_own ON roles FOR SELECT
    USING (EXISTS (SELECT FROM memberships m
                   WHERE m.organization_id = roles.organization_id AND m.user_id = app_user()));

-- Whoever checks or shortens the trail reads every chain; whoever only reads it on the site's pages sees the site's.
CREATE POLICY audit_entries_check ON audit_entries FOR SELECT
    USING (app_site() AND coalesce(current_setting('app.audit_check', true), '') = 'on');
