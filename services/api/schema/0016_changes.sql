-- Who has done what to what. Written with what it tells of, and never changed.
CREATE TABLE changes (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    workspace_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    actor_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    event VARCHAR(64) NOT NULL,
    target_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    at BIGINT NOT NULL,
    request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    details MEDIUMTEXT NOT NULL COMMENT 'JSON',
    KEY by_workspace (workspace_id, id),
    KEY by_target (target_id, id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
