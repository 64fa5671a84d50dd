"""Checks of training pairs: pure, versioned functions with no database and no framework."""
