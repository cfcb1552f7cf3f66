// SPDX-License-Identifier: MIT
// The orders were printed by CPython 3.11: order = list(range(n)); random.Random(seed + (epoch << 64)).shuffle(order).
#include "training/epochs.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace microgpt::epochs_test {
namespace {

using Numbers = std::vector<std::size_t>;

const std::vector<Numbers> kOrdersOfSeven{{1, 3, 4, 2, 6, 0, 5}, {1, 5, 6, 0, 4, 3, 2}, {4, 5, 2, 0, 1, 3, 6}};

// `count` documents of one character each, whose token is the document's number.
TokenizedDocuments numbered_documents(std::size_t count) {
  constexpr char32_t kFirst = 0x4E00;
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    const auto c = kFirst + static_cast<char32_t>(i);
    for (const unsigned byte : {0xE0 | (c >> 12), 0x80 | ((c >> 6) & 0x3F), 0x80 | (c & 0x3F)})
      text.push_back(static_cast<char>(byte));
    text.push_back('\n');
  }
  const Corpus corpus = Corpus::from_lines("test", text);
  Numbers indices(count);
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return {corpus, Tokenizer(corpus), indices};
}

// The numbers of the documents that a step takes.
Numbers step_of(Epochs& epochs, std::size_t step) {
  Batch batch;
  epochs.fill(step, batch);
  Numbers numbers;
  for (std::size_t d = 0; d < batch.documents(); ++d) numbers.push_back(static_cast<std::size_t>(batch.document_targets(d)[0]));
  return numbers;
}

Numbers steps_of(Epochs& epochs, std::size_t count) {
  Numbers numbers;
  for (std::size_t step = 0; step < count; ++step)
    for (const std::size_t number : step_of(epochs, step)) numbers.push_back(number);
  return numbers;
}

Numbers end_to_end(const std::vector<Numbers>& orders) {
  Numbers all;
  for (const Numbers& order : orders) all.insert(all.end(), order.begin(), order.end());
  return all;
}

TEST(Epochs, AreCPythonsShuffles) {
  Epochs epochs(numbered_documents(7), {.batch_size = 1, .seed = 42});
  EXPECT_EQ(steps_of(epochs, 21), end_to_end(kOrdersOfSeven));
}

TEST(Epochs, SeedAndEpochHave64BitsEach) {
  Epochs epochs(numbered_documents(20), {.batch_size = 20, .seed = std::numeric_limits<std::uint64_t>::max()});
  EXPECT_EQ(step_of(epochs, std::size_t{1} << 33),
            (Numbers{16, 6, 10, 14, 8, 0, 1, 18, 4, 17, 5, 9, 3, 15, 2, 11, 12, 19, 7, 13}));
}

TEST(Epochs, OrdersOfManyDocumentsAreRight) {
  Epochs epochs(numbered_documents(7000), {.batch_size = 7000, .seed = 42});
  const Numbers order = step_of(epochs, 3);
  std::size_t sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) sum += i * order[i];
  EXPECT_EQ((Numbers(order.begin(), order.begin() + 4)), (Numbers{6563, 5422, 6205, 1804}));
  EXPECT_EQ(sum, 85995922410U);
}

TEST(Epochs, ABatchMayReachIntoTheNext) {
  Epochs epochs(numbered_documents(7), {.batch_size = 3, .seed = 42});
  EXPECT_EQ(steps_of(epochs, 7), end_to_end(kOrdersOfSeven));
}

TEST(Epochs, ABatchMayHoldSeveral) {
  Epochs epochs(numbered_documents(7), {.batch_size = 21, .seed = 42});
  EXPECT_EQ(step_of(epochs, 0), end_to_end(kOrdersOfSeven));
  Epochs single(numbered_documents(1), {.batch_size = 4});
  EXPECT_EQ(step_of(single, 5), (Numbers{0, 0, 0, 0}));
}

TEST(Epochs, AStepDoesNotDependOnTheStepsBefore) {
  Epochs in_order(numbered_documents(10), {.batch_size = 4});
  std::vector<Numbers> steps;
  for (std::size_t step = 0; step < 40; ++step) steps.push_back(step_of(in_order, step));
  Epochs jumping(numbered_documents(10), {.batch_size = 4});
  for (const std::size_t step : {39U, 0U, 17U, 17U, 18U, 2U, 38U}) EXPECT_EQ(step_of(jumping, step), steps[step]) << step;
}

TEST(Epochs, AreOfWindowsWhereDocumentsAreLong) {
  const Corpus corpus = Corpus::from_lines("test", "abcdef\nb\n");
  Epochs epochs(TokenizedDocuments(corpus, Tokenizer(corpus), Numbers{0, 1}), {.batch_size = 4, .block_size = 3, .seed = 42});
  ASSERT_EQ(epochs.windows().size(), 4U);  // three and one
  Batch batch;
  epochs.fill(0, batch);
  EXPECT_EQ(batch.documents(), 4U);
  EXPECT_EQ(batch.counted_positions(), 7U + 2U) << "each position once";
  EXPECT_EQ(batch.positions(), 11U);
}

TEST(Epochs, AllocateNothingAfterTheFirstStep) {
  const Corpus names = embedded_names();
  Numbers indices(names.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  Epochs epochs(TokenizedDocuments(names, Tokenizer(names), indices), {.batch_size = 64});
  Batch batch;
  epochs.fill(0, batch);
  const std::vector<std::size_t> capacities{batch.inputs.capacity(), batch.targets.capacity(), batch.offsets.capacity()};
  for (std::size_t step = 1; step < 1200; ++step) {
    batch.clear();
    epochs.fill(step, batch);
    ASSERT_EQ(batch.documents(), 64U);
  }
  EXPECT_EQ((std::vector<std::size_t>{batch.inputs.capacity(), batch.targets.capacity(), batch.offsets.capacity()}),
            capacities);
  EXPECT_LE(capacities[0], 64U * 16U);
}

TEST(Epochs, OneLongDocumentDoesNotMakeEveryBatchHuge) {
  const Corpus corpus = Corpus::from_lines("test", std::string(5000, 'a') + "\nb\n");
  Epochs epochs(TokenizedDocuments(corpus, Tokenizer(corpus), Numbers{0, 1}), {.batch_size = 100, .block_size = 65536});
  Batch batch;
  epochs.fill(0, batch);
  EXPECT_EQ(batch.positions(), 50U * 5003U);
  EXPECT_LE(batch.inputs.capacity(), 52U * 5003U) << "and not 100 times the longest";
}

}  // namespace
}  // namespace microgpt::epochs_test
