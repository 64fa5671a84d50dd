"""Forms of the writing side: they parse, nothing else."""
