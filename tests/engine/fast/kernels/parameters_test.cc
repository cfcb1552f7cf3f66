// SPDX-License-Identifier: MIT
// TransposeCall and the sum of gradients.
#include <gtest/gtest.h>

#include <vector>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"

namespace microgpt::fast::parameters_test {
namespace {

using testing::GuardedFloats;
using testing::PanelMatrix;

constexpr std::size_t kSizes[] = {16, 32, 48, 64, 80, 112, 160, 1024};

GuardedFloats guarded(const std::vector<float>& values) {
  GuardedFloats floats(values.size());
  std::copy(values.begin(), values.end(), floats.data());
  return floats;
}

TEST(TransposeKernel, AllSizes) {
  for (std::size_t rows = 16; rows <= 176; rows += 16)
    for (std::size_t features = 16; features <= 176; features += 16) {
      PythonRandom random(rows + features);
      PanelMatrix a(rows, features);
      a.randomize(random);
      std::vector<float> expected;
      for (std::size_t f = 0; f < features; ++f)
        for (std::size_t row = 0; row < rows; ++row) expected.push_back(a.at(row, f));
      const auto transposed = [&](const Kernels& kernels) {
        const PanelMatrix b(features, rows);
        kernels.transpose({a.view(), rows, b.view()});
        EXPECT_TRUE(b.is_guard_whole());
        std::vector<float> results;
        b.append_to(results);
        return results;
      };
      EXPECT_EQ(testing::describe_different_bits(testing::same_on_all_targets(transposed), expected), "")
          << rows << " rows, " << features << " features";
    }
}

TEST(AddKernel, AllSizes) {
  for (const std::size_t size : kSizes) {
    PythonRandom random(size);
    std::vector<float> first(size), second(size), expected;
    for (std::vector<float>* numbers : {&first, &second})
      for (float& number : *numbers) number = testing::random_float(random);
    for (std::size_t i = 0; i < size; ++i) expected.push_back(first[i] + second[i]);
    const auto added = [&](const Kernels& kernels) {
      const GuardedFloats sum = guarded(first), addend = guarded(second);
      kernels.add(sum.span(), addend.span());
      EXPECT_TRUE(sum.is_guard_whole());
      return std::vector<float>(sum.span().begin(), sum.span().end());
    };
    EXPECT_EQ(testing::describe_different_bits(testing::same_on_all_targets(added), expected), "") << size;
  }
}

}  // namespace
}  // namespace microgpt::fast::parameters_test
