// SPDX-License-Identifier: MIT
// How well documents are predicted: the loss of them all, and what follows from it.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "engine/engine.h"
#include "microgpt/score.h"
#include "ngram/ngram_model.h"
#include "scoring/mixture.h"
#include "scoring/ngram_scorer.h"
#include "scoring/token_scorer.h"
#include "text/tokenized_documents.h"

namespace microgpt {

// The most surprising run of positions of a document.
struct Peak {
  double nats = 0.0;
  std::size_t position = 0;  // where it begins, from 0
};

// Finds it as the losses come.
class PeakFinder {
 public:
  // REQUIRES: a window of one position or more.
  explicit PeakFinder(std::size_t window) : window_(window) {}

  // The next position of the document.
  void add(double nats);

  // Of the document, all of it where it is shorter than the window. Another one begins then.
  Peak take();

 private:
  std::size_t window_;
  std::vector<double> last_;  // losses, as many as the window; where position i has its place at i % window
  std::size_t positions_ = 0;
  Peak peak_;
};

// What the losses of one document add up to, in their order.
struct DocumentLoss {
  double nats = 0.0;           // of all positions together
  double cubes = 0.0;          // the sum of the cubes of the positions' nats
  std::size_t positions = 0;   // tokens predicted: the characters, and the BOS at the end if it has one
  std::size_t characters = 0;  // code points, or bytes, among the targets: BOS is none
  std::size_t unseen = 0;      // of these, characters that the model has never seen
  ExpectedLoss expected = {};  // of all positions together, where the parts say it: the sums of their means and variances

  Peak peak = {};  // where it is asked for

  // The next part of the document. The token that ends it is no character: BOS, the last of the vocabulary, but for pieces of a
  // running text.
  void add(const ScoredPart& part, Token end);

  // By how much the nats are above what was expected, in standard deviations. Of documents that the model draws itself the nats
  // are in the mean what was expected, wherever they end. REQUIRES: the parts said what was expected.
  double excess() const;

  // The cube root of the sum of the cubes: nats, of which a great one counts for more than many small ones. Between all of
  // them together and the greatest alone, so that it sees both a document that is unlikely as a whole and one odd place.
  double surprise() const;

  // Nats. REQUIRES: there is a position.
  double token_mean() const { return nats / static_cast<double>(positions); }
};

// All bits, those of the end token included, over the characters. Infinite where there is none.
double bits_per_character(double token_mean, std::size_t positions, std::size_t characters);

// Adds up the losses of documents. The sum depends on their order, and not on the parts in which they come.
class Tally {
 public:
  // `bos`, the last token of the vocabulary, is no character.
  explicit Tally(Token bos) : bos_(bos) {}

  // The next part of a document, or the first of the next one; as DocumentScorer gives them.
  void add(const ScoredPart& part);

  // Of the documents that have ended. REQUIRES: there is one.
  Evaluation evaluation() const;

 private:
  Token bos_;
  DocumentLoss document_;      // the one that is open
  double sum_ = 0.0;           // over positions
  double sum_of_means_ = 0.0;  // over documents
  std::size_t documents_ = 0;
  std::size_t positions_ = 0;
  std::size_t characters_ = 0;
  std::size_t unseen_ = 0;
};

// What a model is compared with, or null.
struct Baseline {
  const NgramModel* ngram = nullptr;
  const Mixture* mixture = nullptr;  // of both
};

// Adds up the losses of documents, as Tally does for one predictor.
class ComparisonTally {
 public:
  // The n-gram, which may be null, must outlive it. `bos` is the last token of the vocabulary.
  ComparisonTally(Token bos, const NgramModel* ngram);

  // The next part of a document, or the first of the next one, with the losses of the model, and those of a mixture if there is
  // one; as DocumentScorer gives them.
  void add(const ScoredPart& part);

  // Of the documents that have ended. REQUIRES: there is one.
  Comparison comparison() const;

 private:
  Tally model_;
  Tally ngram_;
  Tally mixture_;
  std::optional<NgramLosses> ngram_losses_;
  bool has_mixture_ = false;
};

// Of whole documents: past the context the window slides, as in `eval` (scoring/document_scorer.h).
// Throws what Engine::losses() throws; Error where the loss is no number: the parameters have become too large.
// REQUIRES: there is a document; the documents' tokens are those of the engine's vocabulary.
Evaluation evaluate(Engine& engine, const TokenizedDocuments& documents, const EvaluationWatch& watch = {});

// The same beside a baseline, in one pass. Throws and REQUIRES as above; the vocabularies are the same.
Comparison evaluate(Engine& engine, const TokenizedDocuments& documents, const Baseline& baseline,
                    const EvaluationWatch& watch = {});

// The same of a corpus. REQUIRES: it is of the tokenizer's encoding, and the tokenizer of the engine's vocabulary.
Comparison evaluate(Engine& engine, const Tokenizer& tokenizer, const Corpus& corpus, const Baseline& baseline,
                    const EvaluationWatch& watch = {});

// The same positions as the n-gram baseline predicts them. REQUIRES: there is a document; the vocabulary is the model's.
Evaluation evaluate(const NgramModel& model, const TokenizedDocuments& documents);

// What each document costs each predictor, by the number of its PredictorKind: nats of all its positions together; the sums of
// evaluate(). Throws and REQUIRES as there, and there may be no document.
using NatsOfPredictors = std::array<double, kPredictorNames.size()>;
std::vector<NatsOfPredictors> document_nats(Engine& engine, const TokenizedDocuments& documents, const Mixture& mixture,
                                            const EvaluationWatch& watch = {});

// What each document costs what predicts: the mixture, which may be null, or else the engine.
// Throws and REQUIRES as above, and there may be no document.
std::vector<DocumentLoss> document_losses(Engine& engine, const TokenizedDocuments& documents, const Mixture* mixture,
                                          const EvaluationWatch& watch = {});

}  // namespace microgpt
