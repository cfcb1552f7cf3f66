// SPDX-License-Identifier: MIT
// The losses of the lines of a stream, by one model or by several that are to be compared.
//
// Each line is a document, an empty one of no characters, between two tokens of BOS; or to a model of running text, which has
// not learned how documents end, a piece of text between two line feeds. What a line costs depends neither on the other lines
// nor on how they fall into chunks, to the last bit: chunks may be scored one after another or by several scorers at once.
// Where there are several models, a character that one of them does not know is unseen by all.
// Memory: a chunk and its losses, and what DocumentScorer takes. Threads: one at a time, as the engines'.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "scoring/evaluation.h"
#include "scoring/linear_model.h"
#include "scoring/mixture.h"
#include "scoring/ngram_scorer.h"
#include "scoring/token_scorer.h"
#include "text/line_chunks.h"

namespace microgpt {

// What stands before each line and after it, for a model of a corpus of the kind: BOS, or a line feed, if the model knows one.
Token line_boundary(const Tokenizer& tokenizer, CorpusKind kind);

// What predicts the lines: an engine, alone or in a mixture, or an n-gram alone.
struct LinePredictor {
  LinePredictor(Engine* given_engine, const Mixture* given_mixture = nullptr, const NgramModel* given_ngram = nullptr)
      : engine(given_engine), mixture(given_mixture), ngram(given_ngram) {}

  Engine* engine;
  const Mixture* mixture;   // of the engine with an n-gram, or null
  const NgramModel* ngram;  // where there is no engine
};

// All must outlive the scorer.
struct LineModel {
  LinePredictor predictor;
  const Tokenizer* tokenizer;
  CorpusKind kind = CorpusKind::lines;  // of what it was trained on
  const NgramModel* beside = nullptr;   // whose losses are kept beside those of the predictor, or null
};

// What is kept beside the losses of what predicts.
struct KeptLosses {
  bool positions = false;               // of each position, of the first model
  bool parts = false;                   // of the engine, and of the n-gram beside, of each line
  bool expected = false;                // what the models expect, in DocumentLoss
  std::size_t window = 0;               // of the peak, in DocumentLoss; 0: none
  const LinearModel* linear = nullptr;  // what it says of each line, or null; it must outlive the scorer
};

// Of a line, in nats, unseen characters included.
struct NatsOfParts {
  double gpt = 0.0;
  double ngram = 0.0;  // 0 where there is none beside
};

struct ScoredLines {
  std::vector<std::vector<DocumentLoss>> by_model;  // [models][lines]
  std::vector<double> positions;  // of the first model, where they are kept: nats of each position of all lines, end to end
  std::vector<std::vector<NatsOfParts>> parts;  // [models][lines], where they are kept
  std::vector<std::vector<double>> linear;      // [lines][classes], ln P by the linear model, where it is kept
};

class LineScorer {
 public:
  // REQUIRES: one model or more, of the same encoding; of more than two the vocabulary is the same, and that of a linear model
  // is the first one's.
  LineScorer(const std::vector<LineModel>& models, KeptLosses kept);

  // REQUIRES: no line is open.
  ScoredLines score(const LineChunk& chunk);

  // The same for a line that comes in pieces of whole characters.
  void append(std::string_view piece);
  ScoredLines end_line();

 private:
  class OfModel {
   public:
    OfModel(const LineModel& model, const Tokenizer* other, std::vector<double>* positions, KeptLosses kept);

    void score(const LineChunk& chunk);
    void append(std::string_view piece);
    void end_line();
    std::vector<DocumentLoss> take();
    std::vector<NatsOfParts> take_parts() { return std::exchange(parts_, {}); }
    std::vector<std::vector<double>> take_linear() { return std::exchange(linear_, {}); }

   private:
    void take(const ScoredPart& part);
    void add_parts(const ScoredPart& part);
    void append_boundary();

    const Tokenizer& tokenizer_;
    const Tokenizer* other_;
    Token boundary_;
    std::vector<double>* positions_;
    bool is_mixed_;
    bool keeps_parts_;
    std::unique_ptr<TokenScorer> scorer_;
    std::optional<NgramLosses> beside_;
    std::optional<PeakFinder> peak_;
    std::optional<LinearTally> tally_;
    std::vector<DocumentLoss> losses_;
    std::vector<NatsOfParts> parts_;
    std::vector<std::vector<double>> linear_;
    bool in_document_ = false;  // its first part was scored, and not its last
    bool in_line_ = false;      // it has a piece already
  };

  ScoredLines take();

  std::vector<double> positions_;
  std::vector<std::unique_ptr<OfModel>> models_;  // which do not move
};

}  // namespace microgpt
