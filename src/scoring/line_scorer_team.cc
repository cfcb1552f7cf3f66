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
    : models_(std::move(models)), kept_(kept), team_(threads), members_(threads) {
  members_.front() = make_member();
}

std::unique_ptr<LineScorerTeam::Member> LineScorerTeam::make_member() const {
  auto member = std::make_unique<Member>();
  std::vector<LineModel> scored;
  for (const TeamModel& model : models_) {
    member->engines.push_back(model.make_engine());
    scored.push_back(model.model);
    scored.back().predictor.engine = member->engines.back().get();
  }
  member->scorer.emplace(scored, kept_);
  return member;
}

std::size_t LineScorerTeam::chunks_at_once() const { return team_.size() == 1 ? 1 : kChunksOfThread * team_.size(); }

void LineScorerTeam::score(const std::vector<LineChunk>& chunks, const Score& score, const Take& take) {
  std::vector<Scored> scored(chunks.size());
  std::vector<std::exception_ptr> errors(chunks.size());
  team_.for_each(chunks.size(), [&](std::size_t i, std::size_t m) {
    try {
      if (!members_[m]) members_[m] = make_member();
      scored[i] = score(*members_[m]->scorer, chunks[i]);
    } catch (...) {
      errors[i] = std::current_exception();
    }
  });
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (errors[i]) std::rethrow_exception(errors[i]);
    take(chunks[i], scored[i]);
  }
}

}  // namespace microgpt
