"""What stands in for the vault and for Kafka, in memory."""

from services.api.events import Verified


class Mirror:
    """A vault that hides nothing, and knows the keyring again."""

    def encrypt(self, keyring: str, plaintext: bytes) -> bytes:
        """The keyring, and the text backwards."""
        return keyring.encode() + b" " + plaintext[::-1]

    def decrypt(self, keyring: str, ciphertext: bytes) -> bytes:
        """The text."""
        hidden_for, _, text = ciphertext.partition(b" ")
        assert hidden_for == keyring.encode()
        return text[::-1]


class Published(list[Verified]):
    """Events, in memory."""

    def publish(self, event: Verified) -> None:
        """Takes an event."""
        self.append(event)

    def offer(self, event: Verified) -> bool:
        """Takes an event."""
        self.append(event)
        return True
