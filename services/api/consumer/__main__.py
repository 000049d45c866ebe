"""`python -m services.api.consumer` writes verifications to ClickHouse; see its `--help`."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

from pkg import config, logs
from pkg.analytics import AnalyticsError
from pkg.clock import SystemClock
from pkg.eventstream import EventstreamError
from services.api.consumer.relay import Relay
from services.api.consumer.settings import Settings

_FAILED = 1
_BAD_SETTINGS = 2
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_log = logs.Log("services.api.consumer")  # not __main__, which is no package of ours


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Runs until a signal tells it to stop, and returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m services.api.consumer",
        description="Writes the verifications that services.api publishes on Kafka to ClickHouse; "
        "makes the table there unless it is there. As many may run as the topic has partitions.",
        epilog="variables, or each as NAME_FILE, a file that holds it (default):\n"
        f"{Settings.usage()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args(arguments)
    redactor = logs.Redactor()
    # Before there are threads, which inherit it: then only the one that waits gets them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        told = Settings.read(environ, redactor.add)
        relay = Relay(
            told.kafka.config,
            prefix=told.kafka.prefix,
            clickhouse_url=told.clickhouse_url,
            clock=SystemClock(),
        )
    except config.InvalidConfig as error:
        print(str(error), file=sys.stderr)
        return _BAD_SETTINGS
    except ValueError as error:
        print(redactor.text(str(error)), file=sys.stderr)
        return _BAD_SETTINGS
    logs.configure(sys.stderr, told.log_level, logs.JsonLines(redactor))
    _on_signal(relay.stop)
    try:
        relay.run()
    except (AnalyticsError, EventstreamError) as error:
        _log.error("failed", error=type(error).__name__, reason=str(error))
        return _FAILED
    return 0


def _on_signal(stop: Callable[[], object]) -> None:
    def wait() -> None:
        caught = signal.sigwait(_SIGNALS)
        _log.info("stopping", signal=signal.Signals(caught).name)
        stop()

    threading.Thread(target=wait, name="signals", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
