"""Structures of worlds written by language models and scored on held-out history; to come."""
