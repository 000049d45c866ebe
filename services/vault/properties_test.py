"""Several instances over one storage: whatever they do, all that was encrypted stays readable."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pkg.clock import FakeClock
from services.vault.errors import InvalidInput, UnknownKey
from services.vault.keyring import MasterKey, MasterKeys, envelope
from services.vault.keyring.keyrings import TTL
from services.vault.storage import MemoryStorage
from services.vault.testutil.examples import examples
from services.vault.testutil.kept import Kept, encrypted, unreadable
from services.vault.vault import Vault

KEYRINGS = st.sampled_from(["payments", "payroll", "sessions"])
INSTANCES = st.integers(0, 2)
KEYS = [MasterKey(bytes([number]) * 32) for number in range(3)]
# All master keys, so that each opens what the others wrap; the order says which one wraps.
ORDERS = st.permutations(KEYS)


class Instances(RuleBasedStateMachine):
    """Three instances, each with the same master keys in an order of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.storage = MemoryStorage()
        self.clock = FakeClock()
        self.vaults: list[Vault] = []
        self.newest: list[MasterKey] = []
        self.kept: list[Kept] = []

    @initialize(orders=st.lists(ORDERS, min_size=3, max_size=3))
    def start(self, orders: list[list[MasterKey]]) -> None:
        self.vaults = [self.started(order) for order in orders]
        self.newest = [order[-1] for order in orders]

    @rule(at=INSTANCES, keyring=KEYRINGS, plaintext=st.binary(max_size=40))
    def encrypt(self, at: int, keyring: str, plaintext: bytes) -> None:
        self.kept.append(encrypted(self.vaults[at], keyring, plaintext))

    @rule(at=INSTANCES, keyring=KEYRINGS, plaintexts=st.lists(st.binary(max_size=9), max_size=5))
    def encrypt_bulk(self, at: int, keyring: str, plaintexts: list[bytes]) -> None:
        ciphertexts = self.vaults[at].encrypt_bulk(keyring, plaintexts)
        self.kept += [Kept(keyring, *pair) for pair in zip(plaintexts, ciphertexts, strict=True)]

    @precondition(lambda self: self.kept)
    @rule(at=INSTANCES, data=st.data())
    def decrypt(self, at: int, data: st.DataObject) -> None:
        assert unreadable(self.vaults[at], [data.draw(st.sampled_from(self.kept))]) == []

    @precondition(lambda self: self.kept)
    @rule(at=INSTANCES, keyring=KEYRINGS, data=st.data())
    def decrypt_in_another_keyring(self, at: int, keyring: str, data: st.DataObject) -> None:
        each = data.draw(st.sampled_from(self.kept))
        if each.keyring != keyring:
            try:
                self.vaults[at].decrypt(keyring, each.ciphertext)
            except UnknownKey:
                return
            raise AssertionError(f"{keyring} decrypts what is {each.keyring}'s")

    @precondition(lambda self: self.kept)
    @rule(at=INSTANCES, data=st.data(), to_named=st.booleans())
    def reencrypt(self, at: int, data: st.DataObject, to_named: bool) -> None:
        old = data.draw(st.sampled_from(self.kept))
        ids = sorted({envelope.key_id(k.ciphertext) for k in self.kept if k.keyring == old.keyring})
        named = data.draw(st.sampled_from(ids)) if to_named else None
        new = self.vaults[at].reencrypt(old.keyring, old.ciphertext, named)
        assert named in (None, envelope.key_id(new))
        self.kept.append(Kept(old.keyring, old.plaintext, new))

    @rule(at=INSTANCES, keyring=KEYRINGS)
    def create_data_key(self, at: int, keyring: str) -> None:
        key_id = self.vaults[at].create_data_key(keyring)
        self.kept.append(encrypted(self.vaults[at], keyring, b"with the new data key"))
        assert envelope.key_id(self.kept[-1].ciphertext) == key_id

    @rule(at=INSTANCES, limit=st.integers(1, 5) | st.just(1000))
    def roll(self, at: int, limit: int) -> None:
        after = ""
        while True:
            rolled = self.vaults[at].roll(after, limit)
            assert rolled.damaged == ()
            if not (after := rolled.next):
                break
        alone = self.started([self.newest[at]])
        assert unreadable(alone, self.kept) == []

    @rule(at=INSTANCES, limit=st.integers(1, 5))
    def begin_a_roll(self, at: int, limit: int) -> None:
        assert self.vaults[at].roll(limit=limit).damaged == ()

    @rule(at=INSTANCES, order=ORDERS)
    def replace(self, at: int, order: list[MasterKey]) -> None:
        self.vaults[at] = self.started(order)
        self.newest[at] = order[-1]

    @rule(seconds=st.sampled_from([1.0, TTL.total_seconds() - 1, TTL.total_seconds()]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @invariant()
    def all_that_was_encrypted_is_readable(self) -> None:
        assert unreadable(self.started(KEYS), self.kept) == []

    def started(self, keys: list[MasterKey]) -> Vault:
        """An instance that has read nothing yet."""
        return Vault(self.storage, MasterKeys(keys), self.clock)


Instances.TestCase.settings = examples(40, steps=30)
TestInstances = Instances.TestCase


@examples(100)
@given(st.text(max_size=70) | st.just("payments"), st.binary(max_size=300))
def test_any_plaintext_in_any_keyring_comes_back(keyring: str, plaintext: bytes) -> None:
    """To an instance that has read nothing yet; what is no keyring's name is refused first."""
    storage = MemoryStorage()
    try:
        ciphertext = Vault(storage, MasterKeys(KEYS)).encrypt(keyring, plaintext)
    except InvalidInput:
        assert storage.names() == []
        return
    assert Vault(storage, MasterKeys(KEYS)).decrypt(keyring, ciphertext) == plaintext
