"""What is aimed at, on two processors: printed beside what was measured."""

from collections.abc import Mapping

RESPAWN_MS: Mapping[str, float] = {
    "redis": 20,
    "clickhouse": 70,
    "mysql": 250,
    "s3": 300,
    "kafka": 1000,
}
SUSTAINED: Mapping[str, float] = {
    "redis": 60,
    "clickhouse": 12,
    "mysql": 5,
    "s3": 5,
    "kafka": 1.2,
}
END_MS = 5.0
REDIS_TIMES_SHARED = 3.0
MYSQL_TIMES_FASTER = 20.0
MYSQL_SECONDS_PER_TEST = 0.25
