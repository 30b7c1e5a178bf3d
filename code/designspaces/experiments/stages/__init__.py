"""RegNets of four stages beside RegNetX32, which has two, at equal cost."""
