"""What a chapter needs to hand numbers and figures from its code to its prose.

In the built book `glue` puts them into sentences and captions. Elsewhere (Colab, a plain notebook)
myst_nb may be missing, and a figure is simply shown.
"""

from collections.abc import Callable

from IPython.display import display

from designspaces.figures.canvas import Picture
from designspaces.figures.explorers.frame import Explorer
from designspaces.words import number

try:
    from myst_nb import glue
except ImportError:
    glue = None


def say(digits: int | None = None, /, **values: object) -> None:
    """Hand values to the prose by name: as they are, or numbers with so many decimals.

    say(epochs=10), say(1, accuracy=91.25, gap=-0.3). A number of numpy's reads as Python's.
    """
    if glue is not None:
        for name, value in values.items():
            plain = value.item() if hasattr(value, "item") else value
            glue(name, plain if digits is None else number(plain, digits), display=False)


def show(name: str, picture: Picture | Explorer) -> None:
    """Show a figure and hand it to its caption in the book, under the name of its label.

    How its data were made goes along, as `made_edf_shared` for `fig_edf_shared`.
    """
    if glue is None:
        display(picture)
    else:
        glue(name, picture)
        if picture.made:
            say(**{f"made_{name.removeprefix('fig_')}": picture.made})


def add_to_class(cls: type) -> Callable[[Callable], Callable]:
    """A decorator that adds a function to a class as a method, so that cells can build it up."""

    def add(method: Callable) -> Callable:
        setattr(cls, method.__name__, method)
        return method

    return add
