-- What takes the place of requests' limits.
CREATE TABLE overrides (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    namespace_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    pattern VARCHAR(512) NOT NULL COMMENT 'of identifiers',
    units BIGINT NOT NULL,
    duration BIGINT NOT NULL COMMENT 'milliseconds',
    created_at BIGINT NOT NULL,
    updated_at BIGINT NULL,
    UNIQUE KEY by_pattern (namespace_id, pattern),
    KEY by_namespace (namespace_id, id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
