"""A wing: what chapters and notebooks need, and the interface of d2l."""

from designspaces.moved import names

__getattr__ = names(__name__, notebook="say show glue add_to_class")
