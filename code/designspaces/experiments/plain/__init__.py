"""RegNets of ResNet blocks beside those of X blocks: the same depths at the same cost."""
