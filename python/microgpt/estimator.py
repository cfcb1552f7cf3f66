# SPDX-License-Identifier: MIT
"""A classifier of strings with the habits of scikit-learn."""
import pathlib
import tempfile

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from . import _microgpt


class StringClassifier(ClassifierMixin, BaseEstimator):
    """Tells classes of strings apart by a small GPT and an n-gram of each, weighed together.

    X is a list, array or column of str, each without a line end; y has a label for each. What is None fits the data.

    Parameters: num_steps, n_layer, n_embd (ints or None): of each training, and of its model; held_out (0 to below 0.5): the
    share of each class on which the weights are fitted, and again of one that is left alone; seed; threads (0: all cores).
    The same X, y and parameters give the same classifier.

    Attributes: classes_, an array of the labels, and classifier_, a microgpt.Classifier.
    """

    def __init__(self, num_steps=None, n_layer=None, n_embd=None, held_out=0.1, seed=42, threads=0):
        self.num_steps = num_steps
        self.n_layer = n_layer
        self.n_embd = n_embd
        self.held_out = held_out
        self.seed = seed
        self.threads = threads

    def fit(self, X, y):
        X, y = _strings(X), np.asarray(y)
        if len(X) != len(y):
            raise ValueError(f"X has {len(X)} strings, and y {len(y)} labels")
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has {len(self.classes_)} class, and it takes two or more")
        documents = {str(number): [] for number in range(len(self.classes_))}
        for text, number in zip(X, numbers):
            documents[str(number)].append(text)
        settings = {"num_steps": self.num_steps, "n_layer": self.n_layer, "n_embd": self.n_embd, "held_out": float(self.held_out),
                    "seed": self.seed}
        given = {name: value for name, value in settings.items() if value is not None}
        self.classifier_ = _microgpt.train_classifier(documents, threads=self.threads, **given)
        return self

    def predict_proba(self, X):
        """P(class | string): float64 [strings, classes], in the order of classes_."""
        check_is_fitted(self)
        return self.classifier_.probabilities(_strings(X))

    def predict(self, X):
        check_is_fitted(self)
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]

    def _more_tags(self):
        return {"X_types": ["string"], "non_deterministic": False}

    # A fitted one is pickled as the files of its folder.
    def __getstate__(self):
        state = dict(self.__dict__)
        if "classifier_" in state:
            with tempfile.TemporaryDirectory() as folder:
                self.classifier_.save(folder)
                root = pathlib.Path(folder)
                state["classifier_"] = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        return state

    def __setstate__(self, state):
        files = state.get("classifier_")
        if files is not None:
            with tempfile.TemporaryDirectory() as folder:
                for name, content in files.items():
                    path = pathlib.Path(folder, name)
                    path.parent.mkdir(exist_ok=True)
                    path.write_bytes(content)
                state = dict(state, classifier_=_microgpt.Classifier.load(folder, state["threads"]))
        self.__dict__.update(state)


def _strings(X):
    if isinstance(X, str):
        raise ValueError("X is one string, and must be a list of them")
    X = np.asarray(X, dtype=object)
    if X.ndim > 2 or (X.ndim == 2 and X.shape[1] != 1):
        raise ValueError(f"X has the shape {X.shape}, and must be one column of str")
    texts = X.ravel().tolist()
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"X has {text!r}, which is no str")
    return texts
