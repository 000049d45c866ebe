"""Fuzzes the reader of ciphertexts: ./dev bazel run //services/vault/fuzz:envelope"""

import atheris

with atheris.instrument_imports(include=["services.vault"]):
    from services.vault.fuzz.fuzzing import fuzz
    from services.vault.fuzz.targets import read_ciphertext

if __name__ == "__main__":
    fuzz(read_ciphertext, "envelope")
