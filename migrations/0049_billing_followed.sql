-- What is paid elsewhere is followed: the log of a subscription has its periods as well, because what was used in them is charged
-- here.
ALTER TABLE subscription_changes
    DROP CONSTRAINT subscription_changes_kind_check,
    -- `followed`: as somebody else says who takes the money for the plan; nothing is charged but what was used.
    ADD CONSTRAINT subscription_changes_kind_check
        CHECK (kind IN ('began', 'started', 'upgraded', 'renewed', 'followed'));
