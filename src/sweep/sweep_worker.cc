// SPDX-License-Identifier: MIT
// The other ranks of a sweep than rank 0.
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "io/json.h"
#include "sweep/sweep_coordinator.h"
#include "sweep/sweep_messages.h"
#include "sweep/sweep_result.h"
#include "training/setting_values.h"

namespace microgpt {
namespace {

void share_text(Ranks& ranks, std::size_t size, std::string& text) {
  text.resize(size);
  broadcast(ranks, bytes_of_text(text));
}

std::string describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    return "out of memory: choose smaller models, or fewer threads";
  } catch (const std::exception& exception) {
    return exception.what();
  }
}

// Where the threads of another rank get their configurations and hand in their results.
class WorkerQueue final : public SweepWork {
 public:
  explicit WorkerQueue(std::size_t threads) : threads_(threads) {}

  std::optional<std::size_t> next() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return has_ended_ || !queue_.empty(); });
    if (has_ended_) return std::nullopt;
    const std::size_t next = queue_.front();
    queue_.pop_front();
    begun_.insert(next);
    return next;
  }

  void step_done(std::size_t) override {}

  void take(const NumberedResult& result) override {
    const std::scoped_lock lock(mutex_);
    results_ += result_line(result);
    --open_;
    quick_ += begun_.erase(result.configuration);
  }

  // What is finished since the last time, and how many more configurations are wanted: one for each thread; and where trainings
  // are so quick that they begin and end between two meetings, as many more as there were of those.
  std::string collect(std::size_t& wanted) {
    const std::scoped_lock lock(mutex_);
    const std::size_t most = std::min(kMaxHandedOut, threads_ + quick_);
    wanted = most - std::min(most, open_);
    begun_.clear();
    quick_ = 0;
    return std::exchange(results_, {});
  }

  void give(const RankAnswer& answer) {
    const std::scoped_lock lock(mutex_);
    queue_.insert(queue_.end(), answer.numbers.begin(), answer.numbers.begin() + static_cast<std::ptrdiff_t>(answer.count));
    open_ += answer.count;
    changed_.notify_all();
  }

  // There is nothing left for anybody.
  void end() {
    const std::scoped_lock lock(mutex_);
    has_ended_ = true;
    changed_.notify_all();
  }

 private:
  const std::size_t threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::size_t> queue_;
  std::set<std::size_t> begun_;  // since the last meeting
  std::size_t quick_ = 0;        // of these those that are finished
  std::size_t open_ = 0;         // handed out to this rank, and not finished
  std::string results_;
  bool has_ended_ = false;
};

// Another rank than 0 once it has been sent what is trained.
class SweepWorker {
 public:
  SweepWorker(Corpus corpus, std::vector<RunSettings> configurations, const SweepResources& resources)
      : corpus_(std::move(corpus)), trainer_(corpus_, std::move(configurations), resources.target), work_(resources.threads) {
    trainer_.require_memory(resources.threads, resources.processes);
    training_threads_.emplace(trainer_, work_, resources.threads);
  }

  ~SweepWorker() { work_.end(); }  // lest a thread wait for more

  SweepWorker(const SweepWorker&) = delete;
  SweepWorker& operator=(const SweepWorker&) = delete;

  std::string collect(std::size_t& wanted) { return work_.collect(wanted); }
  void give(const RankAnswer& answer) { work_.give(answer); }

  // What has gone wrong; empty where nothing has. Where one thread stops, the others must not wait for more.
  std::string failure() {
    if (training_threads_->is_stopping()) work_.end();
    return training_threads_->has_ended() && training_threads_->error() ? describe(training_threads_->error()) : "";
  }

 private:
  const Corpus corpus_;
  SweepTrainer trainer_;
  WorkerQueue work_;
  std::optional<SweepThreads> training_threads_;  // always
};

std::vector<RunSettings> configurations_from_json(const Json& all) {
  std::vector<RunSettings> configurations;
  for (const Json& object : all.elements()) configurations.push_back(settings_from_json("rank 0", object));
  return configurations;
}

// The documents that rank 0 has, as a corpus.
Corpus corpus_of(std::string name, std::string documents, CorpusFormat format) {
  format.byte_order_mark = ByteOrderMark::keep;  // it was dropped, where it was to be
  return {std::move(name), std::move(documents), format};
}

// Returns whether to go on.
bool meet(Ranks& ranks, SweepWorker* worker, std::string& failure) {
  RankReport report;
  std::string results;
  if (worker != nullptr) {
    results = worker->collect(report.wanted);
    failure = worker->failure();
  }
  report.results = results.size();
  report.failure = failure.size();
  gather(ranks, [&](std::size_t) { return bytes_of(report); });
  ranks.exchange({{{0, bytes_of_text(results)}, {0, bytes_of_text(failure)}}}, {});
  RankAnswer answer;
  ranks.exchange({}, {{{0, bytes_of(answer)}}});
  if (worker != nullptr) worker->give(answer);
  return answer.go_on;
}

}  // namespace

void run_sweep_worker(Ranks& ranks, const std::function<SweepResources()>& resources) {
  SweepOrder order;
  broadcast(ranks, bytes_of(order));
  if (!order.begin) return;
  std::string name, documents, configurations;
  share_text(ranks, order.name, name);
  share_text(ranks, order.corpus, documents);
  share_text(ranks, order.configurations, configurations);
  SweepGreeting greeting{0, probe_libm()};
  std::unique_ptr<SweepWorker> worker;
  std::string failure;
  try {
    const SweepResources own = resources();
    std::vector<RunSettings> all = configurations_from_json(parse_json("rank 0", configurations));
    const CorpusFormat format = all.front().format;
    worker = std::make_unique<SweepWorker>(corpus_of(std::move(name), std::move(documents), format), std::move(all), own);
    greeting.threads = own.threads;
  } catch (...) {
    failure = describe(std::current_exception());
  }
  gather(ranks, [&](std::size_t) { return bytes_of(greeting); });
  while (meet(ranks, worker.get(), failure)) std::this_thread::sleep_for(kTimeBetweenMeetings);
}

}  // namespace microgpt
