-- An organization of their own for everybody who has an account already; whoever comes later gets theirs with the account.
-- The owner of the tables writes here, for once past row-level security.
ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE organization_slugs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE memberships NO FORCE ROW LEVEL SECURITY;
ALTER TABLE role_assignments NO FORCE ROW LEVEL SECURITY;

INSERT INTO organization_slugs (slug, organization_id)
SELECT slug, id FROM organizations ON CONFLICT DO NOTHING;

-- The id begins with the moment of the account, as a UUIDv7 does. The slug is what stands before the @, and something of the
-- id, so that no two are the same and none is a reserved word.
INSERT INTO organizations (id, slug, name, personal_of, created_at)
SELECT (substr(u.hex, 1, 13) || substr(u.chance, 1, 3) || '8' || substr(u.chance, 4, 15))::uuid,
       coalesce(nullif(rtrim(left(u.word, 30), '-'), ''), 'person') || '-' || substr(u.mark, 1, 8),
       left(coalesce(nullif(u.display_name, ''), split_part(u.email, '@', 1)), 100),
       u.id, now()
FROM (SELECT id, email, display_name, replace(id::text, '-', '') AS hex, md5(random()::text || id::text) AS chance,
             md5(id::text) AS mark,
             trim(BOTH '-' FROM regexp_replace(lower(split_part(email, '@', 1)), '[^a-z0-9]+', '-', 'g')) AS word
      FROM users WHERE email_verified_at IS NOT NULL) u;

INSERT INTO organization_slugs (slug, organization_id)
SELECT slug, id FROM organizations WHERE personal_of IS NOT NULL ON CONFLICT DO NOTHING;

INSERT INTO memberships (organization_id, user_id, joined_at)
SELECT id, personal_of, created_at FROM organizations WHERE personal_of IS NOT NULL;

INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at)
SELECT id, 'OWNER', personal_of, created_at FROM organizations WHERE personal_of IS NOT NULL;

INSERT INTO audit_heads (chain, seq, hash)
SELECT id, 0, decode(repeat('00', 32), 'hex') FROM organizations ON CONFLICT DO NOTHING;

-- What waits for the end of the transaction would keep the tables from being changed.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
ALTER TABLE organization_slugs FORCE ROW LEVEL SECURITY;
ALTER TABLE memberships FORCE ROW LEVEL SECURITY;
ALTER TABLE role_assignments FORCE ROW LEVEL SECURITY;
