"""Judging one document: the layers, the pipeline that runs them, the official rule packs. Floor 3."""
