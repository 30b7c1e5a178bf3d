"""Build a network and look at it. Torch begins here."""
