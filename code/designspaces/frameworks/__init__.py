"""The book's networks in other frameworks: flax's nnx and linen, TensorFlow's Keras, MXNet's Gluon.

Each has a module that can be imported where its framework is installed, with the same pieces: Stem,
XBlock, the blocks of a stage, Head, AnyNet, the textbook's RegNetX32, and a `parity.Learner`.
`pytorch` puts the book's own network behind that protocol, `loop` trains any of them, and `parity`
says how far two of them are apart.
"""
