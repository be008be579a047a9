"""Generated documents: realistic, varied, valid in every layer; the same for the same seed. Test identities only.

    >>> from conformance.generation import generate
    >>> data = generate("cr-bio", seed=7)

``strategies`` gives the same documents to hypothesis, with the models that they were written from.
"""

from __future__ import annotations

from conformance.generation.kinds import KINDS, generate

__all__ = ["KINDS", "generate"]
