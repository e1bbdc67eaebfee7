-- Solved puzzles and waiting tickets that were accepted, until they would have expired by themselves: each works once.
CREATE TABLE captcha_uses (
    id         text PRIMARY KEY,
    expires_at timestamptz NOT NULL
);

CREATE INDEX captcha_uses_expired ON captcha_uses (expires_at);
