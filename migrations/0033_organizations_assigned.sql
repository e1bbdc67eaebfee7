-- Who has a role, in the order of their ids: groups, and the roles of an organization's own.
CREATE INDEX role_assignments_by_built_in_to_groups ON role_assignments (organization_id, built_in, group_id)
    WHERE built_in IS NOT NULL AND group_id IS NOT NULL;
CREATE INDEX role_assignments_by_role_to_members ON role_assignments (organization_id, role_id, user_id)
    WHERE role_id IS NOT NULL AND user_id IS NOT NULL;
CREATE INDEX role_assignments_by_role_to_groups ON role_assignments (organization_id, role_id, group_id)
    WHERE role_id IS NOT NULL AND group_id IS NOT NULL;
