-- What was spent is written down whatever it comes to: a sum that is full stays full, and the ledger has every call.
CREATE FUNCTION spend_sum(had bigint, more bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN had = 9223372036854775807 OR more > 0 AND had > 9223372036854775807 - more THEN 9223372036854775807
    ELSE had + more
END;

-- How far ahead somebody has made organizations: each moves it on from now, or from where it is, by a day and a half.
CREATE TABLE organization_makers (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    until   timestamptz NOT NULL
);
