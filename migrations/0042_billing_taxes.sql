-- Taxes, by the country of the customer, each from some day on. A rate is ended by a later one of the same name, of zero.
CREATE TABLE tax_rates (
    id          uuid PRIMARY KEY,
    country     text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 40),
    -- Thousandths of a percent.
    rate        integer NOT NULL CHECK (rate BETWEEN 0 AND 100000),
    with_tax_id text NOT NULL CHECK (with_tax_id IN ('charged', 'reverse-charge')),
    valid_from  timestamptz NOT NULL,
    set_at      timestamptz NOT NULL
);

-- Who is right where two say something for the same day: nobody; the second is told.
CREATE UNIQUE INDEX tax_rates_key ON tax_rates (country, lower(name), valid_from);

CREATE TRIGGER tax_rates_only_grow BEFORE UPDATE OR DELETE ON tax_rates
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_past();
