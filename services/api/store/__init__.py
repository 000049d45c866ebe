"""What the service keeps in MySQL: a module of small functions for each subject.

Each takes a connection of `pkg.db`: of a transaction where it writes, so that its caller decides
what is done together. A digest is a key's SHA-256; no text of a key comes here.
"""
