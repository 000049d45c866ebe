-- The texts of keys that may be shown again, as the vault encrypted them.
CREATE TABLE encrypted_keys (
    key_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    ciphertext VARBINARY(4096) NOT NULL,
    created_at BIGINT NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
