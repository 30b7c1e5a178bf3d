"""What populations say: statistics, claims and verdicts. Numpy alone."""
