// SPDX-License-Identifier: MIT
#include "scoring/line_scorer_team.h"

#include <exception>
#include <utility>

namespace microgpt {
namespace {

// More let those who are done early help the others, and take more memory.
constexpr std::size_t kChunksOfThread = 2;

}  // namespace

LineScorerTeam::LineScorerTeam(std::size_t threads, std::vector<TeamModel> models, KeptLosses kept)
    : models_(std::move(models)), kept_(kept), team_(threads), scorer_threads_(threads) {
  scorer_threads_.front() = make_scorer_thread();
}

std::unique_ptr<LineScorerTeam::ScorerThread> LineScorerTeam::make_scorer_thread() const {
  auto thread = std::make_unique<ScorerThread>();
  std::vector<LineModel> scored;
  for (const TeamModel& model : models_) {
    thread->engines.push_back(model.make_engine());
    scored.push_back(model.model);
    scored.back().predictor.engine = thread->engines.back().get();
  }
  thread->scorer.emplace(scored, kept_);
  return thread;
}

LineScorer& LineScorerTeam::scorer() {
  if (!scorer_threads_.front()) scorer_threads_.front() = make_scorer_thread();
  return *scorer_threads_.front()->scorer;
}

std::size_t LineScorerTeam::chunks_at_once() const { return team_.size() == 1 ? 1 : kChunksOfThread * team_.size(); }

void LineScorerTeam::score(const std::vector<LineChunk>& chunks, const Score& score, const Take& take) {
  std::vector<Scored> scored(chunks.size());
  std::vector<std::exception_ptr> errors(chunks.size());
  team_.for_each(chunks.size(), [&](std::size_t i, std::size_t m) {
    try {
      if (!scorer_threads_[m]) scorer_threads_[m] = make_scorer_thread();
      scored[i] = score(*scorer_threads_[m]->scorer, chunks[i]);
    } catch (...) {
      errors[i] = std::current_exception();
      scorer_threads_[m].reset();  // it stopped in the midst of a line
    }
  });
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (errors[i]) std::rethrow_exception(errors[i]);
    take(chunks[i], scored[i]);
  }
}

}  // namespace microgpt
