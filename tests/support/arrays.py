"""Many networks from arrays, counted at once."""

from designspaces.designs.complexity import Complexity, complexity
from designspaces.designs.many import Architectures


def complexity_of_arrays(
    *lists, resolution: int, in_channels: int = 1, num_classes: int = 10, **rest
) -> Complexity:
    """The complexity of `Architectures` of the same arguments, `strides` and so on in `rest`."""
    return complexity(Architectures(*lists, **rest), resolution, in_channels, num_classes)
