-- What keys can have; queries ask for the slug.
CREATE TABLE permissions (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    workspace_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    slug VARCHAR(128) NOT NULL,
    name VARCHAR(512) NOT NULL COMMENT 'for people',
    description VARCHAR(512) NULL,
    created_at BIGINT NOT NULL,
    UNIQUE KEY by_slug (workspace_id, slug),
    KEY by_workspace (workspace_id, id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
