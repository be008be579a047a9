"""Official rule packs: the publisher's own schematrons, run fast and honestly.

A pack is a folder that the user points to (the kit never ships one). It flows through these modules:

``registry`` (which packs, where) → ``source`` (reads files, and only those of the pack) → ``schematron`` and
``elements`` (the ISO Schematron ``model``; ``scopes`` keeps the values of patterns apart) → ``compiler`` (a ``program``:
safe and quick ``expressions`` and ``functions``, ``contexts`` and the ``probes`` of those that may fail) → ``selection``
(the rules that can fire on this document) → ``stylesheet`` (these as compact XSLT) → ``engine`` (SaxonC in a
``worker`` process with limits) → ``runner`` and ``failures`` (findings with their places). ``preflight`` and
``coverage`` tell the defects of the pack aloud; ``official`` and ``bridge`` are the doors for the pipeline.
"""
