"""One check a file; the list of them is ``checks.registry.CHECKS``."""
