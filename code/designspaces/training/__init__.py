"""Train one network by a recipe. The recipe, the history and the data's files need no torch."""

from designspaces.moved import names

__getattr__ = names(
    __name__,
    recipe="Recipe PRECISIONS SCHEDULES",
    history="History Epoch TRACE_POINTS",
    loop="train evaluate predict parameter_count versions shuffled portions VAL_BATCH",
)
