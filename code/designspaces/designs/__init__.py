"""What a network is and what it costs, as plain data. Numpy alone."""
