-- Organizations: whose everything is. A person has one of their own from the beginning and may belong to others.
CREATE TABLE organizations (
    id          uuid PRIMARY KEY,
    -- The name in addresses.
    slug        text NOT NULL CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 100),
    -- Whose own it is. It cannot be left, given away or deleted while they have an account.
    personal_of uuid REFERENCES users ON DELETE SET NULL,
    -- In whose months and days it counts.
    time_zone   text NOT NULL DEFAULT 'UTC',
    created_at  timestamptz NOT NULL,
    -- When it is deleted, once an owner has asked for that. Until then it can only be read, and kept.
    deletes_at  timestamptz
);

CREATE UNIQUE INDEX organizations_slug_key ON organizations (slug);
CREATE UNIQUE INDEX organizations_personal_key ON organizations (personal_of);
CREATE INDEX organizations_by_deletion ON organizations (deletes_at) WHERE deletes_at IS NOT NULL;

CREATE TABLE memberships (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    joined_at       timestamptz NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);

CREATE INDEX memberships_by_user ON memberships (user_id, organization_id);

-- Groups stand in a tree. Whoever is in a group has what was given to it and to every group above it.
CREATE TABLE groups (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    parent_id       uuid,
    name            text NOT NULL CHECK (name <> '' AND length(name) <= 100),
    created_at      timestamptz NOT NULL,
    UNIQUE (organization_id, id),
    CONSTRAINT groups_parent FOREIGN KEY (organization_id, parent_id) REFERENCES groups (organization_id, id),
    CONSTRAINT groups_not_in_itself CHECK (parent_id <> id)
);

-- Two of one name beside each other could not be told apart.
CREATE UNIQUE INDEX groups_name_key ON groups (organization_id, parent_id, lower(name)) NULLS NOT DISTINCT;

CREATE TABLE group_members (
    organization_id uuid NOT NULL,
    group_id        uuid NOT NULL,
    user_id         uuid NOT NULL,
    PRIMARY KEY (group_id, user_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE,
    -- Whoever leaves the organization leaves its groups.
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id) ON DELETE CASCADE
);

CREATE INDEX group_members_by_user ON group_members (organization_id, user_id);

-- Roles that an organization has made for itself. Those that every organization has are known to the program.
CREATE TABLE roles (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL CHECK (name <> '' AND length(name) <= 60),
    description     text NOT NULL DEFAULT '' CHECK (length(description) <= 200),
    -- `resource:verb`. A name that the program does not know any more allows nothing.
    permissions     text[] NOT NULL,
    created_at      timestamptz NOT NULL,
    -- Grows with every change, so that nobody overwrites what they have not seen.
    version         bigint NOT NULL DEFAULT 1,
    UNIQUE (organization_id, id)
);

CREATE UNIQUE INDEX roles_name_key ON roles (organization_id, lower(name));

-- Who has which role: a member, or a group and all who are in it or below it.
CREATE TABLE role_assignments (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    built_in        text CHECK (built_in IN ('OWNER', 'ADMIN', 'DEVELOPER', 'BILLING', 'VIEWER')),
    role_id         uuid,
    user_id         uuid,
    group_id        uuid,
    assigned_at     timestamptz NOT NULL,
    CONSTRAINT role_assignments_one_role CHECK (num_nonnulls(built_in, role_id) = 1),
    CONSTRAINT role_assignments_one_subject CHECK (num_nonnulls(user_id, group_id) = 1),
    -- An owner is a person: a group could lose its last member by another road.
    CONSTRAINT role_assignments_owners_are_people CHECK (built_in <> 'OWNER' OR group_id IS NULL),
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX role_assignments_key
    ON role_assignments (organization_id, user_id, group_id, built_in, role_id) NULLS NOT DISTINCT;
CREATE INDEX role_assignments_by_group ON role_assignments (organization_id, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX role_assignments_by_role ON role_assignments (organization_id, role_id) WHERE role_id IS NOT NULL;

-- The second wall. A person sees the organizations they belong to; everything else belongs to the one organization that a
-- transaction acts in; the site's own work sees all.
CREATE FUNCTION app_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.user_id', true), '')::uuid;

ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships FORCE ROW LEVEL SECURITY;
CREATE POLICY memberships_read ON memberships FOR SELECT
    USING (organization_id = app_organization() OR user_id = app_user() OR app_site());
CREATE POLICY memberships_write ON memberships
    USING (organization_id = app_organization()) WITH CHECK (organization_id = app_organization());

ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations_read ON organizations FOR SELECT
    USING (id = app_organization() OR app_site()
           OR EXISTS (SELECT FROM memberships m WHERE m.organization_id = id AND m.user_id = app_user()));
CREATE POLICY organizations_write ON organizations
    USING (id = app_organization()) WITH CHECK (id = app_organization());

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['groups', 'group_members', 'roles', 'role_assignments'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I FOR SELECT USING (organization_id = app_organization() OR app_site())',
                       name || '_read', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (organization_id = app_organization())
                        WITH CHECK (organization_id = app_organization())', name || '_write', name);
    END LOOP;
END $$;
-- What one has oneself, in the list of one's organizations.
CREATE POLICY role_assignments_own ON role_assignments FOR SELECT USING (user_id = app_user());
