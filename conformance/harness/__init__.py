"""Runs the profiles against a product: catalogue of requirements, pytest plugin, verdicts."""
