"""Code systems, value sets, identifier roots, UCUM units. Floor 0: knows nothing of documents."""
