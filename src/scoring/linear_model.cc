// SPDX-License-Identifier: MIT
#include "scoring/linear_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <utility>

#include "io/file.h"
#include "text/hashes.h"
#include "text/little_endian.h"

namespace microgpt {
namespace {

constexpr std::string_view kLinearMagic = "microgpt linear\n";
constexpr std::uint32_t kLinearVersion = 1;
constexpr std::size_t kLinearHeader = kLinearMagic.size() + 4 * sizeof(std::uint32_t);
constexpr std::size_t kMaxBuckets = std::size_t{1} << 18;
constexpr std::size_t kMaxWeights = std::size_t{1} << 22;  // 16 MiB

std::size_t buckets_for(std::size_t classes) { return std::min(kMaxBuckets, std::bit_floor(kMaxWeights / (classes - 1))); }

}  // namespace

void LinearNgrams::begin(Token bos) {
  last_[0] = bos;
  known_ = 1;
}

std::span<const std::uint32_t> LinearNgrams::add(Token token) {
  if (token == kUnseen) {
    known_ = 0;
    return {};
  }
  std::copy_backward(last_.begin(), last_.end() - 1, last_.end());
  last_[0] = token;
  known_ = std::min(known_ + 1, kLinearOrder);
  std::uint64_t hash = 0;
  for (std::size_t n = 0; n < known_; ++n) {
    hash = (hash + static_cast<std::uint32_t>(last_[n]) + 1) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 29U;
    found_[n] = static_cast<std::uint32_t>(hash * 0xBF58476D1CE4E5B9U >> 32U) & mask_;
  }
  return std::span(found_).first(known_);
}

LinearModel::LinearModel(std::size_t classes, std::size_t vocab_size)
    : vocab_size_(vocab_size), biases_(classes - 1), weights_(buckets_for(classes) * (classes - 1)) {
  assert(classes >= 2 && vocab_size >= 2);
}

std::string LinearModel::to_bytes() const {
  std::string bytes(kLinearMagic);
  for (const std::size_t number : {std::size_t{kLinearVersion}, classes(), vocab_size_, buckets()})
    append_little_endian(bytes, static_cast<std::uint32_t>(number));
  for (const float bias : biases_) append_little_endian(bytes, std::bit_cast<std::uint32_t>(bias));
  for (const float weight : weights_) append_little_endian(bytes, std::bit_cast<std::uint32_t>(weight));
  append_little_endian(bytes, siphash(bytes, {0, 0}));
  return bytes;
}

LinearModel LinearModel::from_bytes(const std::string& file, std::string_view bytes, std::size_t classes,
                                    std::size_t vocab_size) {
  if (!bytes.starts_with(kLinearMagic)) throw damaged(fmt::format("{} is no linear model", file));
  const std::size_t buckets = buckets_for(classes);
  const std::size_t numbers = (1 + buckets) * (classes - 1);
  const std::size_t size = kLinearHeader + numbers * sizeof(float) + sizeof(std::uint64_t);
  const auto header = [&](std::size_t i) {
    return load_little_endian<std::uint32_t>(bytes, kLinearMagic.size() + i * sizeof(std::uint32_t));
  };
  if (bytes.size() < kLinearHeader) throw damaged(fmt::format("{} is cut off: it has {} bytes", file, bytes.size()));
  if (header(0) != kLinearVersion)
    throw damaged(fmt::format("{} is of version {}, and this program reads version {}", file, header(0), kLinearVersion));
  if (header(1) != classes || header(2) != vocab_size || header(3) != buckets)
    throw damaged(fmt::format("{} is of {} classes, {} tokens and {} buckets, and the classifier has {}, {} and {}", file,
                              header(1), header(2), header(3), classes, vocab_size, buckets));
  if (bytes.size() != size)
    throw damaged(fmt::format("{} has {} bytes, and a linear model of {} classes {}", file, bytes.size(), classes, size));
  const std::size_t end = size - sizeof(std::uint64_t);
  if (load_little_endian<std::uint64_t>(bytes, end) != siphash(bytes.substr(0, end), {0, 0}))
    throw damaged(fmt::format("{} is not as it was written: its checksum is another", file));
  LinearModel model(classes, vocab_size);
  std::size_t at = kLinearHeader;
  const auto read = [&](float& number) {
    number = std::bit_cast<float>(load_little_endian<std::uint32_t>(bytes, at));
    at += sizeof(float);
    if (!std::isfinite(number)) throw damaged(fmt::format("{} has a weight that is no finite number", file));
  };
  std::for_each(model.biases_.begin(), model.biases_.end(), read);
  std::for_each(model.weights_.begin(), model.weights_.end(), read);
  return model;
}

LinearTally::LinearTally(const LinearModel& model) : model_(model), ngrams_(model.buckets()), sums_(model.classes() - 1) {
  ngrams_.begin(model.bos());
}

void LinearTally::add(Token token) {
  for (const std::uint32_t bucket : ngrams_.add(token)) {
    const std::span<const float> weights = model_.weights(bucket);
    for (std::size_t c = 0; c < sums_.size(); ++c) sums_[c] += static_cast<double>(weights[c]);
    ++count_;
  }
}

std::vector<double> LinearTally::end() {
  const double scale = count_ == 0 ? 0.0 : 1.0 / std::sqrt(static_cast<double>(count_));
  std::vector<double> logits;
  for (std::size_t c = 0; c < sums_.size(); ++c) logits.push_back(static_cast<double>(model_.biases()[c]) + sums_[c] * scale);
  logits.push_back(0.0);
  const double most = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (const double logit : logits) sum += std::exp(logit - most);
  const double normaliser = most + std::log(sum);
  for (double& logit : logits) logit -= normaliser;
  std::fill(sums_.begin(), sums_.end(), 0.0);
  count_ = 0;
  ngrams_.begin(model_.bos());
  return logits;
}

}  // namespace microgpt
