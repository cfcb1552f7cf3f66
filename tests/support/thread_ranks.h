// SPDX-License-Identifier: MIT
// Ranks that are threads of one process: what mpirun does, for tests, without MPI.
#pragma once

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "parallel/ranks.h"

namespace microgpt::testing {

class Mailboxes {
 public:
  void put(std::size_t from, std::size_t to, std::span<const std::byte> bytes) {
    const std::scoped_lock lock(mutex_);
    boxes_[{from, to}].emplace_back(bytes.begin(), bytes.end());
    changed_.notify_all();
  }

  std::vector<std::byte> take(std::size_t from, std::size_t to) {
    std::unique_lock lock(mutex_);
    auto& box = boxes_[{from, to}];
    changed_.wait(lock, [&box] { return !box.empty(); });
    std::vector<std::byte> bytes = std::move(box.front());
    box.pop_front();
    return bytes;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::pair<std::size_t, std::size_t>, std::deque<std::vector<std::byte>>> boxes_;
};

class ThreadRanks final : public Ranks {
 public:
  ThreadRanks(Mailboxes& mailboxes, std::size_t rank, std::size_t size) : mailboxes_(mailboxes), rank_(rank), size_(size) {}

  std::size_t size() const override { return size_; }
  std::size_t rank() const override { return rank_; }
  std::size_t on_same_cores() const override { return size_; }
  std::size_t on_same_machine() const override { return size_; }

  void exchange(std::span<const OutgoingPiece> outgoing, std::span<const IncomingPiece> incoming) override {
    ++exchanges_;
    for (const OutgoingPiece& piece : outgoing) {
      mailboxes_.put(rank_, piece.to, piece.bytes);
      bytes_sent_ += piece.bytes.size();
    }
    for (const IncomingPiece& piece : incoming) {
      const std::vector<std::byte> bytes = mailboxes_.take(piece.from, rank_);
      if (bytes.size() != piece.bytes.size()) std::terminate();  // both sides agree, or MPI would fail
      std::copy(bytes.begin(), bytes.end(), piece.bytes.begin());
    }
  }

  // So far, by this rank.
  std::size_t exchanges() const { return exchanges_; }
  std::size_t bytes_sent() const { return bytes_sent_; }

  void abandon() override { std::terminate(); }  // nothing that a test does goes wrong half-way

 private:
  Mailboxes& mailboxes_;
  std::size_t rank_;
  std::size_t size_;
  std::size_t exchanges_ = 0;
  std::size_t bytes_sent_ = 0;
};

// Calls work(ranks) as rank 0 and serve(ranks) as each other rank of `size`, all at the same time.
template <typename Work, typename Serve>
void run_ranks(std::size_t size, const Work& work, const Serve& serve) {
  Mailboxes mailboxes;
  std::vector<std::thread> others;
  for (std::size_t rank = 1; rank < size; ++rank)
    others.emplace_back([&, rank] {
      ThreadRanks ranks(mailboxes, rank, size);
      serve(ranks);
    });
  ThreadRanks ranks(mailboxes, 0, size);
  work(ranks);
  for (std::thread& other : others) other.join();
}

// The same with work(coordinator), where a Coordinator is what rank 0 directs the others by.
template <typename Coordinator, typename Work, typename Serve>
void run_coordinated(std::size_t size, const Work& work, const Serve& serve) {
  const auto run_on_rank_0 = [&work](Ranks& ranks) {
    Coordinator coordinator(ranks);
    work(coordinator);
  };
  run_ranks(size, run_on_rank_0, serve);
}

}  // namespace microgpt::testing
