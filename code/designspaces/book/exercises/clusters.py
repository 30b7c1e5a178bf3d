"""Checks of the answers to the exercises of the chapter on clusters."""

from designspaces.book.exercises._answers import is_number

NETWORKS, SECONDS, MACHINES, WORKERS = 3_000, 24, 5, 8


def hours(answer: object) -> str | None:
    """How long a population takes on a cluster."""
    if not is_number(answer):
        return "expected a number of hours."
    seconds = NETWORKS * SECONDS / (MACHINES * WORKERS)
    if abs(answer - seconds / 3600) < 0.005:
        return None
    if abs(answer - seconds) < 1:
        return "these are seconds; the question asks for hours."
    if abs(answer - NETWORKS * SECONDS / MACHINES / 3600) < 0.05:
        return "each machine has several workers, which train at the same time."
    if abs(answer - NETWORKS * SECONDS / 3600) < 0.05:
        return "this is one worker alone."
    return "multiply networks by seconds, then divide by all workers of all machines."


CHECKS = {"clusters-hours": hours}
