-- Name spaces of rate limits. A deleted one keeps its name.
CREATE TABLE namespaces (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    workspace_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(512) NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT NULL,
    UNIQUE KEY by_name (workspace_id, name)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
