-- What has no index is found by reading everything: slices that are withheld (a new budget counts them), the price book by its
-- order, and what was rated by a price (when an organization is deleted).
CREATE INDEX spend_holds_withheld ON spend_holds (organization_id) WHERE state = 'expired' AND kind = 'slice';
CREATE INDEX spend_prices_by_number ON spend_prices (organization_id, number);
CREATE INDEX spend_ratings_by_price ON spend_ratings (price_id) WHERE price_id IS NOT NULL;
