-- Entries that are older than the operator keeps them may go, but only under a checkpoint: the number and hash of the last
-- one that went, sealed with a key that is not in the database. The chain is checked from there on.
CREATE TABLE audit_checkpoints (
    chain  uuid PRIMARY KEY,
    seq    bigint NOT NULL CHECK (seq > 0),
    hash   bytea NOT NULL CHECK (length(hash) = 32),
    at     timestamptz NOT NULL,
    sealed bytea NOT NULL
);

-- Nobody changes the trail, and only a transaction that says it is the retention removes something.
CREATE FUNCTION audit_entries_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('app.audit_retention', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'entries of the audit trail are never changed' USING ERRCODE = 'restrict_violation';
END $$;

DROP TRIGGER audit_entries_only_grow ON audit_entries;
CREATE TRIGGER audit_entries_only_grow BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse_change();

-- And even that one only what a checkpoint stands for.
CREATE POLICY audit_entries_forget ON audit_entries FOR DELETE
    USING (app_site() AND current_setting('app.audit_retention', true) = 'on'
           AND seq <= (SELECT c.seq FROM audit_checkpoints c WHERE c.chain = audit_entries.chain));
