"""The broker is away while keys are verified: ten seconds here, a minute in the manual target.

That no request is slowed is told by pairs of requests (pairs.py): to an instance whose broker is
away, and to one that has a broker of its own. The time is bounded, and what slows the machine down
as a whole, now or then, slows both.
"""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from pkg.clock import SystemClock
from pkg.dockertest.container import Container
from pkg.dockertest.kafka import Kafka
from pkg.serving import processes
from pkg.testutil.harness import needs
from services.api.eventing import VERIFICATIONS
from services.api.integration.outages.pairs import are_slowed, late, paired
from services.api.testutil.harness import ApiHarness
from services.api.testutil.process import MODULE, variables
from services.api.testutil.topic import published
from services.api.wire.verification import VERIFY_KEY

FAULTS: dict[str, tuple[Callable[[Container], None], Callable[[Container], None]]] = {
    "killed": (Container.kill, Container.restart),
    "paused": (Container.pause, Container.resume),
}
SECONDS = float(os.environ.get("OUTAGE_SECONDS", "10"))
WARM_SECONDS = 2.0
SLOWED_BY = 0.005  # seconds
LEAST = 100  # pairs, else nothing is told by them
SHARE = 0.01  # of the requests: the 99th percentile
CLOCK = SystemClock()


class Brokers(ApiHarness):
    """Two brokers, and all else that instances share."""

    kafka = needs(Kafka(topics={VERIFICATIONS.name: 3}))
    control = needs(Kafka(topics={VERIFICATIONS.name: 3}))

    def environ(self, kafka: str, folder: Path) -> dict[str, str]:
        """What an instance on one of the brokers is told."""
        return variables(self.mysql, self.redis, getattr(self, kafka), folder / kafka)


h = Brokers.fixture()


class Verifying:
    """Verifies a key at an instance, over one connection.

    Attributes:
        answered: the ids of the requests that were answered.
    """

    def __init__(self, url: str, root_key: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {root_key}"}, timeout=30
        )
        self._body = {"key": key}
        self.answered: list[str] = []

    def __call__(self) -> None:
        answer = self._http.post(VERIFY_KEY.path, json=self._body)
        told = answer.json()
        assert told["data"]["valid"], answer.text
        self.answered.append(told["meta"]["requestId"])

    def close(self) -> None:
        """Ends the connection."""
        self._http.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_no_event_is_lost_and_nobody_waits(h: Brokers, tmp_path: Path, fault: str) -> None:
    """Each verification is on the topic afterwards, once by its event's id; and no more than one
    request in a hundred is slowed by more than 5 ms."""
    begin, end = FAULTS[fault]
    root_key = h.create_root_key(h.create_workspace().id)
    sdk = h.sdk(root_key)
    key = sdk.keys.create_key(api_id=sdk.apis.create_api(name="payments").data.api_id).data.key
    with (
        processes.running(MODULE, h.environ("kafka", tmp_path)) as subject,
        processes.running(MODULE, h.environ("control", tmp_path)) as control,
    ):
        verify = h.closing(Verifying(subject.url, root_key, key))
        verify_there = h.closing(Verifying(control.url, root_key, key))
        paired(verify, verify_there, WARM_SECONDS, CLOCK)
        before = paired(verify, verify_there, SECONDS / 2, CLOCK)
        begin(h.kafka.container)
        away = paired(verify, verify_there, SECONDS, CLOCK)
        end(h.kafka.container)
        paired(verify, verify_there, WARM_SECONDS, CLOCK)
        events = published(h.kafka, len(verify.answered))
    assert Counter(each.request_id for each in events) == Counter(verify.answered)
    assert min(len(before), len(away)) >= LEAST
    assert not are_slowed(before, away, by=SLOWED_BY, share=SHARE), (
        late(before, SLOWED_BY),
        late(away, SLOWED_BY),
    )
