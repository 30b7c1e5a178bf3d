"""MXNet, which lives in an environment of its own and is asked by files."""
