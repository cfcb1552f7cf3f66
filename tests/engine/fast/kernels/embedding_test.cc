// SPDX-License-Identifier: MIT
// EmbeddingCall and its gradient against plain loops.
#include <gtest/gtest.h>

#include <set>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"

namespace microgpt::fast::embedding_test {
namespace {

using testing::Comparison;
using testing::ExactSum;
using testing::PanelMatrix;

struct EmbeddingCase {
  static constexpr std::size_t kTokens = 29;
  static constexpr std::size_t kPositions = 17;

  PanelMatrix wte, wpe, dx;
  std::vector<Token> tokens;
  std::vector<std::int32_t> positions;

  // Some tokens come often, one never.
  EmbeddingCase(std::size_t rows, std::size_t features)
      : wte(kTokens, features), wpe(kPositions, features), dx(rows, features) {
    PythonRandom random(rows * 100 + features);
    for (PanelMatrix* matrix : {&wte, &wpe, &dx}) {
      matrix->randomize(random);
      matrix->fill_padding_lanes(0.0F);
    }
    for (std::size_t row = 0; row < rows; ++row) {
      tokens.push_back(static_cast<Token>(random.randbelow(row % 3 == 0 ? 2 : kTokens - 1)));
      positions.push_back(static_cast<std::int32_t>(random.randbelow(kPositions)));
    }
  }

  std::vector<float> forward(const Kernels& kernels) const {
    const PanelMatrix x(dx.rows(), dx.features());
    kernels.embedding({wte.view(), wpe.view(), tokens, positions, x.view()});
    EXPECT_TRUE(x.is_guard_whole() && x.padding_lanes_are_zero());
    std::vector<float> results;
    x.append_to(results);
    return results;
  }

  // Onto what wte and wpe hold.
  std::vector<float> backward(const Kernels& kernels) const {
    const PanelMatrix dwte(kTokens, dx.features()), dwpe(kPositions, dx.features());
    for (std::size_t f = 0; f < round_up_to_vector(dx.features()); ++f) {
      for (std::size_t t = 0; t < kTokens; ++t) dwte.at(t, f) = wte.at(t, f);
      for (std::size_t p = 0; p < kPositions; ++p) dwpe.at(p, f) = wpe.at(p, f);
    }
    kernels.embedding_backward({dx.view(), tokens, positions, dwte.view(), dwpe.view()});
    EXPECT_TRUE(dwte.is_guard_whole() && dwpe.is_guard_whole());
    EXPECT_TRUE(dwte.padding_lanes_are_zero() && dwpe.padding_lanes_are_zero());
    std::vector<float> results;
    dwte.append_to(results);
    dwpe.append_to(results);
    return results;
  }
};

template <typename Visit>
void for_each_size(Visit visit) {
  for (std::size_t features = 1; features <= 70; ++features)
    for (std::size_t rows = 1; rows <= 40; rows += features % 3 + 1) visit(rows, features);
  for (const std::size_t features : {96U, 113U, 160U}) visit(114, features);
}

TEST(EmbeddingKernel, AddsTheTwoEmbeddings) {
  for_each_size([](std::size_t rows, std::size_t features) {
    const EmbeddingCase c(rows, features);
    const std::vector<float> actual = testing::same_on_all_targets([&](const Kernels& k) { return c.forward(k); });
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t f = 0; f < features; ++f)
        ASSERT_EQ(actual[row * features + f], c.wte.at(static_cast<std::size_t>(c.tokens[row]), f) +
                                                  c.wpe.at(static_cast<std::size_t>(c.positions[row]), f))
            << rows << " rows, " << features << " features, at " << row << ", " << f;
  });
}

// One sum a row of a table: of its old value and of dx where `indices` name it.
void compare_sums(const PanelMatrix& before, const PanelMatrix& dx, const std::vector<std::int32_t>& indices,
                  std::vector<float>::const_iterator& next, Comparison& comparison) {
  for (std::size_t i = 0; i < before.rows(); ++i)
    for (std::size_t f = 0; f < before.features(); ++f) {
      ExactSum sum;
      sum.add(before.value(i, f));
      for (std::size_t row = 0; row < indices.size(); ++row)
        if (static_cast<std::size_t>(indices[row]) == i) sum.add(dx.value(row, f));
      comparison.add(*next++, sum);
    }
}

TEST(EmbeddingKernel, GradientIsAddedToTokensAndPositions) {
  for_each_size([](std::size_t rows, std::size_t features) {
    const EmbeddingCase c(rows, features);
    const std::vector<float> actual = testing::same_on_all_targets([&](const Kernels& k) { return c.backward(k); });
    Comparison comparison;
    auto next = actual.begin();
    compare_sums(c.wte, c.dx, {c.tokens.begin(), c.tokens.end()}, next, comparison);
    compare_sums(c.wpe, c.dx, c.positions, next, comparison);
    EXPECT_EQ(comparison.describe_failure(testing::kTolerances.embedding * static_cast<double>(rows)), "")
        << rows << " rows, " << features << " features";
  });
}

// Ascending rows: the order is part of the bits.
TEST(EmbeddingKernel, GradientIsAddedInAscendingRows) {
  PanelMatrix dx(3, 1);
  dx.fill_padding_lanes(0.0F);
  dx.at(0, 0) = 1.0F;
  dx.at(1, 0) = 0x1p24F;
  dx.at(2, 0) = -0x1p24F;
  for (const Target target : available_targets()) {
    PanelMatrix dwte(1, 1), dwpe(3, 1);
    for (PanelMatrix* matrix : {&dwte, &dwpe}) {
      matrix->fill(0.0F);
      matrix->fill_padding_lanes(0.0F);
    }
    const std::vector<Token> tokens{0, 0, 0};
    const std::vector<std::int32_t> positions{0, 1, 2};
    kernels_for(target).embedding_backward({dx.view(), tokens, positions, dwte.view(), dwpe.view()});
    EXPECT_EQ(dwte.at(0, 0), (1.0F + 0x1p24F) - 0x1p24F) << name_of(target);
  }
}

}  // namespace
}  // namespace microgpt::fast::embedding_test
