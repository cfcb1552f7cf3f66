// SPDX-License-Identifier: MIT
// A model that has learnt to end names, and what is done with it: lines to score, documents to sample.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/engine.h"
#include "microgpt/tokenizer.h"
#include "report/records.h"
#include "scoring/line_scorer.h"
#include "text/line_chunks.h"

namespace microgpt::bench {

class TrainedModel {
 public:
  // Of one layer, 4 heads and a context of 16. Throws Error where there is no such workload.
  explicit TrainedModel(std::size_t n_embd);

  const Config& config() const { return engine_->config(); }
  std::vector<double> parameters() const;

  // The embedded names, as many as `score` takes at a time.
  const LineChunk& lines() const { return lines_; }
  std::size_t characters() const;
  std::vector<std::vector<Token>> documents() const;

  // From lines to records; what they cost, in nats.
  std::vector<double> score();

  // The same from logits, token after token, as samples are made.
  std::vector<double> score_by_steps(FirstLayer first_layer);

  // Makes documents. How many tokens they take, those included that end them where they do not fill the context.
  std::size_t sample(std::size_t count, std::size_t streams, FirstLayer first_layer);

  void open_streams(FirstLayer first_layer) { engine_->open_streams(1, first_layer); }

  // Throws Error where any of these is not within 1e-5 of the graph engine's; of some lines, as that one is slow.
  void check();

 private:
  std::unique_ptr<Engine> engine_;
  Tokenizer tokenizer_;
  LineChunk lines_;
  LineScorer scorer_;
  ScoreRecords records_;
};

}  // namespace microgpt::bench
