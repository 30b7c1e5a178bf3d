"""A wing: what chapters and notebooks need, and the interface of d2l."""

from designspaces.moved import names

__getattr__ = names(
    __name__,
    {
        "say": "notebook",
        "show": "notebook",
        "glue": "notebook",
        "add_to_class": "notebook",
    },
)
