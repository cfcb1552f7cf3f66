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

// share * softmax(logits), and the rest of what there was.
void mix(std::span<const float> logits, double share, std::span<float> probabilities) {
  const auto most = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  const auto weight = [&](std::size_t token) { return std::exp(static_cast<double>(logits[token]) - most); };
  double sum = 0.0;
  for (std::size_t token = 0; token < logits.size(); ++token) sum += weight(token);
  for (std::size_t token = 0; token < logits.size(); ++token) {
    const auto before = static_cast<double>(probabilities[token]);
    probabilities[token] = static_cast<float>((1.0 - share) * before + share * weight(token) / sum);
  }
}

}  // namespace

SoftTargets::SoftTargets(std::size_t vocab_size, const TrainingWindows& windows, SoftTargetMemory memory)
    : vocab_size_(vocab_size), offsets_{0} {
  offsets_.reserve(windows.size() + 1);
  for (std::size_t i = 0; i < windows.size(); ++i) offsets_.push_back(offsets_.back() + windows.location(i).counted());
  if (!memory) memory = SoftTargetMemory(offsets_.back() * vocab_size_, 0);
  probabilities_ = std::move(memory.numbers_);
  memory = {};  // from here on others need what was kept for them
  std::fill_n(probabilities_.get(), offsets_.back() * vocab_size_, 0.0F);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const TrainingWindows::Location at = windows.location(i);
    for (std::size_t position = 0; position < at.counted(); ++position) {
      Token target = 0;
      windows.documents().copy(at.document, at.window.first_new + position + 1, {&target, 1});
      of(i, position)[static_cast<std::size_t>(target)] = 1.0F;
    }
  }
}

void SoftTargets::mix_in(Engine& teacher, const TrainingWindows& windows, double share, const EvaluationWatch& watch) {
  const auto streams = teacher.open_streams(kStreams);
  for (std::size_t first = 0; first < windows.size(); first += kStreams) {
    mix_in_some(*streams, windows, first, share);
    if (watch) watch(offsets_[std::min(first + kStreams, windows.size())]);
  }
}

void SoftTargets::mix_in(std::size_t i, std::size_t position, double share, std::span<const double> probabilities) {
  const std::span<float> all = of(i, position);
  for (std::size_t token = 0; token < vocab_size_; ++token)
    all[token] = static_cast<float>((1.0 - share) * static_cast<double>(all[token]) + share * probabilities[token]);
}

// What is predicted for window `first` and the next ones, as many as there are streams, in lock step.
void SoftTargets::mix_in_some(Streams& streams, const TrainingWindows& windows, std::size_t first, double share) {
  const std::size_t count = std::min(kStreams, windows.size() - first);
  std::array<TrainingWindows::Location, kStreams> locations{};
  std::size_t longest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    locations[i] = windows.location(first + i);
    longest = std::max(longest, locations[i].fed());
  }
  for (std::size_t i = 0; i < kStreams; ++i) streams.restart(i);
  for (std::size_t t = 0; t < longest; ++t) {
    std::array<Token, kStreams> inputs{};  // of windows that have ended, any
    for (std::size_t i = 0; i < count; ++i)
      if (t < locations[i].fed())
        windows.documents().copy(locations[i].document, locations[i].window.begin + t, {&inputs[i], 1});
    streams.feed(inputs);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t context = locations[i].context();
      if (t >= context && t < locations[i].fed()) mix(streams.logits(i), share, of(first + i, t - context));
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
  const auto begin_of = [&](std::size_t window) { return &probabilities_[offsets_[window] * vocab_size_]; };
  batch.soft_targets.resize(batch.soft_targets.size() + batch.context_of(batch.documents() - 1) * vocab_size_);
  batch.soft_targets.insert(batch.soft_targets.end(), begin_of(i), begin_of(i + 1));
}

}  // namespace microgpt
