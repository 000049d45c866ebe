"""What docker's command line would tell an image's registry about its user.

From the user's config.json: `credHelpers` for one registry, `credsStore` for all, `auths` in the
file itself. Standard library only.
"""

import base64
import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pkg.dockertest import endpoint

_HUB = "https://index.docker.io/v1/"  # what config.json calls Docker Hub
_HELPER_SECONDS = 30.0  # it may ask a key store, and that one its user
_TOKEN = "<token>"  # a helper's user name when the secret is an identity token


@dataclass(frozen=True)
class Credentials:
    """What is sent with a request about an image.

    Attributes:
        headers: for the engine; {} if there are none for that registry.
        note: why there are none although some are configured, for a message; "" otherwise.
    """

    headers: dict[str, str] = field(default_factory=dict, repr=False)
    note: str = ""


def find(image: str, environ: Mapping[str, str] = os.environ) -> Credentials:
    """The user's credentials for the registry that an image's name begins with.

    Nothing is wrong with having none: what is public needs none, and a registry says so itself.
    """
    server = _server(image)
    try:
        text = (endpoint.configuration(environ) / "config.json").read_text()
        config = json.loads(text)
        helper = _entry(config.get("credHelpers"), server) or config.get("credsStore")
        if helper:
            return _from_helper(f"docker-credential-{helper}", server, environ)
        return _from_entry(_entry(config.get("auths"), server) or {}, server)
    except FileNotFoundError:
        return Credentials()
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        # The kind only: a decoder's message may quote what it could not decode.
        note = f"docker's config.json cannot be read ({type(error).__name__})"
        return Credentials(note=note)


def _server(image: str) -> str:
    first, slash, _ = image.partition("/")
    named = slash and ("." in first or ":" in first or first == "localhost")
    return first if named and first not in ("docker.io", "index.docker.io") else _HUB


def _entry(table: Mapping[str, Any] | None, server: str) -> Any:
    """A registry's value; older files have it under a URL."""
    table = table or {}
    if server in table:
        return table[server]
    return next((table[name] for name in table if _host(name) == _host(server)), None)


def _host(server: str) -> str:
    return re.sub(r"^https?://", "", server).partition("/")[0]


def _from_helper(program: str, server: str, environ: Mapping[str, str]) -> Credentials:
    try:
        done = subprocess.run(
            [program, "get"],
            input=server.encode(),
            env=dict(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_HELPER_SECONDS,
        )
    except FileNotFoundError:
        return Credentials(note=f"{program}, which docker's config.json names, is not on PATH")
    except (OSError, subprocess.TimeoutExpired) as error:
        return Credentials(note=f"{program} could not be asked ({type(error).__name__})")
    if done.returncode:
        if b"credentials not found" in done.stdout:
            return Credentials()
        return Credentials(note=f"{program} get ended with status {done.returncode}")
    try:
        said = json.loads(done.stdout)
        user, secret = str(said["Username"]), str(said["Secret"])
    except (ValueError, KeyError, TypeError):
        return Credentials(note=f"{program} get printed no credentials")
    return _login(server, identitytoken=secret) if user == _TOKEN else _user(server, user, secret)


def _from_entry(entry: Mapping[str, Any], server: str) -> Credentials:
    if token := entry.get("identitytoken"):
        return _login(server, identitytoken=token)
    if token := entry.get("registrytoken"):
        return _login(server, registrytoken=token)
    user, secret = entry.get("username", ""), entry.get("password", "")
    if encoded := entry.get("auth"):
        user, _, secret = base64.b64decode(encoded).decode().rstrip("\0").partition(":")
    return _user(server, user, secret) if user else Credentials()


def _user(server: str, user: str, secret: str) -> Credentials:
    return _login(server, username=user, password=secret)


def _login(server: str, **words: str) -> Credentials:
    said = json.dumps({**words, "serveraddress": server}).encode()
    return Credentials({"X-Registry-Auth": base64.urlsafe_b64encode(said).decode()})
