-- By how much more than was still kept for it a call was corrected when it was settled late.
ALTER TABLE spend_journal ADD COLUMN overrun_nano bigint NOT NULL DEFAULT 0 CHECK (overrun_nano >= 0);
