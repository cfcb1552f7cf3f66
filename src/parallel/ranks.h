// SPDX-License-Identifier: MIT
// Processes that compute together, each on its own memory: the ranks of MPI, as what is above sees them.
//
// Rank 0 directs. All that they do together is one operation, exchange(): each sends pieces of its memory to others and
// receives pieces from others, and those who name each other agree on the order and the sizes. Threads: one thread at a time
// uses an object.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include "microgpt/error.h"
#include "parallel/slices.h"

namespace microgpt {

// A rank has given no sign of life for too long: nothing can be exchanged any more.
class RankLost final : public Error {
 public:
  using Error::Error;
};

struct OutgoingPiece {
  std::size_t to;
  std::span<const std::byte> bytes;
};

struct IncomingPiece {
  std::size_t from;
  std::span<std::byte> bytes;
};

class Ranks {
 public:
  virtual ~Ranks() = default;

  virtual std::size_t size() const = 0;
  virtual std::size_t rank() const = 0;

  // How many of them, this one included, share the cores on which this one may run.
  virtual std::size_t on_same_cores() const = 0;

  // How many of them, this one included, are on this machine.
  virtual std::size_t on_same_machine() const = 0;

  // Returns when all is sent and received. What one rank sends to another arrives in the order in which it is sent. It waits as
  // long as the others work, and throws RankLost where one shows no sign of life.
  // REQUIRES: no piece is this rank's own; what is received overlaps with nothing else.
  virtual void exchange(std::span<const OutgoingPiece> outgoing, std::span<const IncomingPiece> incoming) = 0;

  // Where this rank cannot take part in what the others wait for: from now on exchange() throws RankLost, and the process ends
  // without them, which ends them too.
  virtual void abandon() = 0;
};

// A number, or a structure of numbers, as the bytes that are sent: all ranks run the same program.
template <typename T>
std::span<std::byte> bytes_of(T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return std::as_writable_bytes(std::span(&value, 1));
}

// Rank 0 gets from each other rank what it has in its buffer: buffer_of(rank) is bytes of a buffer that all have.
template <typename BufferOf>
void gather(Ranks& ranks, const BufferOf& buffer_of) {
  std::vector<OutgoingPiece> outgoing;
  std::vector<IncomingPiece> incoming;
  if (ranks.rank() != 0) outgoing.push_back({0, buffer_of(ranks.rank())});
  for (std::size_t rank = 1; ranks.rank() == 0 && rank < ranks.size(); ++rank) incoming.push_back({rank, buffer_of(rank)});
  ranks.exchange(outgoing, incoming);
}

// Each other rank gets from rank 0 what that has in its buffer: buffer_of(rank) is bytes of a buffer that all have.
template <typename BufferOf>
void scatter(Ranks& ranks, const BufferOf& buffer_of) {
  std::vector<OutgoingPiece> outgoing;
  std::vector<IncomingPiece> incoming;
  for (std::size_t rank = 1; ranks.rank() == 0 && rank < ranks.size(); ++rank) outgoing.push_back({rank, buffer_of(rank)});
  if (ranks.rank() != 0) incoming.push_back({0, buffer_of(ranks.rank())});
  ranks.exchange(outgoing, incoming);
}

// All others get what rank 0 has in this buffer.
inline void broadcast(Ranks& ranks, std::span<std::byte> bytes) {
  std::vector<OutgoingPiece> outgoing;
  std::vector<IncomingPiece> incoming;
  for (std::size_t rank = 1; ranks.rank() == 0 && rank < ranks.size(); ++rank) outgoing.push_back({rank, bytes});
  if (ranks.rank() != 0) incoming.push_back({0, bytes});
  ranks.exchange(outgoing, incoming);
}

// All get the others' slices of a buffer (slices.h), of which each has its own.
template <typename T>
void all_gather(Ranks& ranks, std::span<T> buffer) {
  std::vector<OutgoingPiece> outgoing;
  std::vector<IncomingPiece> incoming;
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    if (rank == ranks.rank()) continue;
    outgoing.push_back({rank, std::as_bytes(slice_of(buffer, ranks.rank(), ranks.size()))});
    incoming.push_back({rank, std::as_writable_bytes(slice_of(buffer, rank, ranks.size()))});
  }
  ranks.exchange(outgoing, incoming);
}

// The share of rank `rank` in `count` things, which are given out in order and as evenly as they can be.
struct RankShare {
  std::size_t begin;
  std::size_t end;

  std::size_t size() const { return end - begin; }
};

constexpr RankShare share_of(std::size_t count, std::size_t rank, std::size_t ranks) {
  return {count * rank / ranks, count * (rank + 1) / ranks};
}

}  // namespace microgpt
