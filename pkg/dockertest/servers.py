"""The fixtures `servers…` on fresh servers; the shared containers have such a module, too.

By them, code that is for both kinds, such as a harness, takes what the target's macro gives. With
both plugins loaded, fresh ones are given unless BERTH_SERVERS=shared.
"""

import os

import pytest

from pkg.dockertest.scopes import Scope

FRESH = "pkg.dockertest.plugin"
SHARED = "pkg.testutil.containers.plugin"
_VARIABLE = "BERTH_SERVERS"


def given(config: pytest.Config) -> str:
    """The plugin whose servers are given: `FRESH` or `SHARED`.

    Raises:
        pytest.UsageError: the variable has another value, or names what is not loaded.
    """
    by_name = {"fresh": FRESH, "shared": SHARED}
    wanted = os.environ.get(_VARIABLE)
    if wanted is None:
        return FRESH if config.pluginmanager.has_plugin(FRESH) else SHARED
    plugin = by_name.get(wanted)
    if plugin is None:
        raise pytest.UsageError(f"{_VARIABLE}={wanted}: it must be fresh or shared")
    if not config.pluginmanager.has_plugin(plugin):
        raise pytest.UsageError(f"{_VARIABLE}={wanted}: load its plugin: -p {plugin}")
    return plugin


@pytest.fixture
def servers(dockertest: Scope) -> Scope:
    """Starts fresh servers, which end with the test."""
    return dockertest


@pytest.fixture(scope="module")
def servers_module(dockertest_module: Scope) -> Scope:
    """Starts fresh servers, which end with the last test of the module."""
    return dockertest_module


@pytest.fixture(scope="session")
def servers_session(dockertest_session: Scope) -> Scope:
    """Starts fresh servers, which end with the last test of all."""
    return dockertest_session
