-- When somebody registered an address again that was still unconfirmed. From then on nobody knows whose password is
-- whose, and a letter that is asked for anew lets its reader choose one.
ALTER TABLE users ADD COLUMN registered_again_at timestamptz;

-- Of accounts opened before this column nobody knows how often they were registered.
UPDATE users SET registered_again_at = now() WHERE email_verified_at IS NULL;
