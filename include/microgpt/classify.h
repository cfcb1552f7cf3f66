// SPDX-License-Identifier: MIT
// Telling classes of documents apart, by a model of each class and a linear model of the n-grams that tell them apart: what all
// of them make of a document, weighed by a logistic fit on documents that none was trained on (docs/classifier.md).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/export.h"
#include "microgpt/model.h"
#include "microgpt/train.h"

namespace microgpt {

// What a classifier holds; of the library alone.
struct ClassifierParts;

// Threads: one at a time uses a classifier. Copies share their models, and are independent otherwise. One that was moved from
// can only be assigned to or destroyed. Memory: each model's parameters once for each thread that has something to do, and the
// linear model once, at most 16 MiB.
class MICROGPT_API Classifier {
 public:
  // That in a folder of train-pair, train-classes or save(). Throws Error: there is none, it is not finished, or a model, of a
  // class or the linear one, is not there or not the one that it was fitted to. `threads`: to read the models, and for many
  // documents; 0: as many as there are cores.
  static Classifier load(const std::string& folder, std::size_t threads = 1);

  // Of two models that were not fitted together; the labels are "positive" and "negative". Throws Error: their encodings
  // differ.
  Classifier(const Model& positive, const Model& negative, std::size_t threads = 1);

  Classifier(const Classifier& other);
  Classifier& operator=(const Classifier& other);
  Classifier(Classifier&&) noexcept;
  Classifier& operator=(Classifier&&) noexcept;
  ~Classifier();

  // Writes the models into folders of this folder, linear.bin and classifier.json. Throws Error: what the system does not
  // write; models that were not fitted together.
  void save(const std::string& folder) const;

  // Of the classes, in their order, and their models. Throws Error: there is no such label.
  const std::vector<std::string>& labels() const;
  const Model& model(std::size_t label) const;

  // Whether the models were trained together. Only then do probabilities know how frequent the classes are, and are calibrated,
  // where something was held out to fit them to; else each class is held to be as frequent.
  bool is_fitted() const;

  // P(class | document), [labels]; white space at the document's ends does not count. Throws Error: the document is not valid
  // in the encoding.
  std::vector<double> probabilities(std::string_view document);

  // The same of many, which is faster: [documents][labels]. Throws Error, too, where the probabilities are not so many.
  void probabilities(std::span<const std::string_view> documents, std::span<double> probabilities);

  // The likeliest label.
  const std::string& label(std::string_view document);

  // Of two classes the log-likelihood ratio of the first and the second, in nats: what a document says, however frequent the
  // classes are. Throws Error: there are more classes.
  double ratio(std::string_view document);

  // For the library.
  Classifier(std::shared_ptr<const ClassifierParts> parts, std::size_t threads);

 private:
  struct State;
  std::shared_ptr<const ClassifierParts> parts_;
  std::unique_ptr<State> state_;
};

struct LabelledCorpus {
  std::string label;
  Corpus corpus;
};

// Trains a model of each class, and fits a linear model and their weights. What is not set fits the corpora. A twentieth of the
// documents is held out of each class to fit the weights, and as much for a test; with {"held_out", 0} none, and weights are
// the usual ones. Throws Error: fewer than two classes, or two of one label; as train(). Throws ConfigError where a preset, an
// initial model or a folder is given. `check` is called often, by several threads at once: what it throws ends the training.
MICROGPT_API Classifier train_classifier(std::span<const LabelledCorpus> classes, const TrainOptions& options = {},
                                         const std::function<void()>& check = {});

}  // namespace microgpt
