-- What housekeeping looks for every ten minutes: accounts that nobody has confirmed.
CREATE INDEX users_unconfirmed ON users (created_at) WHERE email_verified_at IS NULL;
