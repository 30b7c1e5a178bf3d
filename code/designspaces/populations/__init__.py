"""Many trained networks: records in files, and sweeps that write them."""
