"""CDA R2 documents: reading, locating, and the rules of their headers, sections and entries as data. Floor 1."""
