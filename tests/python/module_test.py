#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Python module: what goes in and comes out, that it is the library's, and that threads run meanwhile.

usage: module_test.py FOLDER-OF-THE-MODULE PROGRAM
Exit status: 77, skipped, where the module was not built or there is no numpy.
"""
import inspect
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

if not (pathlib.Path(sys.argv[1]) / "microgpt").is_dir():
    print("skipped: the module is not built")
    sys.exit(77)
try:
    import numpy as np
except ImportError:
    print("skipped: there is no numpy")
    sys.exit(77)
sys.path.insert(0, sys.argv[1])
import microgpt  # noqa: E402

PROGRAM = sys.argv[2]
NAMES = ["anna", "emma", "ella", "hannah", "otto", "mia", "maria", "marta", "nora", "lena", "lea", "ida", "eva", "ava", "ada", "lara"]
NUMBERS = [str(n * n * 37 + 11) for n in range(20)]


def short(**more):
    return microgpt.train(NAMES, num_steps=30, n_embd=16, n_layer=1, **more)


class ModuleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = short()

    def test_scores_are_those_of_the_program(self):
        with tempfile.TemporaryDirectory() as folder:
            self.model.save(folder)
            lines = "anna\nzoë\n\nhannah\n"
            done = subprocess.run([PROGRAM, "score", folder, "--format", "tsv"], input=lines, capture_output=True, text=True, check=True)
            bits = [float(line.split("\t")[1]) for line in done.stdout.splitlines()[1:]]
        scores = self.model.score(lines.split("\n")[:-1])
        self.assertEqual(scores.dtype, np.float64)
        np.testing.assert_allclose(scores, bits, rtol=1e-5)

    def test_documents_may_be_any_iterable_of_str(self):
        expected = self.model.score(NAMES)
        for documents in (tuple(NAMES), np.array(NAMES), np.array(NAMES, dtype=object), iter(NAMES), (name for name in NAMES)):
            np.testing.assert_array_equal(self.model.score(documents), expected)
        np.testing.assert_array_equal(self.model.score(NAMES, threads=2), expected)
        self.assertEqual(self.model.score([]).shape, (0,))

    def test_what_is_no_document_is_refused(self):
        for documents in ("anna", [1], [None], 3):
            with self.assertRaises(TypeError):
                self.model.score(documents)
        with self.assertRaises(TypeError):
            microgpt.train("anna")
        with self.assertRaisesRegex(microgpt.Error, "layers is no setting"):
            microgpt.train(NAMES, layers=3)
        with self.assertRaisesRegex(microgpt.Error, "line end"):
            microgpt.train(["two\nlines", "anna"])
        with self.assertRaisesRegex(microgpt.Error, "no-such"):
            microgpt.Model.load("no-such")

    def test_positions_add_up(self):
        bits = self.model.position_bits("hannah")
        self.assertEqual(bits.shape, (7,))
        self.assertAlmostEqual(bits.sum(), self.model.score(["hannah"])[0], places=6)
        details = self.model.score_details(["zoë"])
        self.assertEqual((details["characters"][0], details["unseen"][0]), (3, 2))

    def test_parameters_are_views_that_outlive_the_model(self):
        model = short()
        wte = model.parameters()["wte"]
        self.assertEqual(wte.shape, (model.config["vocab_size"], 16))
        self.assertFalse(wte.flags.writeable)
        self.assertFalse(wte.flags.owndata)
        self.assertEqual(wte.__array_interface__["data"], model.parameters()["wte"].__array_interface__["data"])
        expected = wte.copy()
        del model
        np.testing.assert_array_equal(wte, expected)

    def test_the_same_training_gives_the_same_model(self):
        other = short(threads=2)
        for name, array in self.model.parameters().items():
            np.testing.assert_array_equal(array, other.parameters()[name])

    def test_samples_and_explanations(self):
        samples = self.model.sample(5, temperature=1.0, not_in=NAMES, unique=True, match="[a-z]+")
        self.assertEqual(len(set(samples)), 5)
        self.assertFalse(set(samples) & set(NAMES))
        self.assertEqual(samples, self.model.sample(5, temperature=1.0, not_in=NAMES, unique=True, match="[a-z]+", threads=2))
        explanation = self.model.explain("anna", attention=True)
        total = sum(position["bits"] for position in explanation["positions"])
        self.assertAlmostEqual(total, self.model.score(["anna"])[0], places=4)
        self.assertEqual(self.model.evaluate(NAMES)["gpt"]["documents"], len(NAMES))

    def test_bytes_and_texts(self):
        model = microgpt.train([b"\xff\x01", b"\xfe\x01", b"\xff\x02"], encoding="bytes", num_steps=5, held_out=0.0)
        self.assertIsInstance(model.sample(1)[0], bytes)
        text = microgpt.train("to be or not to be\n" * 100, kind="text", num_steps=5, n_embd=16, n_layer=1)
        self.assertEqual(len(text.sample(1, max_length=40)[0]), 40)

    def test_reports_and_what_they_raise(self):
        reports = []
        short(on_report=lambda step, loss: reports.append((step, loss)))
        self.assertEqual(reports[0][0], 0)
        self.assertEqual(reports[-1][0], 30)

        def stop(step, loss):
            raise KeyError("enough")

        with self.assertRaises(KeyError):
            short(on_report=stop)

    def test_other_threads_run_meanwhile(self):
        ran = []
        worker = threading.Thread(target=lambda: ran.append(self.model.score(NAMES * 2000).sum()))
        worker.start()
        while worker.is_alive() and len(ran) == 0:
            ran.append("me")
        worker.join()
        self.assertEqual(ran[0], "me")
        results = [None] * 8
        threads = [threading.Thread(target=lambda i=i: results.__setitem__(i, self.model.score(NAMES))) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for result in results:
            np.testing.assert_array_equal(result, self.model.score(NAMES))

    def test_classifiers(self):
        classifier = microgpt.train_classifier({"name": NAMES, "number": NUMBERS}, num_steps=30, n_embd=16, n_layer=1)
        self.assertEqual(classifier.labels, ["name", "number"])
        probabilities = classifier.probabilities(["anne", "123"])
        self.assertEqual(probabilities.shape, (2, 2))
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
        self.assertGreater(probabilities[0, 0], 0.5)
        self.assertGreater(probabilities[1, 1], 0.5)
        with tempfile.TemporaryDirectory() as folder:
            classifier.save(folder)
            np.testing.assert_array_equal(microgpt.Classifier.load(folder).probabilities(["anne", "123"]), probabilities)
            done = subprocess.run([PROGRAM, "classify", folder], input="anne\n123\n", capture_output=True, text=True, check=True)
            self.assertEqual([line.split("\t")[1] for line in done.stdout.splitlines()[1:]], ["name", "number"])

    def test_each_function_has_a_docstring_and_a_hint(self):
        hints = (pathlib.Path(sys.argv[1]) / "microgpt/__init__.pyi").read_text()
        for owner in (microgpt, microgpt.Model, microgpt.Classifier):
            for name, member in vars(owner).items():
                if name.startswith("_") or not (inspect.isroutine(member) or isinstance(member, (property, staticmethod))):
                    continue
                self.assertTrue(inspect.getdoc(getattr(owner, name)), name)
                self.assertIn(f"def {name}(", hints)


class EstimatorTest(unittest.TestCase):
    def setUp(self):
        try:
            import sklearn  # noqa: F401
        except ImportError:
            self.skipTest("there is no sklearn")

    def test_it_has_the_habits_of_sklearn(self):
        import pickle

        from sklearn.base import clone
        from sklearn.model_selection import cross_val_score
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer

        from microgpt.estimator import StringClassifier

        texts = np.array(NAMES + NUMBERS, dtype=object)
        labels = np.array([1] * len(NAMES) + [0] * len(NUMBERS))
        estimator = StringClassifier(num_steps=30, n_layer=1, n_embd=16)
        self.assertEqual(clone(estimator).get_params(), estimator.get_params())
        estimator.fit(texts, labels)
        self.assertGreater(estimator.score(texts, labels), 0.9)
        self.assertEqual(list(estimator.classes_), [0, 1])
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(estimator)).predict_proba(texts), estimator.predict_proba(texts))
        lower = FunctionTransformer(lambda X: np.array([text.lower() for text in X], dtype=object))
        scores = cross_val_score(make_pipeline(lower, clone(estimator)), texts, labels, cv=3)
        self.assertGreater(scores.mean(), 0.8)
        with self.assertRaises(ValueError):
            clone(estimator).fit(texts, np.zeros(len(texts)))
        with self.assertRaises(ValueError):
            estimator.predict("anna")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
