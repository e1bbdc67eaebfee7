-- What happened, in chains: one for the site (organization null), one for each organization.
CREATE TABLE audit_entries (
    chain           uuid NOT NULL,
    seq             bigint NOT NULL,
    organization_id uuid,
    at              timestamptz NOT NULL,
    actor           uuid,
    action          text NOT NULL,
    target          text,
    -- `json`, not `jsonb`: the text that was hashed must come back byte for byte.
    detail          json NOT NULL,
    address         text NOT NULL,
    request_id      uuid NOT NULL,
    hash            bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (chain, seq)
);

CREATE INDEX audit_entries_by_actor ON audit_entries (chain, actor, seq DESC);
CREATE INDEX audit_entries_by_target ON audit_entries (chain, target, seq DESC);
CREATE INDEX audit_entries_by_action ON audit_entries (chain, action, seq DESC);
CREATE INDEX audit_entries_by_time ON audit_entries (chain, at);

-- The head of each chain. Whoever appends locks it, so that numbers have no gaps and each entry knows its predecessor.
CREATE TABLE audit_heads (
    chain uuid PRIMARY KEY,
    seq   bigint NOT NULL,
    hash  bytea NOT NULL CHECK (length(hash) = 32)
);

INSERT INTO audit_heads (chain, seq, hash)
VALUES ('00000000-0000-0000-0000-000000000000', 0, decode(repeat('00', 32), 'hex'));

-- The second wall: Postgres repeats the tenant rule. A transaction says whose rows it may touch (see access::Grant);
-- one that says nothing sees nothing.
CREATE FUNCTION app_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.organization_id', true), '')::uuid;

CREATE FUNCTION app_site() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('app.site', true), '') = 'on';

ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_entries_scope ON audit_entries
    USING (CASE WHEN organization_id IS NULL THEN app_site() ELSE organization_id = app_organization() END);

-- The trail only grows.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit trail are never changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_entries_only_grow BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
