// SPDX-License-Identifier: MIT
#include "distributed/mpi_ranks.h"

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "distributed/signs_of_life.h"
#include "parallel/cores.h"
#include "parallel/wait_point.h"

namespace microgpt {
namespace {

using namespace std::chrono_literals;
using Clock = SignsOfLife::Clock;

constexpr auto kSilenceWhileEnding = 1s;
constexpr auto kKeepingCore = 100us;
constexpr auto kYielding = 5ms;
constexpr auto kNap = 50us;
constexpr std::size_t kMaxMessageSize = std::size_t{1} << 30;  // MPI counts in int

void require(int result, std::string_view what) {
  if (result == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(result, text, &length);
  throw RankLost(fmt::format("MPI cannot {}: {}", what, std::string_view(text, static_cast<std::size_t>(length))));
}

MPI_Comm own_communicator() {
  MPI_Comm communicator{};
  require(MPI_Comm_dup(MPI_COMM_WORLD, &communicator), "make a communicator");
  MPI_Comm_set_errhandler(communicator, MPI_ERRORS_RETURN);
  return communicator;
}

// The ranks of this machine, and those of them that may run on a core of this one's.
struct Neighbours {
  std::size_t on_same_machine;
  std::size_t on_same_cores;
};

Neighbours count_neighbours() {
  MPI_Comm machine{};
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  int size = 0;
  MPI_Comm_size(machine, &size);
  const AffinityMask own = affinity_mask();
  const auto words = static_cast<int>(own.size());
  AffinityMask all(own.size() * static_cast<std::size_t>(size));
  MPI_Allgather(own.data(), words, MPI_UNSIGNED_LONG, all.data(), words, MPI_UNSIGNED_LONG, machine);
  MPI_Comm_free(&machine);
  std::size_t sharing = 0;
  for (std::span<const unsigned long> left = all; !left.empty(); left = left.subspan(own.size()))
    if (share_a_core(own, left.first(own.size()))) ++sharing;
  return {static_cast<std::size_t>(size), std::max<std::size_t>(1, sharing)};
}

// MPI itself: entered once, and left with all others or not at all.
class MpiRanks final : public Ranks {
 public:
  explicit MpiRanks(const MpiOptions& options)
      : options_(options), neighbours_(count_neighbours()), communicator_(own_communicator()) {
    MPI_Comm_rank(communicator_, &rank_);
    MPI_Comm_size(communicator_, &size_);
    signs_ = std::make_unique<SignsOfLife>(own_communicator(), options.end_process);
  }

  ~MpiRanks() override {
    signs_->be_quiet();
    if (is_lost_ || (rank_ != 0 && std::uncaught_exceptions() > 0)) {
      signs_->abandon();
      return;
    }
    MPI_Finalize();
    signs_->ended();
  }

  MpiRanks(const MpiRanks&) = delete;
  MpiRanks& operator=(const MpiRanks&) = delete;

  std::size_t size() const override { return static_cast<std::size_t>(size_); }
  std::size_t rank() const override { return static_cast<std::size_t>(rank_); }
  std::size_t on_same_cores() const override { return neighbours_.on_same_cores; }
  std::size_t on_same_machine() const override { return neighbours_.on_same_machine; }

  void exchange(std::span<const OutgoingPiece> outgoing, std::span<const IncomingPiece> incoming) override {
    if (is_lost_) throw RankLost("a rank was lost before");
    requests_.clear();
    for (const IncomingPiece& piece : incoming)
      for_each_message(piece.bytes, [&](std::span<std::byte> message, MPI_Request* request) {
        return MPI_Irecv(message.data(), static_cast<int>(message.size()), MPI_BYTE, static_cast<int>(piece.from), 0,
                         communicator_, request);
      });
    for (const OutgoingPiece& piece : outgoing)
      for_each_message(piece.bytes, [&](std::span<const std::byte> message, MPI_Request* request) {
        return MPI_Isend(message.data(), static_cast<int>(message.size()), MPI_BYTE, static_cast<int>(piece.to), 0,
                         communicator_, request);
      });
    wait();
  }

  void abandon() override { give_up(); }

 private:
  template <typename Byte, typename Start>
  void for_each_message(std::span<Byte> bytes, const Start& start) {
    while (!bytes.empty()) {
      const auto message = bytes.first(std::min(bytes.size(), kMaxMessageSize));
      check(start(message, &requests_.emplace_back()));
      bytes = bytes.subspan(message.size());
    }
  }

  bool is_done() {
    int done = 0;
    check(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE));
    return done != 0;
  }

  // As long as the wait is short the core is kept; then others may have it; then it may rest.
  void wait() {
    const auto begin = Clock::now();
    while (!is_done()) {
      const auto waited = Clock::now() - begin;
      if (waited < kKeepingCore) {
        pause_core();
        continue;
      }
      require_signs_of_life();
      if (waited < kYielding)
        std::this_thread::yield();
      else
        std::this_thread::sleep_for(kNap);
    }
  }

  void require_signs_of_life() {
    const bool is_ending = options_.is_ending();
    const auto limit = is_ending ? std::min<Clock::duration>(options_.deadline, kSilenceWhileEnding) : options_.deadline;
    const auto silent = signs_->silent_for(limit);
    if (!silent) return;
    give_up();
    throw RankLost(fmt::format(
        "rank {} has shown no sign of life for {:.3g} s{}: it was killed or stopped, or its machine is out of reach", *silent,
        std::chrono::duration<double>(limit).count(),
        limit < options_.deadline ? ", as long as a run waits that is to end" : ""));
  }

  void check(int result) {
    if (result != MPI_SUCCESS) give_up();
    require(result, "reach the other ranks");
  }

  // Nothing arrives any more: the memory that it was to go to may be given back.
  void give_up() {
    if (std::exchange(is_lost_, true)) return;
    signs_->be_quiet();
  }

  MpiOptions options_;
  Neighbours neighbours_;
  MPI_Comm communicator_;
  int rank_ = 0;
  int size_ = 0;
  std::unique_ptr<SignsOfLife> signs_;
  std::vector<MPI_Request> requests_;
  bool is_lost_ = false;
};

}  // namespace

std::optional<std::string> mpi_name() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string_view name(text, static_cast<std::size_t>(length));
  return std::string(name.substr(0, name.find(',')));
}

std::unique_ptr<Ranks> join_mpi_ranks(const MpiOptions& options) {
  // Open MPI lets the kernel copy from one process to the other, a page at a time, which takes longer than to copy twice; and
  // inside many containers it is not allowed to. Who says otherwise is obeyed, be it in the environment or to mpirun.
  setenv("OMPI_MCA_btl_vader_single_copy_mechanism", "none", 0);
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &provided);
  if (provided < MPI_THREAD_MULTIPLE) throw Error("this MPI may not be called by several threads: install one that may be");
  return std::make_unique<MpiRanks>(options);
}

}  // namespace microgpt
