-- Which roles keys have.
CREATE TABLE key_roles (
    key_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    role_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (key_id, role_id),
    KEY by_role (role_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
