"""The vault's operations in the frame that services have."""

import inspect
from collections.abc import Callable, Sequence

import msgspec
from litestar.handlers import HTTPRouteHandler

from pkg.fault import Fault
from pkg.serving import About, App, Metrics, Service, Tokens, bearer
from pkg.serving import build as build_app
from services.vault import wire
from services.vault.errors import StorageError, VaultError
from services.vault.rpc import (
    create_data_key,
    decrypt,
    decrypt_bulk,
    encrypt,
    encrypt_bulk,
    reencrypt,
    roll,
)
from services.vault.rpc.errors import SHAPE, UNAUTHORIZED, fault
from services.vault.rpc.limits import Limits
from services.vault.rpc.storage_errors import StorageErrors
from services.vault.rpc.workers import Workers
from services.vault.vault import Vault


def build(
    vault: Vault, tokens: Tokens, limits: Limits, more: Sequence[HTTPRouteHandler] = ()
) -> App:
    """The HTTP side of an instance of the vault.

    Args:
        vault: does the work.
        tokens: let clients in.
        limits: of size, number and time.
        more: routes beside the vault's own, to compare them with; in no document.
    """
    workers = Workers.within(limits)
    metrics = Metrics("vault")
    return build_app(
        Service(
            routes=[
                encrypt.route(vault, workers),
                encrypt_bulk.route(vault, workers),
                decrypt.route(vault, workers),
                decrypt_bulk.route(vault, workers, limits.deadline),
                reencrypt.route(vault, workers),
                create_data_key.route(vault, workers),
                roll.route(vault, workers, limits.deadline),
            ],
            about=About(
                title="Berth vault",
                version="1",
                description="Encrypts small secrets for other services.",
                forms=_forms(),
            ),
            errors=SHAPE,
            check=vault.check,
            limits=limits,
            workers=workers,
            metrics=metrics,
            admit=bearer(tokens, UNAUTHORIZED),
            translate=_translation(StorageErrors(metrics.registry)),
            more=more,
        )
    )


def _forms() -> list[type[msgspec.Struct]]:
    return [
        form
        for _, form in inspect.getmembers(wire, inspect.isclass)
        if issubclass(form, msgspec.Struct) and form is not msgspec.Struct
    ]


def _translation(storage_errors: StorageErrors) -> Callable[[Exception], Fault | None]:
    def translate(error: Exception) -> Fault | None:
        if not isinstance(error, VaultError):
            return None
        if isinstance(error, StorageError):
            storage_errors.count(error)
        return fault(error)

    return translate
