"""Design network design spaces by doing it: from AnyNet to RegNet on Fashion-MNIST.

The rooms, each of which imports only from those before it:

    designs      what a network is and what it costs        (numpy)
    spaces       which networks there are, and draws         (numpy)
    networks     builds one                                  (torch begins here)
    training     trains one; recipe and history need no torch
    populations  many trained ones, as records in files
    judging      what they say                               (numpy)

figures, frameworks, experiments, book and commands are wings: they may import any room, and no room
imports them.
"""

import sys

from designspaces import moved, needs

__version__ = "0.1.0"

sys.meta_path += [moved.Finder(), needs.Finder()]


def check(name: str, answer: object, seed: int | None = None) -> None:
    """Check the answer to an exercise of the book; see `designspaces.book.exercises`.

    seed: for homework, the student's own number.
    """
    from designspaces.book import exercises

    exercises.check(name, answer, seed)
