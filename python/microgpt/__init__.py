# SPDX-License-Identifier: MIT
"""microgpt: the smallest complete GPT. A list of strings becomes a model, which scores, explains and makes more of them.

    import microgpt
    model = microgpt.train(["anna", "emma", ...])
    model.score(["hannah", "xq"])  # bits, a numpy array
    model.sample(5)
"""
from ._microgpt import Error, Model, __version__, resume, train

__all__ = ["Error", "Model", "resume", "train", "__version__"]
