"""One principle broken at a time: VioNets beside the RegNets that keep them all."""
