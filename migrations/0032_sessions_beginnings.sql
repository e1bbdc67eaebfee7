-- By what a session was begun (`password`, `passkey`, `provider:<id>`) and the longest time it then lay unused, for
-- organizations that ask more of their members than the site does. A session from before does not know the first.
ALTER TABLE sessions
    ADD COLUMN begun_by text,
    -- In seconds, since its owner last proved who they are.
    ADD COLUMN idle_s integer NOT NULL DEFAULT 0 CHECK (idle_s >= 0);
ALTER TABLE pending_sign_ins ADD COLUMN begun_by text;
-- The same of scripts, which are always signed in by password.
ALTER TABLE refresh_families ADD COLUMN idle_s integer NOT NULL DEFAULT 0 CHECK (idle_s >= 0);
