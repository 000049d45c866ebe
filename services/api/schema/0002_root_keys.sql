-- What lets callers in. Of their text there is the SHA-256.
CREATE TABLE root_keys (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    workspace_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    digest BINARY(32) NOT NULL,
    start VARCHAR(32) NOT NULL COMMENT 'the beginning of its text',
    name VARCHAR(256) NULL,
    permissions MEDIUMTEXT NOT NULL COMMENT 'JSON, a list; they are only ever read together',
    enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NULL,
    UNIQUE KEY by_digest (digest),
    KEY by_workspace (workspace_id, id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
