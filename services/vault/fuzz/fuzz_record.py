"""Fuzzes the reader of stored records: ./dev bazel run //services/vault/fuzz:record"""

import atheris

with atheris.instrument_imports(include=["services.vault"]):
    from services.vault.fuzz.fuzzing import fuzz
    from services.vault.fuzz.targets import read_record

if __name__ == "__main__":
    fuzz(read_record, "record")
