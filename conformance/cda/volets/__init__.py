"""The rule sets of the document kinds (volets), one file per kind."""
