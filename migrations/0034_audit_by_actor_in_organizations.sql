-- What somebody did in organizations, for the copy of their data: there are as many chains as organizations.
CREATE INDEX audit_entries_in_organizations_by_actor ON audit_entries (actor, chain, seq) WHERE organization_id IS NOT NULL;
