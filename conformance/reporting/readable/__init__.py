"""Messages and documents as a person reads them: safe HTML fragments, built by us element by element.

Nothing of what was exchanged reaches the page as markup: text is escaped, attributes are chosen, and the
page shows the fragment in a frame that may do nothing.
"""

from conformance.reporting.readable.unfold import readable

__all__ = ["readable"]
