-- Who may open an account where that needs an invitation: one for each address, good once, for seven days. The link is in a
-- letter to the address; of it only the hash is kept.
CREATE TABLE invitations (
    id         uuid PRIMARY KEY,
    email      text NOT NULL CHECK (length(email) <= 254),
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    -- Who has invited last; null once they are gone.
    invited_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    -- When the newest letter was written.
    sent_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX invitations_email_key ON invitations (lower(email));
CREATE UNIQUE INDEX invitations_token_key ON invitations (token_hash);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);

-- The version before this one lets nobody in where it reads a word that it does not know.
ALTER TABLE site_settings DROP CONSTRAINT site_settings_registration_check;
ALTER TABLE site_settings ADD CONSTRAINT site_settings_registration_check
    CHECK (registration IN ('open', 'invited', 'closed'));
