// SPDX-License-Identifier: MIT
#include "training/soft_targets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

namespace microgpt {
namespace {

constexpr std::size_t kStreams = 16;  // as many as the fast engine takes at a time

// share * softmax(logits), and the rest for the target.
void mix(std::span<const float> logits, Token target, double share, std::span<float> probabilities) {
  const auto most = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  const auto weight = [&](std::size_t token) { return std::exp(static_cast<double>(logits[token]) - most); };
  double sum = 0.0;
  for (std::size_t token = 0; token < logits.size(); ++token) sum += weight(token);
  for (std::size_t token = 0; token < logits.size(); ++token) {
    const double own = token == static_cast<std::size_t>(target) ? 1.0 - share : 0.0;
    probabilities[token] = static_cast<float>(own + share * weight(token) / sum);
  }
}

}  // namespace

SoftTargets::SoftTargets(Engine& teacher, const TrainingWindows& windows, double share, const EvaluationWatch& watch,
                         SoftTargetMemory memory)
    : vocab_size_(teacher.config().vocab_size), share_(share), offsets_{0} {
  offsets_.reserve(windows.size() + 1);
  for (std::size_t i = 0; i < windows.size(); ++i) offsets_.push_back(offsets_.back() + windows.place(i).counted());
  if (!memory) memory = SoftTargetMemory(offsets_.back() * vocab_size_, 0);
  probabilities_ = std::move(memory.numbers_);
  memory = {};  // from here on others need what was kept for them
  const auto streams = teacher.open_streams(kStreams);
  for (std::size_t first = 0; first < windows.size(); first += kStreams) {
    compute(*streams, windows, first);
    if (watch) watch(offsets_[std::min(first + kStreams, windows.size())]);
  }
}

// Those of window `first` and the next ones, as many as there are streams, in lock step.
void SoftTargets::compute(Streams& streams, const TrainingWindows& windows, std::size_t first) {
  const std::size_t count = std::min(kStreams, windows.size() - first);
  std::array<TrainingWindows::Place, kStreams> places{};
  std::size_t longest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    places[i] = windows.place(first + i);
    longest = std::max(longest, places[i].fed());
  }
  for (std::size_t i = 0; i < kStreams; ++i) streams.restart(i);
  for (std::size_t t = 0; t < longest; ++t) {
    std::array<std::array<Token, 2>, kStreams> tokens{};  // input and target; of windows that have ended, any
    std::array<Token, kStreams> inputs{};
    for (std::size_t i = 0; i < count; ++i)
      if (t < places[i].fed()) windows.documents().copy(places[i].document, places[i].window.begin + t, tokens[i]);
    for (std::size_t i = 0; i < count; ++i) inputs[i] = tokens[i][0];
    streams.feed(inputs);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t context = places[i].context();
      if (t < context || t >= places[i].fed()) continue;
      const std::size_t begin = (offsets_[first + i] + t - context) * vocab_size_;
      mix(streams.logits(i), tokens[i][1], share_, {&probabilities_[begin], vocab_size_});
    }
  }
}

double SoftTargets::bytes(const Config& config, std::size_t windows, std::size_t positions) {
  const std::size_t cached = kStreams * config.n_layer * config.block_size * 2 * config.n_embd;  // keys and values
  return static_cast<double>(sizeof(float)) *
             (static_cast<double>(positions) * static_cast<double>(config.vocab_size) + static_cast<double>(cached)) +
         static_cast<double>(sizeof(std::size_t)) * static_cast<double>(windows + 1);
}

void SoftTargets::append(std::size_t i, Batch& batch) const {
  const auto place = [&](std::size_t window) { return &probabilities_[offsets_[window] * vocab_size_]; };
  batch.soft_targets.resize(batch.soft_targets.size() + batch.context_of(batch.documents() - 1) * vocab_size_);
  batch.soft_targets.insert(batch.soft_targets.end(), place(i), place(i + 1));
}

}  // namespace microgpt
