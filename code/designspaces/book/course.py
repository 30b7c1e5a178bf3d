"""The chapters as a course: how long each takes and what it needs, for the page for lecturers.

Minutes are estimates by one reading of the text, not measured in a class.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    """title: as on the page. lecture, lab: minutes, no lecture for what is read alone.

    needs: the pages to have read just before, without those that they need themselves.
    assumes: what a student brings along. column: where it stands on the map, 0 the main road.
    """

    title: str
    lecture: int | None
    lab: int
    needs: tuple[str, ...] = ()
    assumes: str = "nothing more"
    column: int = 0


COURSE = {
    "stem": Chapter("Build the stem", 30, 30, (), "convolution, batch normalization, PyTorch"),
    "stages": Chapter("Build a stage", 45, 45, ("stem",), "residual connections"),
    "anynet": Chapter("Assemble AnyNet", 45, 30, ("stages",), "logarithms, quantiles"),
    "distributions": Chapter(
        "Compare whole populations", 60, 45, ("anynet",), "median, correlation, 95% interval"
    ),
    "constraints": Chapter(
        "Add one rule at a time", 75, 45, ("distributions",), "standard error of a mean"
    ),
    "regnet": Chapter("Draw RegNet from a line", 75, 60, ("constraints",), "logarithms"),
    "evidence": Chapter(
        "Ask again, and ask new networks", 60, 30, ("regnet",), "standard error, regression", 1
    ),
    "regime": Chapter(
        "Choose a regime that foretells", 45, 20, ("evidence",), "correlation, regression", 2
    ),
    "training": Chapter("Train RegNetX32", 45, 45, (), "gradients, standard error, PyTorch", 1),
    "family": Chapter("Meet the published family", 45, 60, ("regnet",), "logarithmic axes"),
    "paper": Chapter("See what the paper did next", 30, 20, ("family",), "rank correlation"),
    "discussion": Chapter("Ask what carries over", 60, 90, ("paper",), "transformers, by name"),
    "questions": Chapter(
        "Turn exercises into experiments", 30, 45, ("evidence", "discussion"), "correlation", 1
    ),
    "own": Chapter(
        "Ask a question of your own", 45, 90, ("evidence", "discussion"), "a shell, standard error"
    ),
    "weights": Chapter("Carry weights over", None, 30, ("family",), "nothing more", 3),
    "clusters": Chapter(
        "Train on many machines", None, 30, ("distributions",), "processes, a shell", 2
    ),
    "jax": Chapter("Build it in JAX", None, 45, ("anynet", "training"), "JAX, Flax", 1),
    "tensorflow": Chapter("Build it in TensorFlow", None, 45, ("anynet", "training"), "Keras", 2),
    "mxnet": Chapter("Run it in MXNet", None, 20, ("anynet", "training"), "nothing more", 3),
    "reproducibility": Chapter("Repeat every number", None, 45, ("training",), "git, hashes", 3),
}


def table() -> list[dict[str, object]]:
    """A row for each chapter, by the order of the book; "" for no lecture."""
    return [
        {
            "chapter": one.title,
            "lecture": one.lecture or "",
            "lab": one.lab,
            "after": ", ".join(COURSE[page].title for page in one.needs),
            "assumes": one.assumes,
        }
        for one in COURSE.values()
    ]


def row(page: str) -> int:
    """How many chapters the longest way to a page has before it: its row on the map, from 0."""
    return max((row(need) + 1 for need in COURSE[page].needs), default=0)
