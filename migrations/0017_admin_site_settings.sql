-- What administrators decide about the whole site. One row.
CREATE TABLE site_settings (
    id              boolean PRIMARY KEY DEFAULT true CHECK (id),
    registration    text NOT NULL DEFAULT 'open' CHECK (registration IN ('open', 'closed')),
    -- In small letters. Empty: every domain.
    allowed_domains text[] NOT NULL DEFAULT '{}'
);

INSERT INTO site_settings DEFAULT VALUES;
