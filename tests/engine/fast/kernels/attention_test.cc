// SPDX-License-Identifier: MIT
// AttentionCall and its gradient against plain loops in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"
#include "support/length.h"

namespace microgpt::fast::attention_test {
namespace {

using testing::Comparison;
using testing::GuardedFloats;
using testing::PanelMatrix;

struct Heads {
  std::size_t n_embd;
  std::size_t n_head;
};

struct DocumentShape {
  std::size_t size;
  std::size_t shared = 0;  // positions that it has in common with the document before
};

// Documents and their rows, numbered as they come.
class Documents {
 public:
  explicit Documents(const std::vector<DocumentShape>& shapes) {
    for (const DocumentShape& shape : shapes) {
      std::vector<std::int32_t> rows;
      if (shape.shared > 0) rows.assign(rows_.back().begin(), rows_.back().begin() + static_cast<std::ptrdiff_t>(shape.shared));
      while (rows.size() < shape.size) rows.push_back(static_cast<std::int32_t>(row_count_++));
      rows_.push_back(std::move(rows));
    }
    for (std::size_t d = 0; d < shapes.size(); ++d) documents_.push_back({rows_[d].data(), shapes[d].shared, shapes[d].size});
  }

  std::size_t row_count() const { return row_count_; }
  std::span<const AttentionDocument> view() const { return documents_; }

 private:
  std::size_t row_count_ = 0;
  std::vector<std::vector<std::int32_t>> rows_;
  std::vector<AttentionDocument> documents_;
};

std::size_t row_at(const AttentionDocument& document, std::size_t t) { return static_cast<std::size_t>(document.rows[t]); }

class AttentionCase {
 public:
  AttentionCase(const Heads& heads, const std::vector<DocumentShape>& shapes, double logit_scale = 2.0)
      : heads_(heads),
        logit_scale_(logit_scale),
        documents_(shapes),
        third_(round_up_to_vector(heads.n_embd)),
        qkv_(documents_.row_count(), 3 * third_, kRowPadding),
        dout_(documents_.row_count(), heads.n_embd, kRowPadding),
        exact_out_(documents_.row_count() * heads.n_embd),
        exact_dqkv_(documents_.row_count() * 3 * heads.n_embd) {
    PythonRandom random(heads.n_embd * 100 + shapes.size());
    dout_.randomize(random);
    for (std::size_t row = 0; row < documents_.row_count(); ++row)
      for (std::size_t f = 0; f < 3 * heads.n_embd; ++f)
        qkv_.at(row, feature(f)) = static_cast<float>(logit_scale) * testing::random_float(random);
    for (const AttentionDocument& document : documents_.view())
      for (std::size_t t = document.first; t < document.size; ++t)
        for (std::size_t h = 0; h < heads_.n_head; ++h) compute_exactly(document, t, h);
  }

  void expect_close() const {
    const std::vector<float> actual = testing::same_on_all_targets([this](const Kernels& kernels) { return compute(kernels); });
    const auto split = static_cast<std::ptrdiff_t>(exact_out_.size());
    ASSERT_EQ(actual.size(), exact_out_.size() + exact_dqkv_.size());
    expect_near({actual.begin(), actual.begin() + split}, exact_out_, testing::kTolerances.attention);
    expect_near({actual.begin() + split, actual.end()}, exact_dqkv_, testing::kTolerances.attention_backward);
  }

 private:
  std::size_t head_dim() const { return heads_.n_embd / heads_.n_head; }

  // From a feature of the three matrices end to end to that of the panels.
  std::size_t feature(std::size_t f) const { return f / heads_.n_embd * third_ + f % heads_.n_embd; }

  double qkv(std::size_t row, std::size_t which, std::size_t f) const { return qkv_.value(row, which * third_ + f); }
  double& dqkv(std::size_t row, std::size_t which, std::size_t f) { return exact_dqkv_[(row * 3 + which) * heads_.n_embd + f]; }

  // Output and gradient of one head at one position.
  void compute_exactly(const AttentionDocument& document, std::size_t t, std::size_t head) {
    const std::size_t row = row_at(document, t);
    const std::size_t begin = head * head_dim(), end = begin + head_dim();
    const double scale = 1.0 / std::sqrt(static_cast<double>(head_dim()));
    std::vector<double> p(t + 1), dp(t + 1);
    double total = 0.0, mean = 0.0;
    for (std::size_t s = 0; s <= t; ++s) {
      double logit = 0.0;
      for (std::size_t f = begin; f < end; ++f) logit += qkv(row, 0, f) * qkv(row_at(document, s), 1, f);
      total += p[s] = std::exp(logit * scale);
    }
    for (std::size_t s = 0; s <= t; ++s) {
      p[s] /= total;
      for (std::size_t f = begin; f < end; ++f) {
        exact_out_[row * heads_.n_embd + f] += p[s] * qkv(row_at(document, s), 2, f);
        dp[s] += dout_.value(row, f) * qkv(row_at(document, s), 2, f);
      }
      mean += p[s] * dp[s];
    }
    for (std::size_t s = 0; s <= t; ++s) {
      const std::size_t key = row_at(document, s);
      const double dlogit = p[s] * (dp[s] - mean) * scale;
      for (std::size_t f = begin; f < end; ++f) {
        dqkv(row, 0, f) += dlogit * qkv(key, 1, f);
        dqkv(key, 1, f) += dlogit * qkv(row, 0, f);
        dqkv(key, 2, f) += p[s] * dout_.value(row, f);
      }
    }
  }

  std::vector<float> compute(const Kernels& kernels) const {
    std::size_t floats = 0;
    for (const AttentionDocument& d : documents_.view())
      floats += attention_probabilities_size(heads_.n_embd, heads_.n_head, d.first, d.size);
    const GuardedFloats probabilities(floats);
    GuardedFloats scratch(attention_scratch(heads_.n_embd, heads_.n_head, documents_.view()));
    const PanelMatrix out(documents_.row_count(), heads_.n_embd, kRowPadding);
    const PanelMatrix dqkv(documents_.row_count(), 3 * third_, kRowPadding);
    const AttentionCall call{documents_.view(), heads_.n_embd,        heads_.n_head, qkv_.view(),
                             out.view(),        probabilities.data(), scratch.data()};
    kernels.attention(call);
    scratch.fill(testing::kPoison);
    kernels.attention_backward({call, dout_.view(), dqkv.view()});
    EXPECT_TRUE(probabilities.is_guard_whole() && scratch.is_guard_whole() && out.is_guard_whole() && dqkv.is_guard_whole())
        << name();
    // Both become terms of products over whole vectors.
    EXPECT_TRUE(out.padding_lanes_are_zero()) << name();
    EXPECT_TRUE(padding_is_zero(dqkv)) << name();
    std::vector<float> results;
    out.append_to(results);
    for (std::size_t row = 0; row < documents_.row_count(); ++row)
      for (std::size_t f = 0; f < 3 * heads_.n_embd; ++f) results.push_back(dqkv.at(row, feature(f)));
    return results;
  }

  bool padding_is_zero(const PanelMatrix& dqkv) const {
    for (std::size_t row = 0; row < documents_.row_count(); ++row)
      for (std::size_t f = 0; f < 3 * third_; ++f)
        if (f % third_ >= heads_.n_embd && dqkv.at(row, f) != 0.0F) return false;
    return true;
  }

  void expect_near(const std::vector<float>& actual, const std::vector<double>& expected, double tolerance) const {
    double largest = 0.0;
    for (const double e : expected) largest = std::max(largest, std::abs(e));
    Comparison comparison;
    for (std::size_t i = 0; i < expected.size(); ++i) comparison.add(actual[i], expected[i], largest);
    // The larger a logit, the larger the error of its exponential.
    EXPECT_EQ(comparison.describe_failure(tolerance * logit_scale_ / 2), "") << name();
  }

  std::string name() const {
    std::string documents;
    for (const AttentionDocument& d : documents_.view()) documents += fmt::format(" {} of {}", d.first, d.size);
    return fmt::format("width {}, {} heads, documents (seen before, positions){}", heads_.n_embd, heads_.n_head, documents);
  }

  Heads heads_;
  double logit_scale_;  // of queries and keys
  Documents documents_;
  std::size_t third_;
  PanelMatrix qkv_;
  PanelMatrix dout_;
  std::vector<double> exact_out_;   // [row][n_embd]
  std::vector<double> exact_dqkv_;  // [row][q, k, v][n_embd]
};

// Those that share vectors among four heads, and those that do not.
const std::vector<Heads> kShortHeads{{16, 4}, {32, 8}, {48, 12}, {64, 16}, {32, 4}, {64, 8}, {64, 4}, {128, 8}, {128, 4}};
const std::vector<Heads> kOtherHeads{{1, 1},  {2, 2},  {3, 1},  {4, 4},  {5, 5},   {6, 2},   {7, 1},   {12, 3},  {15, 3},
                                     {16, 1}, {16, 2}, {16, 8}, {17, 1}, {18, 2},  {20, 4},  {24, 3},  {24, 1},  {25, 5},
                                     {30, 2}, {32, 1}, {32, 2}, {33, 3}, {40, 5},  {45, 3},  {48, 3},  {48, 4},  {50, 2},
                                     {64, 1}, {70, 7}, {96, 2}, {96, 4}, {100, 1}, {113, 1}, {160, 8}, {160, 4}, {160, 5}};

TEST(AttentionKernel, ShortDocumentsOfAllSizes) {
  for (const Heads& heads : kShortHeads)
    for (std::size_t size = 1; size <= 34; size += testing::full_or(1, 3))
      AttentionCase(heads, {{size}, {1}, {(size * 5) % 33 + 1}, {(size * 7) % 16 + 1}}).expect_close();
}

TEST(AttentionKernel, AllHeads) {
  for (const Heads& heads : kOtherHeads)
    for (const std::size_t size : {1U, 2U, 3U, 7U, 15U, 16U, 17U, 31U, 33U, 40U, 65U})
      if (size <= testing::full_or(65, 17)) AttentionCase(heads, {{size}, {1}, {(size * 5) % 41 + 1}}).expect_close();
}

TEST(AttentionKernel, SharedBeginnings) {
  for (const Heads& heads : {Heads{16, 4}, Heads{32, 4}, Heads{128, 4}, Heads{16, 2}, Heads{20, 5}, Heads{40, 2}})
    for (std::size_t size = 2; size <= 33; size += testing::full_or(1, 3))
      for (const std::size_t shared : {std::size_t{1}, size / 2, size - 1})
        AttentionCase(heads, {{size}, {size, shared}, {5}, {size + 3, std::min<std::size_t>(shared, 5)}}).expect_close();
}

// A document that goes on where the one before it ends: its rows are consecutive although it computes only the last of them.
TEST(AttentionKernel, GoingOnWithTheDocumentBefore) {
  for (const Heads& heads : {Heads{16, 4}, Heads{16, 1}, Heads{64, 4}, Heads{128, 4}, Heads{64, 1}, Heads{96, 2}})
    for (const std::size_t size : {1U, 15U, 16U, 17U, 30U, 33U})
      AttentionCase(heads, {{size}, {size + 5, size}, {19}, {22, 19}, {2}}).expect_close();
}

// Past the first block of queries, with and without a beginning that another document computes.
TEST(AttentionKernel, LongDocuments) {
  for (const Heads& heads : {Heads{4, 2}, Heads{16, 4}, Heads{20, 2}}) {
    AttentionCase(heads, {{257}, {258, 256}}).expect_close();
    if (!testing::kFullLength) continue;
    for (const std::size_t size : {255U, 256U, 257U, 300U, 520U}) AttentionCase(heads, {{size}}).expect_close();
    AttentionCase(heads, {{300}, {300, 20}, {280, 279}, {7}, {600, 3}}).expect_close();
  }
}

// One key has nearly all of the weight.
TEST(AttentionKernel, LargeLogits) {
  for (const Heads& heads : {Heads{16, 4}, Heads{20, 2}, Heads{128, 4}})
    AttentionCase(heads, {{16}, {16, 5}, {1}, {31}}, 8.0).expect_close();
}

}  // namespace
}  // namespace microgpt::fast::attention_test
