-- When an account that its owner wants deleted is deleted for good. Until then a sign-in can only keep it.
ALTER TABLE users ADD COLUMN deletion_due_at timestamptz;

CREATE INDEX users_leaving ON users (deletion_due_at) WHERE deletion_due_at IS NOT NULL;
