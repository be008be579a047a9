"""The run report (one JSON with a published schema) and its views. Knows nothing of pytest."""
