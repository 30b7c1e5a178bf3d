"""Which of RegNet's rules survive a change of block: design spaces of ConvNeXt blocks."""
