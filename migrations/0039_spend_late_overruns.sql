-- What is known of a call only when it is settled late: by how much more than was still kept for it it was corrected, and when it
-- happened, by the prices of which moment it is rated.
ALTER TABLE spend_journal
    ADD COLUMN overrun_nano bigint NOT NULL DEFAULT 0 CHECK (overrun_nano >= 0),
    ADD COLUMN occurred_at timestamptz;
