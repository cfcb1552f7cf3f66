// SPDX-License-Identifier: MIT
// Any bytes are an n-gram model or an Error; a model that is read is written as the same bytes, and its probabilities sum to 1.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "fuzz.h"
#include "ngram/ngram_file.h"
#include "text/hashes.h"
#include "text/little_endian.h"

namespace {

using microgpt::fuzz::require;

std::string with_checksum(std::string bytes) {
  microgpt::append_little_endian(bytes, microgpt::siphash(bytes, {0, 0}));
  return bytes;
}

// The first byte says of which order, the second how many tokens there are.
std::string with_header(const std::string& input) {
  std::string bytes = "microgpt n-gram\n";
  const std::uint32_t order = input.empty() ? 1U : static_cast<unsigned char>(input[0]) % 13U;
  const std::uint32_t vocab_size = input.size() < 2 ? 2U : static_cast<unsigned char>(input[1]) % 8U;
  for (const std::uint32_t number : {1U, order, vocab_size}) microgpt::append_little_endian(bytes, number);
  return with_checksum(bytes + input.substr(std::min<std::size_t>(2, input.size())));
}

std::string valid_file() {
  microgpt::NgramDocuments documents(3);
  for (const std::vector<microgpt::Token>& document :
       {std::vector<microgpt::Token>{2, 0, 1, 0, 2}, {2, 0, 0, 2}, {2, 1, 1, 0, 2}, {2, 2}})
    documents.add(document);
  return microgpt::ngram_to_bytes({microgpt::NgramCounts(documents), 4});
}

// With a checksum that is right.
std::string edited_file(const std::string& file, std::string_view edits) {
  return with_checksum(microgpt::fuzz::edited(file.substr(0, file.size() - sizeof(std::uint64_t)), edits));
}

void check_distributions(const microgpt::NgramModel& model) {
  std::vector<double> probabilities(model.vocab_size());
  auto context = model.start();
  for (std::size_t i = 0; i < 12; ++i) {
    model.distribution(context, probabilities);
    require(std::all_of(probabilities.begin(), probabilities.end(), [](double p) { return p > 0.0; }));
    require(std::abs(std::accumulate(probabilities.begin(), probabilities.end(), 0.0) - 1.0) < 1e-12);
    const auto token = static_cast<microgpt::Token>(i * i % model.vocab_size());
    require(model.probability(context, token) == probabilities[static_cast<std::size_t>(token)]);
    context = model.next(context, token);
  }
}

void check(const std::string& bytes) {
  microgpt::fuzz::allow_error([&] {
    const microgpt::NgramModel model = microgpt::ngram_from_bytes("input", bytes);
    require(microgpt::ngram_to_bytes(model) == bytes);
    check_distributions(model);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string valid = valid_file();
  const std::string input(data, data + size);
  check(input);
  check(with_header(input));
  check(edited_file(valid, input));
  check(with_checksum(valid.substr(0, valid.size() - std::min(size, valid.size()))));
  return 0;
}
