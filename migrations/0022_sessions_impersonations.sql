-- Administrators who see the site as somebody else does. The session is the administrator's own and stays what it is: while a
-- row names it, requests with its cookie are answered as that person would be, and change nothing. Its end ends that.
CREATE TABLE impersonations (
    id               uuid PRIMARY KEY,
    -- Null once it is over.
    session_id       uuid REFERENCES sessions ON DELETE SET NULL,
    administrator_id uuid REFERENCES users ON DELETE SET NULL,
    user_id          uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    begun_at         timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL CHECK (expires_at <= begun_at + interval '30 minutes'),
    CHECK (administrator_id <> user_id)
);

-- Never one inside another.
CREATE UNIQUE INDEX impersonations_session_key ON impersonations (session_id);
CREATE INDEX impersonations_by_user ON impersonations (user_id);
CREATE INDEX impersonations_by_administrator ON impersonations (administrator_id);
