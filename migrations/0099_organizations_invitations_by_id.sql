-- The list of those who wait in an organization, the newest first, without those of all others.
CREATE INDEX organization_invitations_by_organization ON organization_invitations (organization_id, id);
