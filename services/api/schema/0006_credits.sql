-- What keys may still be used for; one without a row, for as much as one likes. Apart from the
-- keys: spending locks no key, and writes a small row.
CREATE TABLE credits (
    key_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    remaining BIGINT NOT NULL,
    refill_amount BIGINT NULL COMMENT 'up to which it is filled; NULL for no refill',
    refill_day TINYINT NULL COMMENT 'of the month; NULL for each day',
    refilled_at BIGINT NOT NULL COMMENT 'up to when refills were done'
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
