// SPDX-License-Identifier: MIT
// How well a model predicts documents: what each one costs, and the mean over many.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/export.h"
#include "microgpt/model.h"

namespace microgpt {

// What a document costs: -log2 of its probability. With 1 bit for each halving, a document of 20 bits is one in a million.
struct Score {
  double bits = 0.0;           // of all positions together, the end included
  std::size_t positions = 0;   // tokens predicted: the characters and the end
  std::size_t characters = 0;  // code points, or bytes
  std::size_t unseen = 0;      // of these, characters that the model has never seen

  // Infinite where there is no character.
  MICROGPT_API double bits_per_character() const;
};

struct ScoreOptions {
  std::optional<PredictorKind> predictor = {};  // nothing: Model::predictor()
  std::size_t threads = 1;                      // for many documents; 0: as many as there are cores
};

// Scores documents one by one, or many at a time, which is faster. A document costs the same, to the last bit, whatever the
// other documents and the number of threads. A document is a line without its line end, valid in the encoding of the model's
// tokenizer; it may be longer than the context, which then slides. White space at its ends does not count, as in a corpus, but
// for models of a running text.
//
// Threads: one at a time uses a scorer. Scorers are independent, and may share a model. One that was moved from can only be
// assigned to or destroyed.
// Memory: the model's parameters once for each thread that has something to do, and what a batch of 65,536 positions takes.
class MICROGPT_API Scorer {
 public:
  // Throws Error: the model does not have the predictor; the system does not give so many threads.
  explicit Scorer(const Model& model, const ScoreOptions& options = {});
  ~Scorer();
  Scorer(Scorer&&) noexcept;
  Scorer& operator=(Scorer&&) noexcept;

  const Model& model() const;

  // Throws Error: the document is not valid in the encoding; the loss is no number, as parameters are too large.
  Score score(std::string_view document);

  // The same of many: scores[i] is that of documents[i]. Throws Error, too, where they are not as many.
  void score(std::span<const std::string_view> documents, std::span<Score> scores);
  std::vector<Score> score(std::span<const std::string_view> documents);
  std::vector<Score> score(std::span<const std::string> documents);
  std::vector<Score> score(std::initializer_list<std::string_view> documents) {
    return score(std::span<const std::string_view>(documents.begin(), documents.size()));
  }

  // What each position costs, in bits: of the characters in their order, and last of the end. Valid until the next call.
  std::span<const double> position_bits(std::string_view document);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What the loss of a batch is the mean over. They are different numbers: in the first a short document counts as much as a long
// one, in the second each position counts alike.
enum class LossMean {
  document,  // the mean over documents of the mean over their positions, as in microgpt.py
  token,     // the mean over all positions
};

// In nats.
struct MeanLoss {
  double document_mean;
  double token_mean;

  double of(LossMean mean) const { return mean == LossMean::document ? document_mean : token_mean; }
};

// REQUIRES of the means: there is a document.
struct Evaluation {
  MeanLoss loss;           // nats
  std::size_t documents;   // how many they were
  std::size_t positions;   // tokens predicted: a document's characters, and the BOS at its end if it has one
  std::size_t characters;  // code points among the targets: BOS is none
  std::size_t unseen;      // of these, characters that the model has never seen

  // All bits, those of the end token included, over the characters. Infinite where there is none.
  MICROGPT_API double bits_per_character() const;

  // e to the power of the token mean: as if the model chose among so many equally likely tokens.
  MICROGPT_API double perplexity() const;
};

// The same documents as each predictor of a model predicts them.
struct Comparison {
  Evaluation model;                   // of the GPT alone
  std::optional<Evaluation> ngram;    // where the model has one
  std::optional<Evaluation> mixture;  // where the model has one
};

// Is told now and then how many positions are scored so far. What it throws ends the evaluation.
using EvaluationWatch = std::function<void(std::size_t positions)>;

// Of all documents of a corpus, by all predictors that the model has. Throws Error: the corpus is of another encoding than the
// model; the loss is no number. Throws what the watch throws.
MICROGPT_API Comparison evaluate(const Model& model, const Corpus& corpus, const EvaluationWatch& watch = {});

// Of the documents that training held out of this corpus, and never saw: the honest figures. Nothing where nothing was held
// out. REQUIRES: the corpus is the one that the model was trained on.
struct HeldOutComparison {
  Comparison validation;  // which chose the parameters and fitted the mixture
  Comparison test;
};
MICROGPT_API std::optional<HeldOutComparison> evaluate_held_out(const Model& model, const Corpus& corpus,
                                                                const EvaluationWatch& watch = {});

}  // namespace microgpt
