// SPDX-License-Identifier: MIT
// Chunks of lines that are scored at the same time, each by a scorer of its own.
//
// The results are those of one LineScorer, to the last bit, and errors come where they would have come with it: the first of
// them, by the order of the chunks, when all before it are done.
// Memory: for each thread that ever has something to do, an engine for each model and what LineScorer takes.
// Threads: one at a time calls; the work is done by a team.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "parallel/thread_team.h"
#include "scoring/line_scorer.h"
#include "text/line_chunks.h"

namespace microgpt {

// A LineModel whose engine each thread makes for itself. What is called must make engines with the same parameters, whichever
// thread calls it, or null for an n-gram alone. All else must outlive the team.
struct TeamModel {
  std::function<std::unique_ptr<Engine>()> make_engine;
  LineModel model;
};

class LineScorerTeam {
 public:
  struct Scored {
    ScoredLines lines;
    std::string formatted;
  };
  using Score = std::function<Scored(LineScorer&, const LineChunk&)>;
  using Take = std::function<void(const LineChunk&, const Scored&)>;

  // Throws as ThreadTeam and as the making of an engine. REQUIRES: as ThreadTeam and LineScorer.
  LineScorerTeam(std::size_t threads, std::vector<TeamModel> models, KeptLosses kept);

  // So many chunks keep all threads busy.
  std::size_t chunks_at_once() const;

  // Calls `score` for each chunk, several at the same time, and then `take` for one after another, in their order. Throws what
  // one of them throws.
  void score(const std::vector<LineChunk>& chunks, const Score& score, const Take& take);

  // For what comes one by one.
  LineScorer& scorer();

 private:
  struct ScorerThread {
    std::vector<std::unique_ptr<Engine>> engines;
    std::optional<LineScorer> scorer;
  };

  std::unique_ptr<ScorerThread> make_scorer_thread() const;

  std::vector<TeamModel> models_;
  KeptLosses kept_;
  ThreadTeam team_;
  std::vector<std::unique_ptr<ScorerThread>> scorer_threads_;  // null where there was nothing to do, or an error
};

}  // namespace microgpt
