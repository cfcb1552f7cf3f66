// SPDX-License-Identifier: MIT
// What rank 0 tells the workers: one message before each thing that all ranks do together.
//
// All messages are of one size, so that a worker knows what to receive: a variant of structures of numbers, sent as its bytes.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <variant>

#include "engine/engine.h"
#include "microgpt/config.h"
#include "optimizer/optimizer.h"
#include "parallel/ranks.h"

namespace microgpt {

// Numbers of the batch that follows the message.
struct BatchSizes {
  std::size_t documents = 0;
  std::size_t positions = 0;
  std::size_t soft_targets = 0;
  std::size_t context = 0;  // documents with a context length
};

struct MakeEngine {
  Config config;
  PrefixSharing prefix_sharing;
};

// The parameters follow.
struct TakeParameters {};

struct ComputeGradient {
  BatchSizes batch;
  Dropout dropout;
  LossMean mean;
};

struct ComputeLosses {
  BatchSizes batch;
};

// All ranks get the whole gradient, of which each has a slice.
struct AllGatherGradient {};

struct MakeOptimizer {
  OptimizerOptions options;
};

// The optimizer forgets its moments.
struct RestartOptimizer {};

// The moments follow.
struct ResumeOptimizer {
  std::size_t steps;
};

struct TakeStep {
  double learning_rate;
  double gradient_factor;
};

// Rank 0 gets the moments of all slices.
struct GatherMoments {};

struct ShutDown {};

using Message = std::variant<ShutDown, MakeEngine, TakeParameters, ComputeGradient, ComputeLosses, AllGatherGradient,
                             MakeOptimizer, RestartOptimizer, ResumeOptimizer, TakeStep, GatherMoments>;
static_assert(std::is_trivially_copyable_v<Message>);

// On rank 0. What a message does not fill is sent as zeros.
template <typename Content>
void send(Ranks& ranks, const Content& content) {
  Message message;
  std::memset(static_cast<void*>(&message), 0, sizeof message);
  message.template emplace<Content>(content);
  broadcast(ranks, bytes_of(message));
}

// On a worker. Throws RankLost.
inline Message receive(Ranks& ranks) {
  Message message;
  broadcast(ranks, bytes_of(message));
  return message;
}

}  // namespace microgpt
