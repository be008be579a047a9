"""Servers that stand for the outside world: they answer as it does, misbehave on request, and write down everything."""
