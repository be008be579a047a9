"""segur-conformance: the open-source conformance test kit for the Ségur du numérique en santé.

The package is laid out in rooms on floors; an import goes to the same room or to a lower floor.
``ARCHITECTURE.md`` draws the map.
"""

__version__ = "0.1.0"
