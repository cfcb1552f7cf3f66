# SPDX-License-Identifier: MIT
"""microgpt: the smallest complete GPT. A list of strings becomes a model, which scores, explains and makes more of them.

    import microgpt
    model = microgpt.train(["anna", "emma", ...])
    model.score(["hannah", "xq"])  # bits, a numpy array
    model.sample(5)
"""
from ._microgpt import Classifier, Error, Model, __version__, resume, train, train_classifier

__all__ = ["Classifier", "Error", "Model", "resume", "train", "train_classifier", "__version__"]
