-- Whoever acts leaves an entry in the site's trail; reading it back is for those who may, and for the process itself:
-- `app.site` is 'on' for them, and 'write' for everybody else who acts (see access::SiteRows).
DROP POLICY audit_entries_scope ON audit_entries;

CREATE POLICY audit_entries_read ON audit_entries FOR SELECT
    USING (CASE WHEN organization_id IS NULL THEN app_site() ELSE organization_id = app_organization() END);
CREATE POLICY audit_entries_write ON audit_entries FOR INSERT
    WITH CHECK (CASE WHEN organization_id IS NULL THEN app_site() OR current_setting('app.site', true) = 'write'
                     ELSE organization_id = app_organization() END);
