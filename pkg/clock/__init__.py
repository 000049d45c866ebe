"""The time, as a collaborator that tests can set.

Code takes a `Clock`; a program gives it `SystemClock()`, a test `FakeClock()`.
"""

from pkg.clock.clock import Clock, Event
from pkg.clock.fake import FakeClock
from pkg.clock.system import SystemClock

__all__ = ["Clock", "Event", "FakeClock", "SystemClock"]
