-- Times are milliseconds since 1970. Text is compared byte by byte, and ids are ASCII.
-- Whose all else is.
CREATE TABLE workspaces (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    name VARCHAR(256) NOT NULL,
    enabled BOOLEAN NOT NULL COMMENT 'else none of its keys is valid',
    created_at BIGINT NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
