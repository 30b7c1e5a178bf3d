"""The book's networks in other frameworks: flax (nnx and linen), Keras, Gluon.

Each module holds the same pieces under the same names: Stem, XBlock, stage, AnyNet, RegNetX32 and a
Learner, which predicts and takes steps. It can be imported where its framework is installed.
"""
