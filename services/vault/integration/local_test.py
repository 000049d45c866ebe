"""`./dev vault`: what it prints works as pasted into a shell, there and back."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from pkg.testutil.processes import python

LOCAL = "import sys; from services.vault.testutil import local; sys.exit(local.main())"
# Not every machine that runs tests has one.
CURL = """\
import argparse
import urllib.request

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("-sSf", action="store_true")
parser.add_argument("-H", action="append")
parser.add_argument("-d")
told = parser.parse_args()
headers = dict(header.split(": ", 1) for header in told.H)
request = urllib.request.Request(told.url, told.d.encode(), headers)
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(direct.open(request, timeout=30).read().decode(), end="")
"""


def test_what_it_prints_encrypts_and_decrypts(tmp_path: Path) -> None:
    """And an interruption ends it without a complaint."""
    with python(LOCAL) as process:
        assert process.stdout
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("All routes"):
                break
        script = "".join(line for line in lines if line.startswith("  "))
        ciphertext, plaintext = pasted(script, tmp_path).splitlines()
        assert (len(ciphertext), plaintext) == (len(ciphertext) // 4 * 4, "a secret")
        assert len(ciphertext) > 60
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def pasted(script: str, folder: Path) -> str:
    """What a shell prints that is given these lines."""
    (folder / "curl.py").write_text(CURL)
    curl = folder / "curl"
    curl.write_text(f'#!/bin/sh\nexec {sys.executable} {folder}/curl.py "$@"\n')
    curl.chmod(0o755)
    ended = subprocess.run(
        ["/bin/sh", "-eu", "-c", script],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout
