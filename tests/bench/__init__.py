"""What things cost, beside a probe in the same run: `make bench`."""
