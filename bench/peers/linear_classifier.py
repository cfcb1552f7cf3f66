#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The linear peer: logistic regression on the character n-grams of a document, with scikit-learn.

N-grams of 1 to 5 characters, the ends of the document among them, are weighted by tf-idf. The regularization was chosen by the
log loss of documents held out of domain names. It needs no seed. classifier_peer.py says how it is called.
"""
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

import classifier_peer

BEGIN, END = "\x02", "\x03"


class LinearClassifier:
    def __init__(self, positives, negatives, _seed):
        self.vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 5), lowercase=False, sublinear_tf=True)
        features = self.vectorizer.fit_transform(self.marked(positives + negatives))
        self.model = LogisticRegression(C=100, solver="liblinear")  # the fastest solver here, by far
        self.model.fit(features, [1] * len(positives) + [0] * len(negatives))

    @staticmethod
    def marked(documents):
        return [BEGIN + document + END for document in documents]

    def log_odds(self, documents):
        return self.model.decision_function(self.vectorizer.transform(self.marked(documents))).tolist()


if __name__ == "__main__":
    classifier_peer.main(LinearClassifier, __doc__)
