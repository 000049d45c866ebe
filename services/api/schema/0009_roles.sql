-- Permissions that keys get together.
CREATE TABLE roles (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    workspace_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(128) NOT NULL,
    description VARCHAR(512) NULL,
    created_at BIGINT NOT NULL,
    UNIQUE KEY by_name (workspace_id, name)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
