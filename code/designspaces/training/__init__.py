"""Train one network by a recipe. The recipe, the history and the data's files need no torch."""

from designspaces.moved import names

__getattr__ = names(
    __name__,
    {
        "Recipe": "recipe",
        "PRECISIONS": "recipe",
        "SCHEDULES": "recipe",
        "History": "history",
        "Epoch": "history",
        "TRACE_POINTS": "history",
        "train": "loop",
        "evaluate": "loop",
        "predict": "loop",
        "parameter_count": "loop",
        "versions": "loop",
        "shuffled": "loop",
        "portions": "loop",
        "VAL_BATCH": "loop",
    },
)
