"""Loads the plugin of the profiles: ``pytest profiles/vsm --segur segur.toml``."""

pytest_plugins = ["conformance.harness.plugin"]
