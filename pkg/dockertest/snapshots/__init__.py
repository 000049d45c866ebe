"""Snapshots: prepared images with a project's own schema and data in them."""
