// SPDX-License-Identifier: MIT
#include "distributed/signs_of_life.h"

#include <cstdint>
#include <utility>

#include "parallel/signals_blocked.h"

namespace microgpt {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeBetweenSigns = 100ms;
constexpr auto kMaxEnd = 9s;

}  // namespace

struct SignsOfLife::State {
  // The other rank, and what is under way between it and this one.
  struct Other {
    std::size_t rank;
    std::atomic<std::int64_t> heard = 0;  // at which beat
    char sent = 0;
    char received = 0;
    MPI_Request sending = MPI_REQUEST_NULL;
    MPI_Request receiving = MPI_REQUEST_NULL;

    explicit Other(std::size_t other_rank) : rank(other_rank) {}
  };
  enum class Phase { beating, quiet, ended };

  void live();
  void exchange_signs();
  void take_back();

  MPI_Comm communicator{};
  std::function<void()> end_process;
  std::vector<std::unique_ptr<Other>> others;
  std::atomic<std::int64_t> beats = 0;  // time as this rank lives it: where it is stopped and goes on, none has passed
  std::mutex mutex;
  std::condition_variable changed;
  Phase phase = Phase::beating;
  bool is_quiet = false;
};

SignsOfLife::SignsOfLife(MPI_Comm communicator, std::function<void()> end_process) : state_(std::make_shared<State>()) {
  state_->communicator = communicator;
  state_->end_process = std::move(end_process);
  int rank = 0;
  int size = 0;
  MPI_Comm_rank(communicator, &rank);
  MPI_Comm_size(communicator, &size);
  for (int other = 0; other < size; ++other)
    if (other != rank && (rank == 0 || other == 0))
      state_->others.push_back(std::make_unique<State::Other>(static_cast<std::size_t>(other)));
  const SignalsBlocked scope;
  thread_ = std::thread([state = state_] { state->live(); });
}

void SignsOfLife::State::live() {
  std::unique_lock lock(mutex);
  while (phase == Phase::beating) {
    lock.unlock();
    ++beats;
    exchange_signs();
    lock.lock();
    changed.wait_for(lock, kTimeBetweenSigns, [this] { return phase != Phase::beating; });
  }
  take_back();
  is_quiet = true;
  changed.notify_all();
  if (!changed.wait_for(lock, kMaxEnd, [this] { return phase == Phase::ended; })) end_process();
}

// One sign at a time is on its way to each: those to a rank that does not take them do not pile up.
void SignsOfLife::State::exchange_signs() {
  for (const auto& other : others) {
    const int rank = static_cast<int>(other->rank);
    int done = 0;
    MPI_Test(&other->sending, &done, MPI_STATUS_IGNORE);
    if (done != 0) MPI_Isend(&other->sent, 1, MPI_CHAR, rank, 0, communicator, &other->sending);
    while (true) {
      const bool waited = other->receiving != MPI_REQUEST_NULL;
      MPI_Test(&other->receiving, &done, MPI_STATUS_IGNORE);
      if (done == 0) break;
      if (waited) other->heard = beats.load();
      MPI_Irecv(&other->received, 1, MPI_CHAR, rank, 0, communicator, &other->receiving);
    }
  }
}

void SignsOfLife::State::take_back() {
  for (const auto& other : others) {
    if (other->receiving != MPI_REQUEST_NULL) {
      MPI_Cancel(&other->receiving);
      MPI_Request_free(&other->receiving);
    }
    if (other->sending != MPI_REQUEST_NULL) MPI_Request_free(&other->sending);
  }
}

std::optional<std::size_t> SignsOfLife::silent_for(Clock::duration limit) const {
  const std::int64_t now = state_->beats;
  for (const auto& other : state_->others)
    if ((now - other->heard) * kTimeBetweenSigns > limit) return other->rank;
  return std::nullopt;
}

void SignsOfLife::be_quiet() {
  std::unique_lock lock(state_->mutex);
  state_->phase = State::Phase::quiet;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, kMaxEnd, [this] { return state_->is_quiet; });
}

void SignsOfLife::ended() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->phase = State::Phase::ended;
    state_->changed.notify_all();
  }
  thread_.join();
}

void SignsOfLife::abandon() { thread_.detach(); }

}  // namespace microgpt
