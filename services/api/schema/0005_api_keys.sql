-- Keys. Of their text there is the SHA-256. A deleted one stays, unless nothing shall be kept of it.
CREATE TABLE api_keys (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    workspace_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    api_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    identity_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    digest BINARY(32) NOT NULL,
    start VARCHAR(32) NOT NULL COMMENT 'the beginning of its text',
    name VARCHAR(255) NULL,
    meta MEDIUMTEXT NULL COMMENT 'JSON, as it came',
    enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NULL,
    last_used_at BIGINT NULL,
    expires_at BIGINT NULL,
    deleted_at BIGINT NULL,
    UNIQUE KEY by_digest (digest),
    KEY by_api (api_id, id),
    KEY by_identity (identity_id, id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
