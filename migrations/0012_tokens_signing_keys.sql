-- The keys that sign access tokens (ES256). A key signs from `signs_from` until the next one does; it stays published
-- until every token it signed has expired, and is then deleted.
CREATE TABLE signing_keys (
    id         uuid PRIMARY KEY,
    -- The uncompressed point on P-256, without its leading 4.
    public_x   bytea NOT NULL CHECK (length(public_x) = 32),
    public_y   bytea NOT NULL CHECK (length(public_y) = 32),
    -- PKCS #8, sealed by the vault for this very row.
    sealed     bytea NOT NULL,
    created_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL
);

CREATE INDEX signing_keys_by_turn ON signing_keys (signs_from DESC, id DESC);
