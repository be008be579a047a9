"""The product under test: the contract it answers to, the adapters that reach it, the check that proves them."""
