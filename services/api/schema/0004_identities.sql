-- Whom keys belong to.
CREATE TABLE identities (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    workspace_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    external_id VARCHAR(255) NOT NULL COMMENT 'how the caller calls them',
    meta MEDIUMTEXT NULL COMMENT 'JSON, as it came',
    created_at BIGINT NOT NULL,
    UNIQUE KEY by_external_id (workspace_id, external_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
