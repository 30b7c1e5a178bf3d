"""What checks of answers that are networks have in common."""

from designspaces.designs.architecture import Architecture


def shares_no_groups(network: Architecture) -> str | None:
    """What keeps a network from being a RegNet that is built: X blocks with one group width.

    Where a stage's bottleneck is narrower than the shared group, the group shrinks to it.
    """
    if network.block != "x":
        return "its blocks are not X blocks."
    widest = max(network.group_widths)
    if any(one.group_width != min(widest, one.bottleneck_width) for one in network.stages):
        return f"its group widths are {network.group_widths}; a RegNet's stages share one."
    return None
