-- Name spaces of keys. A deleted one stays, so that its keys need not be touched.
CREATE TABLE apis (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    workspace_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    keyspace_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(256) NOT NULL,
    protected BOOLEAN NOT NULL COMMENT 'it must not be deleted',
    created_at BIGINT NOT NULL,
    deleted_at BIGINT NULL,
    UNIQUE KEY by_keyspace (keyspace_id),
    UNIQUE KEY by_name (workspace_id, (IF(deleted_at IS NULL, name, NULL)))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
