// SPDX-License-Identifier: MIT
// ProductCall against a plain loop in double precision.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"
#include "support/length.h"

namespace microgpt::fast::product_test {
namespace {

using testing::Comparison;
using testing::ExactSum;
using testing::PanelMatrix;

struct Size {
  std::size_t rows;
  std::size_t features;
  std::size_t k;
};

enum class Init { none, other, in_place };

struct Kind {
  Epilogue epilogue = Epilogue::store;
  Init init = Init::none;
};

constexpr Kind kKinds[] = {{Epilogue::store, Init::none},
                           {Epilogue::store, Init::other},
                           {Epilogue::store, Init::in_place},
                           {Epilogue::relu, Init::none},
                           {Epilogue::relu_backward, Init::none},
                           {Epilogue::squared_relu, Init::none},
                           {Epilogue::squared_relu_backward, Init::none}};

bool reads_gate(Epilogue epilogue) {
  return epilogue == Epilogue::relu_backward || epilogue == Epilogue::squared_relu_backward;
}

// What an epilogue makes of a sum, and of the sum's possible error.
ExactSum finished(Epilogue epilogue, ExactSum sum, double gate) {
  const double positive = std::max(sum.value, 0.0);
  switch (epilogue) {
    case Epilogue::store:
      return sum;
    case Epilogue::relu:
    case Epilogue::squared_relu:  // what goes to the gate
      return {positive, sum.magnitude};
    case Epilogue::relu_backward:
      return gate > 0.0 ? sum : ExactSum{};
    case Epilogue::squared_relu_backward:
      return {2 * gate * sum.value, 2 * std::abs(gate) * sum.magnitude};
  }
  return {};
}

class ProductCase {
 public:
  ProductCase(const Size& size, const Kind& kind, std::uint64_t seed)
      : size_(size),
        kind_(kind),
        a_(size.rows, size.k),
        b_(size.k, size.features),
        init_(size.rows, size.features),
        gate_(size.rows, size.features) {
    PythonRandom random(seed);
    a_.randomize(random);
    b_.randomize(random);
    init_.randomize(random);
    gate_.randomize(random);
  }

  void expect_close() const {
    const std::vector<float> actual =
        testing::same_on_all_targets([this](const Kernels& kernels) { return compute_near_and_far(kernels); });
    Comparison comparison;
    auto next = actual.begin();
    for_each_sum([&](ExactSum sum, double gate) { comparison.add(*next++, finished(kind_.epilogue, sum, gate)); });
    EXPECT_EQ(comparison.describe_failure(testing::kTolerances.sum_per_term * static_cast<double>(size_.k + 3)), "") << name();
  }

 private:
  // Fetching ahead changes no bit.
  std::vector<float> compute_near_and_far(const Kernels& kernels) const {
    std::vector<float> near = compute(kernels, false);
    EXPECT_EQ(testing::describe_different_bits(compute(kernels, true), near), "") << name();
    return near;
  }

  std::vector<float> compute(const Kernels& kernels, bool exceeds_cache) const {
    PanelMatrix c(size_.rows, size_.features);
    PanelMatrix gate(size_.rows, size_.features);
    if (reads_gate(kind_.epilogue)) copy(gate_, gate);
    if (kind_.init == Init::in_place) copy(init_, c);
    ProductCall call{.a = a_.view(), .b = b_.view(), .c = c.view(), .rows = size_.rows, .k = size_.k};
    if (kind_.init != Init::none) call.init = kind_.init == Init::in_place ? c.view().data : init_.view().data;
    call.gate = gate.view().data;
    call.epilogue = kind_.epilogue;
    call.exceeds_cache = exceeds_cache;
    kernels.product(call);
    EXPECT_TRUE(c.is_guard_whole() && gate.is_guard_whole()) << name();
    std::vector<float> results;
    if (kind_.epilogue == Epilogue::squared_relu) {
      gate.append_to(results);
      EXPECT_TRUE(is_square_of(c, gate)) << name();
    } else {
      c.append_to(results);
    }
    return results;
  }

  static bool is_square_of(const PanelMatrix& c, const PanelMatrix& root) {
    for (std::size_t row = 0; row < c.rows(); ++row)
      for (std::size_t f = 0; f < c.features(); ++f)
        if (c.at(row, f) != root.at(row, f) * root.at(row, f)) return false;
    return true;
  }

  static void copy(const PanelMatrix& from, const PanelMatrix& to) {
    for (std::size_t row = 0; row < from.rows(); ++row)
      for (std::size_t f = 0; f < from.features(); ++f) to.at(row, f) = from.at(row, f);
  }

  template <typename Visit>
  void for_each_sum(Visit visit) const {
    for (std::size_t row = 0; row < size_.rows; ++row)
      for (std::size_t f = 0; f < size_.features; ++f) {
        ExactSum sum;
        if (kind_.init != Init::none) sum.add(init_.value(row, f));
        for (std::size_t k = 0; k < size_.k; ++k) sum.add(a_.value(row, k) * b_.value(k, f));
        visit(sum, gate_.value(row, f));
      }
  }

  std::string name() const {
    return fmt::format("{} rows, {} features, k {}, epilogue {}, init {}", size_.rows, size_.features, size_.k,
                       static_cast<int>(kind_.epilogue), static_cast<int>(kind_.init));
  }

  Size size_;
  Kind kind_;
  PanelMatrix a_, b_, init_, gate_;
};

TEST(ProductKernel, AllRowsAndFeatures) {
  std::size_t i = 0;
  for (std::size_t rows = 1; rows <= 40; rows += testing::full_or(1, 3))
    for (std::size_t features = 1; features <= 70; ++features, ++i)
      ProductCase({rows, features, 1 + (31 * rows + 17 * features) % 70}, kKinds[i % std::size(kKinds)], i).expect_close();
}

TEST(ProductKernel, AllTerms) {
  for (std::size_t k = 1; k <= 70; ++k)
    for (std::size_t i = 0; i < std::size(kKinds); ++i)
      ProductCase({1 + (7 * k + i) % 40, 1 + (13 * k + 5 * i) % 70, k}, kKinds[i], k).expect_close();
}

TEST(ProductKernel, WideMatrices) {
  for (const Kind& kind : kKinds)
    for (const Size& size :
         {Size{17, 160, 160}, Size{5, 640, 40}, Size{33, 96, 640}, Size{1, 300, 129}, Size{48, 113, 48}, Size{130, 96, 64}})
      ProductCase(size, kind, size.k).expect_close();
}

// What attention uses: rows in one panel of any width, and causal products.
class CausalProductCase {
 public:
  CausalProductCase(const Size& size, Causal causal, std::size_t diagonal, std::size_t a_width)
      : size_(size),
        causal_(causal),
        diagonal_(diagonal),
        a_width_(a_width),
        a_(round_up_to_vector(size.rows) * a_width),
        b_(size.k, size.features) {
    PythonRandom random(size.rows * 1000 + size.k + diagonal);
    for (std::size_t row = 0; row < size.rows; ++row)
      for (std::size_t k = 0; k < size.k; ++k)
        a_.data()[row * a_width + k] = causal == Causal::terms && k > row + diagonal ? 0.0F : testing::random_float(random);
    b_.randomize(random);
  }

  void expect_close() const {
    const std::vector<float> actual = testing::same_on_all_targets([this](const Kernels& kernels) {
      std::vector<float> near = compute(kernels, false);
      EXPECT_EQ(testing::describe_different_bits(compute(kernels, true), near), "");
      return near;
    });
    Comparison comparison;
    auto next = actual.begin();
    for_each_wanted([&](std::size_t row, std::size_t f) {
      ExactSum sum;
      for (std::size_t k = 0; k < size_.k; ++k) sum.add(static_cast<double>(a_.data()[row * a_width_ + k]) * b_.value(k, f));
      comparison.add(*next++, sum);
    });
    EXPECT_EQ(comparison.describe_failure(testing::kTolerances.sum_per_term * static_cast<double>(size_.k)), "")
        << fmt::format("{} rows, {} features, k {}, causal {}, diagonal {}, width {}", size_.rows, size_.features, size_.k,
                       static_cast<int>(causal_), diagonal_, a_width_);
  }

 private:
  std::vector<float> compute(const Kernels& kernels, bool exceeds_cache) const {
    const PanelMatrix c(size_.rows, size_.features);
    ProductCall call{.b = b_.view(), .c = c.view(), .rows = size_.rows, .k = size_.k};
    call.a = {a_.data(), vectors_of(size_.k), a_width_, 0};
    call.causal = causal_;
    call.diagonal = diagonal_;
    call.exceeds_cache = exceeds_cache;
    kernels.product(call);
    EXPECT_TRUE(c.is_guard_whole());
    std::vector<float> results;
    for_each_wanted([&](std::size_t row, std::size_t f) { results.push_back(c.at(row, f)); });
    return results;
  }

  template <typename Visit>
  void for_each_wanted(Visit visit) const {
    for (std::size_t row = 0; row < size_.rows; ++row)
      for (std::size_t f = 0; f < size_.features; ++f)
        if (causal_ != Causal::results || f <= row + diagonal_) visit(row, f);
  }

  Size size_;
  Causal causal_;
  std::size_t diagonal_;
  std::size_t a_width_;
  testing::GuardedFloats a_;
  PanelMatrix b_;
};

TEST(ProductKernel, CausalModesAndDiagonals) {
  for (const Causal causal : {Causal::no, Causal::terms, Causal::results})
    for (std::size_t rows = 1; rows <= 40; ++rows)
      for (const std::size_t diagonal : {0U, 1U, 3U, 15U, 16U, 17U, 40U, 256U}) {
        const std::size_t positions = std::min<std::size_t>(rows + diagonal, 75);
        const Size size = causal == Causal::results ? Size{rows, positions, 1 + (rows * 7 + diagonal) % 35}
                                                    : Size{rows, 1 + (rows * 7 + diagonal) % 35, positions};
        // One panel, of a width that the kernel knows of and one that it does not.
        for (const std::size_t width : {round_up_to_vector(size.k), round_up_to_vector(size.k) + 64})
          CausalProductCase(size, causal, diagonal, width).expect_close();
      }
}

}  // namespace
}  // namespace microgpt::fast::product_test
