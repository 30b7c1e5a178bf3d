"""Design network design spaces by doing it: from AnyNet to RegNet on Fashion-MNIST.

Each module is one step of the data's way: `architecture` says what a network is, `regnet` writes
the quantized linear rule, `complexity` counts cost in closed form (all three without torch);
`blocks` and `anynet` build networks, `fashion_mnist` brings the images, `training` trains, and
`results` keeps what was trained. Importing this package imports none of them.
"""

__version__ = "0.1.0"


def check(name: str, answer: object) -> None:
    """Check the answer to an exercise of the book; see `designspaces.exercises`."""
    from designspaces import exercises

    exercises.check(name, answer)
