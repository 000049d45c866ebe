"""Faults put on a server, and undone at the end of the test."""
