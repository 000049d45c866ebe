-- Rate limits of keys and of identities.
CREATE TABLE ratelimits (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    owner_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the key or the identity',
    name VARCHAR(128) NOT NULL,
    units BIGINT NOT NULL,
    duration BIGINT NOT NULL COMMENT 'milliseconds',
    auto_apply BOOLEAN NOT NULL,
    UNIQUE KEY by_owner (owner_id, name)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
