"""Questions answered by trained populations: an experiment a folder, its spaces and its plan."""
