"""The service's events on Kafka."""

from services.api.eventing.stream import VERIFICATIONS, Stream

__all__ = ["VERIFICATIONS", "Stream"]
