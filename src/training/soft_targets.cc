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

std::size_t cut_positions(const Config& config, const TokenizedDocuments& documents, std::size_t d) {
  return std::min(documents.positions(d), config.block_size);
}

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

SoftTargets::SoftTargets(Engine& teacher, const TokenizedDocuments& documents, double share, const EvaluationWatch& watch,
                         SoftTargetMemory memory)
    : vocab_size_(teacher.config().vocab_size), share_(share), offsets_{0} {
  offsets_.reserve(documents.size() + 1);
  for (std::size_t d = 0; d < documents.size(); ++d)
    offsets_.push_back(offsets_.back() + cut_positions(teacher.config(), documents, d));
  if (!memory) memory = SoftTargetMemory(offsets_.back() * vocab_size_, 0);
  probabilities_ = std::move(memory.numbers_);
  memory = {};  // from here on others need what was kept for them
  const auto streams = teacher.open_streams(kStreams);
  for (std::size_t first = 0; first < documents.size(); first += kStreams) {
    compute(*streams, documents, first);
    if (watch) watch(offsets_[std::min(first + kStreams, documents.size())]);
  }
}

// Those of document `first` and the next ones, as many as there are streams, in lock step.
void SoftTargets::compute(Streams& streams, const TokenizedDocuments& documents, std::size_t first) {
  const std::size_t count = std::min(kStreams, documents.size() - first);
  const auto positions = [&](std::size_t i) { return offsets_[first + i + 1] - offsets_[first + i]; };
  std::size_t longest = 0;
  for (std::size_t i = 0; i < count; ++i) longest = std::max(longest, positions(i));
  for (std::size_t i = 0; i < kStreams; ++i) streams.restart(i);
  for (std::size_t t = 0; t < longest; ++t) {
    std::array<std::array<Token, 2>, kStreams> tokens{};  // input and target; of documents that have ended, any
    std::array<Token, kStreams> inputs{};
    for (std::size_t i = 0; i < count; ++i)
      if (t < positions(i)) documents.copy(first + i, t, tokens[i]);
    for (std::size_t i = 0; i < count; ++i) inputs[i] = tokens[i][0];
    streams.feed(inputs);
    for (std::size_t i = 0; i < count; ++i) {
      if (t >= positions(i)) continue;
      const std::size_t begin = (offsets_[first + i] + t) * vocab_size_;
      mix(streams.logits(i), tokens[i][1], share_, {&probabilities_[begin], vocab_size_});
    }
  }
}

std::size_t SoftTargets::positions(const Config& config, const TokenizedDocuments& documents) {
  std::size_t positions = 0;
  for (std::size_t d = 0; d < documents.size(); ++d) positions += cut_positions(config, documents, d);
  return positions;
}

double SoftTargets::bytes(const Config& config, const TokenizedDocuments& documents) {
  return bytes(config, documents.size(), positions(config, documents));
}

double SoftTargets::bytes(const Config& config, std::size_t documents, std::size_t positions) {
  const std::size_t cached = kStreams * config.n_layer * config.block_size * 2 * config.n_embd;  // keys and values
  return static_cast<double>(sizeof(float)) *
             (static_cast<double>(positions) * static_cast<double>(config.vocab_size) + static_cast<double>(cached)) +
         static_cast<double>(sizeof(std::size_t)) * static_cast<double>(documents + 1);
}

void SoftTargets::append(std::size_t d, Batch& batch) const {
  const auto place = [&](std::size_t document) { return &probabilities_[offsets_[document] * vocab_size_]; };
  batch.soft_targets.insert(batch.soft_targets.end(), place(d), place(d + 1));
}

}  // namespace microgpt
