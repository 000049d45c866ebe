"""What files of a server hold that differs from one new server to the next, and why.

Such a file is still compared by its name, kind, mode and owner, and by its size where that does not
differ.
"""

import re

# Regular expressions of paths. What is in them differs, their size does not.
_CONTENT = {
    r"/data/mysql/#innodb_redo/#ib_redo\d+(_tmp)?": "the password's change, numbered and timed",
    r"/data/mysql/#innodb_temp/temp_\d+\.ibt": "pages have the number of their last change",
    r"/data/mysql/(mysql\.ibd|ibdata1|undo_\d+)": "the password, and pages' last changes",
    r"/data/mysql/ibtmp1": "pages have the number of their last change",
    r"/data/mysql/auto\.cnf": "the server's identity",
    r"/data/preprocessed_configs/config\.xml": "the password",
    r"/data/\.minio\.sys/(format\.json|pool\.bin/xl\.meta)": "the server's identity, and times",
    r"/data/\.minio\.sys/config/.*/xl\.meta": "the time, encrypted with the credentials",
    r"/data/kafka/meta\.properties": "the cluster's identity",
    r"/tmp/server\.properties": "the port and the password",
}
# Nor is their size the same.
_SIZE = {
    r"/tmp/mysql\.(pid|sock\.lock)": "the server's process",
    r"/data/status": "the server's process, and the time",
    r"/data/kafka/__berth_ready-0/\d+\.log": "a record for each look whether it is ready",
    r"/data/kafka/__cluster_metadata-0/\d+\.log": "a record at each tick",
    r"/data/kafka/replication-offset-checkpoint": "how far the logs above were at the time",
}


def _lines(kind: str, *paths: str) -> re.Pattern[str]:
    return re.compile(kind.format("|".join(paths)))


_KNOWN = (_lines(r"content \w+ ({})", *_CONTENT, *_SIZE), _lines(r"size ({}) \d+", *_SIZE))


def is_known(line: str) -> bool:
    """Whether a line of the stock is of what is known to differ."""
    return any(one.fullmatch(line) for one in _KNOWN)
