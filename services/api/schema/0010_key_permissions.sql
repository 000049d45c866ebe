-- Which permissions keys have.
CREATE TABLE key_permissions (
    key_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    permission_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (key_id, permission_id),
    KEY by_permission (permission_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
