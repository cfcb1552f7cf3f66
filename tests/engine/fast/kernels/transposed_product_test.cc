// SPDX-License-Identifier: MIT
// TransposedProductCall against a plain loop in double precision.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"
#include "support/length.h"

namespace microgpt::fast::transposed_product_test {
namespace {

using testing::Comparison;
using testing::ExactSum;
using testing::PanelMatrix;

struct Size {
  std::size_t m;
  std::size_t features;
  std::size_t rows;
};

struct Kind {
  std::size_t addends = 0;
  bool first_addend_in_place = false;
  Causal causal = Causal::no;
  std::size_t diagonal = 0;
};

class TransposedProductCase {
 public:
  TransposedProductCase(const Size& size, const Kind& kind, std::uint64_t seed)
      : size_(size), kind_(kind), a_(size.rows, size.m), b_(size.rows, size.features) {
    PythonRandom random(seed);
    a_.randomize(random);
    b_.randomize(random);
    for (std::size_t i = 0; i < kind.addends; ++i) addends_.emplace_back(size.m, size.features).randomize(random);
    if (kind.causal == Causal::terms)
      for (std::size_t row = 0; row < size.rows; ++row)
        for (std::size_t m = row + kind.diagonal + 1; m < size.m; ++m) a_.at(row, m) = 0.0F;
  }

  void expect_close() const {
    const std::vector<float> actual =
        testing::same_on_all_targets([this](const Kernels& kernels) { return compute_near_and_far(kernels); });
    Comparison comparison;
    auto next = actual.begin();
    for (std::size_t m = 0; m < size_.m; ++m)
      for (std::size_t f = 0; f < size_.features; ++f) {
        ExactSum sum;
        for (std::size_t row = 0; row < size_.rows; ++row) sum.add(a_.value(row, m) * b_.value(row, f));
        for (const PanelMatrix& addend : addends_) sum.add(addend.value(m, f));
        comparison.add(*next++, sum);
      }
    const auto terms = static_cast<double>(size_.rows + kind_.addends);
    EXPECT_EQ(comparison.describe_failure(testing::kTolerances.sum_per_term * terms), "") << name();
  }

 private:
  // Fetching ahead changes no bit.
  std::vector<float> compute_near_and_far(const Kernels& kernels) const {
    std::vector<float> near = compute(kernels, false);
    EXPECT_EQ(testing::describe_different_bits(compute(kernels, true), near), "") << name();
    return near;
  }

  std::vector<float> compute(const Kernels& kernels, bool exceeds_cache) const {
    const PanelMatrix c(size_.m, size_.features);
    TransposedProductCall call{.a = a_.view(), .b = b_.view(), .c = c.view(), .m = size_.m, .rows = size_.rows};
    for (const PanelMatrix& addend : addends_) call.addends[call.addend_count++] = addend.view().data;
    if (kind_.first_addend_in_place) {
      for (std::size_t m = 0; m < size_.m; ++m)
        for (std::size_t f = 0; f < size_.features; ++f) c.at(m, f) = addends_[0].at(m, f);
      call.addends[0] = c.view().data;
    }
    call.causal = kind_.causal;
    call.diagonal = kind_.diagonal;
    call.exceeds_cache = exceeds_cache;
    kernels.transposed_product(call);
    EXPECT_TRUE(c.is_guard_whole()) << name();
    std::vector<float> results;
    c.append_to(results);
    return results;
  }

  std::string name() const {
    return fmt::format("m {}, {} features, {} rows, {} addends{}, causal {}, diagonal {}", size_.m, size_.features, size_.rows,
                       kind_.addends, kind_.first_addend_in_place ? " (in place)" : "", static_cast<int>(kind_.causal),
                       kind_.diagonal);
  }

  Size size_;
  Kind kind_;
  PanelMatrix a_, b_;
  std::vector<PanelMatrix> addends_;
};

Kind with_addends(std::size_t i) { return {.addends = i % 5, .first_addend_in_place = i % 5 > 0 && i % 2 == 1}; }

TEST(TransposedProductKernel, AllRowsOfTheResultAndFeatures) {
  std::size_t i = 0;
  for (std::size_t m = 1; m <= 70; m += testing::full_or(1, 5))
    for (std::size_t features = 1; features <= 70; ++features, ++i)
      TransposedProductCase({m, features, 1 + (31 * m + 17 * features) % 40}, with_addends(i), i).expect_close();
}

TEST(TransposedProductKernel, AllTermsWithEveryNumberOfAddends) {
  for (std::size_t rows = 1; rows <= 70; rows += testing::full_or(1, 3))
    for (std::size_t i = 0; i < 10; ++i)
      TransposedProductCase({1 + (7 * rows + i) % 70, 1 + (13 * rows + 5 * i) % 70, rows}, with_addends(i), rows)
          .expect_close();
}

TEST(TransposedProductKernel, WideMatrices) {
  for (std::size_t i = 0; i < 5; ++i)
    for (const Size& size :
         {Size{160, 160, 17}, Size{40, 640, 114}, Size{640, 40, 33}, Size{129, 300, 1}, Size{48, 113, 50}, Size{100, 70, 330}})
      TransposedProductCase(size, with_addends(i), i).expect_close();
}

TEST(TransposedProductKernel, CausalTermsAndDiagonals) {
  for (std::size_t rows = 1; rows <= 40; ++rows)
    for (const std::size_t diagonal : {0U, 1U, 3U, 15U, 16U, 17U, 40U}) {
      const std::size_t positions = std::min<std::size_t>(rows + diagonal, 75);
      for (std::size_t addends = 0; addends < 2; ++addends)
        TransposedProductCase({positions, 1 + (rows * 7 + diagonal) % 35, rows},
                              {.addends = addends, .causal = Causal::terms, .diagonal = diagonal}, rows)
            .expect_close();
    }
}

// The order of the addends is part of the bits: from the last one to the first, after the chain.
TEST(TransposedProductKernel, AddsTheLastAddendFirst) {
  const auto sum_of = [](const Kernels& kernels) {
    PanelMatrix a(1, 1), b(1, 1), c(1, 1);
    a.fill(1.0F);
    b.fill(1.0F);
    std::vector<PanelMatrix> addends;
    for (const float x : {0x1p24F, 1.0F, -0x1p24F}) addends.emplace_back(1U, 1U).fill(x);
    TransposedProductCall call{.a = a.view(), .b = b.view(), .c = c.view(), .m = 1, .rows = 1};
    for (const PanelMatrix& addend : addends) call.addends[call.addend_count++] = addend.view().data;
    kernels.transposed_product(call);
    return std::vector{c.at(0, 0)};
  };
  // ((1 - 2^24) + 1) + 2^24; from the first to the last it would be 0, as 2^24 + 1 rounds to 2^24.
  EXPECT_EQ(testing::same_on_all_targets(sum_of), std::vector{2.0F});
}

}  // namespace
}  // namespace microgpt::fast::transposed_product_test
