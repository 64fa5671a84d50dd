"""Writes of the releasing side: one verb a function, one topic a module."""
