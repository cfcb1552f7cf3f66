// SPDX-License-Identifier: MIT
// How fast a trained model scores and samples, with one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bench/series.h"
#include "bench/torch_peer.h"
#include "microgpt/config.h"

namespace microgpt::bench {

// How samples are made: one document at a time or kSamplerStreams in lock step, those that end making space for others; with
// what the first layer computes before attention, or a table of it that is built anew, and timed, for each call of so many
// documents.
struct SamplingResult {
  std::string first_layer;
  std::size_t streams;
  std::size_t documents;
  Series token;  // seconds, end to end: the model, the choice of the next token, the documents handed over
};

struct TorchInference {
  TorchFacts facts;
  Series character;     // seconds, scored
  Series token;         // seconds, sampled
  Series score_ratio;   // its time over ours, of segments in turn
  Series sample_ratio;  // likewise, of ours in lock step with a first layer that is computed
};

struct InferenceResult {
  Config config;
  std::size_t documents;   // that are scored
  std::size_t characters;  // of them
  Series character;        // seconds, scored: from a chunk of lines to the records that `score` prints
  std::vector<SamplingResult> sampling;
  Series table;  // seconds to build it
  std::optional<TorchInference> torch;
};

// Of models of these widths, microgpt.py's and that of `train`.
inline constexpr std::size_t kInferenceWidths[] = {16, 32};

// Throws Error where results are not those of the graph engine, or PyTorch's not ours. `python` may be empty: no PyTorch.
InferenceResult measure_inference(std::size_t n_embd, std::size_t rounds, const std::string& python);

}  // namespace microgpt::bench
