"""Draw networks of a design space, and begin a space of one's own."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable


def declare(command: Callable[..., ArgumentParser]) -> None:
    """Declare these commands: `command(name, run, help)` gives the parser of each."""
    parser = command("sample", sample, "draw networks of a design space and print them")
    parser.add_argument("--space", required=True, help="a name, FILE.py:NAME or MODULE:NAME")
    parser.add_argument("--n", type=int, default=5, help="5 by default")
    parser.add_argument("--seed", type=int, default=0, help="0 by default")
    parser.add_argument("--resolution", type=int, help="of the image; the space's by default")

    parser = command("new-space", new_space, "begin a design space of your own")
    parser.add_argument("name", help="of the package, in small letters, as in my_space")


def named_space(name: str):
    """A space of the book by its name, or somebody's own by FILE.py:NAME or MODULE:NAME."""
    from designspaces.spaces import find_space
    from designspaces.spaces.own import load_space

    return load_space(name) if ":" in name else find_space(name)


def sample(options: Namespace) -> None:
    """Draw the first networks of a space's sample and print them with what they cost."""
    from designspaces.spaces.own import cost_of
    from designspaces.spaces.regime import BOOK

    space = named_space(options.space)
    own = getattr(space, "resolution", None) or getattr(space, "regime", BOOK).resolution
    resolution = own if options.resolution is None else options.resolution
    for draw in space.draw(options.n, options.seed, resolution=resolution):
        network, cost = draw.architecture, cost_of(draw.architecture, resolution)
        print(
            f"{_shape(network)}: {cost.flops:,} multiply-adds, {cost.params:,} parameters, "
            f"{cost.activations:,} activations"
        )


def _shape(network) -> str:
    from designspaces.designs.architecture import Architecture

    if not isinstance(network, Architecture):
        return ", ".join(f"{name} {value}" for name, value in network.to_dict().items())
    return (
        f"depths {network.depths} widths {network.widths} group widths {network.group_widths} "
        f"bottleneck ratios {network.bottleneck_ratios}"
    )


def new_space(options: Namespace) -> None:
    """Write a small package with a block, two spaces, a plan, a notebook and a test, which runs at
    once. Change one thing in it.
    """
    from designspaces.book.new_space import write_space

    for path in write_space(options.name):
        print(path)
