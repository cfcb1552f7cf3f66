// SPDX-License-Identifier: MIT
// Any bytes are a linear model or an Error; a model that is read is written as the same bytes, and what it says of a document
// are logarithms of probabilities that sum to 1.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz.h"
#include "scoring/linear_model.h"
#include "text/hashes.h"
#include "text/little_endian.h"

namespace {

using microgpt::fuzz::require;

constexpr std::size_t kClasses = 2;
constexpr std::size_t kVocabSize = 5;

std::string with_checksum(std::string bytes) {
  microgpt::append_little_endian(bytes, microgpt::siphash(bytes, {0, 0}));
  return bytes;
}

const std::string& valid_file() {
  static const std::string file = microgpt::LinearModel(kClasses, kVocabSize).to_bytes();
  return file;
}

void check(const std::string& bytes, std::string_view document) {
  microgpt::fuzz::allow_error([&] {
    const auto model = microgpt::LinearModel::from_bytes("input", bytes, kClasses, kVocabSize);
    require(model.to_bytes() == bytes);
    microgpt::LinearTally tally(model);
    for (const char c : document) tally.add(static_cast<microgpt::Token>(static_cast<unsigned char>(c) % kVocabSize));
    double sum = 0.0;
    for (const double log_probability : tally.end()) sum += std::exp(log_probability);
    require(std::abs(sum - 1.0) < 1e-9);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string& valid = valid_file();
  const std::string input(data, data + size);
  const std::string weights = valid.substr(0, valid.size() - sizeof(std::uint64_t));
  check(input, input);
  check(valid.substr(0, valid.size() - std::min(size, valid.size())), input);
  check(input + valid.substr(std::min(size, valid.size())), input);
  check(with_checksum(microgpt::fuzz::edited(weights, input)), input);
  return 0;
}
