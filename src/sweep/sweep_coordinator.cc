// SPDX-License-Identifier: MIT
#include "sweep/sweep_coordinator.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/libm_variant.h"
#include "microgpt/error.h"
#include "sweep/sweep_messages.h"
#include "sweep/sweep_result.h"
#include "training/setting_values.h"

namespace microgpt {
namespace {

std::string documents_of(const Corpus& corpus) {
  std::string text;
  for (std::size_t i = 0; i < corpus.size(); ++i) {
    if (i > 0) text += '\n';
    text += corpus[i];
  }
  return text;
}

Json configurations_to_json(const std::vector<RunSettings>& configurations) {
  Json all = Json::array();
  for (const RunSettings& settings : configurations) all.push_back(settings_to_json(settings));
  return all;
}

// The other ranks, as rank 0 sees them.
class WorkerGroup {
 public:
  explicit WorkerGroup(Ranks& ranks) : ranks_(ranks), heard_(ranks.size()), answers_(ranks.size()), open_(ranks.size()) {}

  // Everybody waits now until the others are answered.
  void hear() {
    gather(ranks_, [this](std::size_t rank) { return bytes_of(heard_[rank].report); });
    std::vector<IncomingPiece> incoming;
    for (std::size_t rank = 1; rank < heard_.size(); ++rank) {
      Heard& heard = heard_[rank];
      heard.results.resize(heard.report.results);
      heard.failure.resize(heard.report.failure);
      incoming.push_back({rank, bytes_of_text(heard.results)});
      incoming.push_back({rank, bytes_of_text(heard.failure)});
    }
    ranks_.exchange({}, incoming);
  }

  // Throws as work.take(), and what went wrong on another rank.
  void take_results(SweepWork& work) {
    for (std::size_t rank = 1; rank < heard_.size(); ++rank) {
      std::string_view lines = heard_[rank].results;
      for (std::size_t end = 0; !lines.empty(); lines.remove_prefix(end + 1)) {
        end = lines.find('\n');
        work.take(parse_result_line(fmt::format("rank {}", rank), lines.substr(0, end)));
        --open_[rank];
      }
    }
    for (std::size_t rank = 1; rank < heard_.size(); ++rank)
      if (!heard_[rank].failure.empty()) throw Error(fmt::format("rank {}: {}", rank, heard_[rank].failure));
  }

  // Throws as work.next().
  void hand_out(SweepWork& work) {
    for (std::size_t rank = 1; rank < answers_.size(); ++rank) {
      RankAnswer& answer = answers_[rank] = {};
      while (answer.count < heard_[rank].report.wanted) {
        const std::optional<std::size_t> next = work.next();
        if (!next) break;
        answer.numbers[answer.count++] = static_cast<std::uint32_t>(*next);
        ++open_[rank];
      }
    }
  }

  bool all_are_back() const {
    return std::all_of(open_.begin(), open_.end(), [](std::size_t open) { return open == 0; });
  }

  // With what is handed out.
  void answer() {
    std::vector<OutgoingPiece> outgoing;
    for (std::size_t rank = 1; rank < answers_.size(); ++rank) outgoing.push_back({rank, bytes_of(answers_[rank])});
    ranks_.exchange(outgoing, {});
  }

  void shut_down() {
    answers_.assign(ranks_.size(), RankAnswer{.go_on = false});
    answer();
  }

 private:
  struct Heard {
    RankReport report;
    std::string results;
    std::string failure;
  };

  Ranks& ranks_;
  std::vector<Heard> heard_;
  std::vector<RankAnswer> answers_;
  std::vector<std::size_t> open_;  // by rank: configurations that are handed out, and not back
};

// Whether there is anything left to be done.
bool continue_sweep(WorkerGroup& group, SweepWork& work, const SweepThreads& training_threads) {
  group.take_results(work);
  if (training_threads.is_stopping()) return false;
  group.hand_out(work);
  if (!training_threads.has_ended()) return true;
  work.next();  // there is none, but it may want to end the sweep
  return !group.all_are_back();
}

}  // namespace

SweepCoordinator::~SweepCoordinator() {
  try {
    end();
  } catch (const RankLost&) {
    return;  // which was said before, or does not matter any more
  }
}

void SweepCoordinator::end() {
  const Phase phase = std::exchange(phase_, Phase::ended);
  if (phase == Phase::waiting) {
    SweepOrder order;
    broadcast(ranks_, bytes_of(order));
  } else if (phase == Phase::begun) {
    WorkerGroup group(ranks_);
    group.hear();
    group.shut_down();
  }
}

std::size_t SweepCoordinator::begin(const Corpus& corpus, const SweepTrainer& trainer) {
  std::string name = corpus.name();
  std::string documents = documents_of(corpus);
  std::string configurations = dump(configurations_to_json(trainer.configurations()));
  SweepOrder order{true, name.size(), documents.size(), configurations.size()};
  broadcast(ranks_, bytes_of(order));
  for (std::string* text : {&name, &documents, &configurations}) broadcast(ranks_, bytes_of_text(*text));
  phase_ = Phase::begun;
  std::vector<SweepGreeting> greetings(ranks_.size());
  gather(ranks_, [&](std::size_t rank) { return bytes_of(greetings[rank]); });
  const LibmVariant own = probe_libm();
  std::size_t threads = 0;
  for (std::size_t rank = 1; rank < greetings.size(); ++rank) {
    if (greetings[rank].libm != own)
      throw Error(
          fmt::format("rank {} has another C library than rank 0, so that its results would differ: {}, and not {}; "
                      "start the sweep on machines that are alike",
                      rank, describe(greetings[rank].libm), describe(own)));
    threads += greetings[rank].threads;
  }
  return threads;
}

void SweepCoordinator::run(SweepTrainer& trainer, SweepWork& work, std::size_t threads) {
  WorkerGroup group(ranks_);
  SweepThreads training_threads(trainer, work, threads);
  const auto shut_down = [&] {
    phase_ = Phase::ended;
    group.shut_down();
    training_threads.stop();
  };
  try {
    for (group.hear(); continue_sweep(group, work, training_threads); group.hear()) {
      group.answer();
      std::this_thread::sleep_for(kTimeBetweenMeetings);
    }
  } catch (const RankLost&) {
    throw;
  } catch (...) {
    shut_down();
    throw;
  }
  shut_down();
  if (training_threads.error()) std::rethrow_exception(training_threads.error());
}

}  // namespace microgpt
