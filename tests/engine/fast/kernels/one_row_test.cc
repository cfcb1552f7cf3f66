// The kernels of documents that grow by a position at a time, against plain loops in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"

namespace microgpt {
namespace {

using testing::Comparison;
using testing::ExactSum;
using testing::GuardedFloats;
using testing::PanelMatrix;

// Features end to end; those past the last one up to a whole vector are 0.
GuardedFloats random_row(std::size_t features, PythonRandom& random) {
  GuardedFloats row(round_up_to_vector(features));
  row.fill(0.0F);
  for (std::size_t f = 0; f < features; ++f) row.data()[f] = testing::random_float(random);
  return row;
}

void expect_row_product(std::size_t k, std::size_t features, Epilogue epilogue, bool has_addend) {
  PythonRandom random(k * 1000 + features);
  const GuardedFloats x = random_row(k, random), addend = random_row(features, random);
  std::fill(x.span().begin() + static_cast<std::ptrdiff_t>(k), x.span().end(), testing::kPoison);
  PanelMatrix weights(k, features);
  weights.randomize(random);
  const auto compute = [&](const Kernels& kernels) {
    const GuardedFloats y(round_up_to_vector(features));
    kernels.row_product({x.data(), weights.view(), k, y.data(), has_addend ? addend.data() : nullptr, epilogue});
    EXPECT_TRUE(y.is_guard_whole());
    return std::vector<float>(y.data(), y.data() + features);
  };
  const std::vector<float> actual = testing::same_on_all_targets(compute);
  Comparison comparison;
  for (std::size_t f = 0; f < features; ++f) {
    ExactSum sum;
    for (std::size_t i = 0; i < k; ++i) sum.add(static_cast<double>(x.data()[i]) * weights.value(i, f));
    if (has_addend) sum.add(static_cast<double>(addend.data()[f]));
    const double kept = epilogue == Epilogue::store ? sum.value : std::max(sum.value, 0.0);
    // Of the square its root is compared.
    const float root = epilogue == Epilogue::squared_relu ? std::sqrt(actual[f]) : actual[f];
    comparison.add(root, kept, sum.magnitude);
  }
  EXPECT_EQ(comparison.describe_failure(testing::kTolerances.sum_per_term * static_cast<double>(k + 3)), "")
      << "k " << k << ", " << features << " features, epilogue " << static_cast<int>(epilogue);
}

TEST(OneRowKernels, ProductOfAllSizes) {
  constexpr Epilogue kEpilogues[] = {Epilogue::store, Epilogue::relu, Epilogue::squared_relu};
  for (std::size_t k = 1; k <= 70; ++k)
    for (std::size_t features = 1; features <= 70; ++features)
      expect_row_product(k, features, kEpilogues[(k + features) % 3], (k + features) % 2 == 0);
  for (const Epilogue epilogue : kEpilogues)
    for (const std::size_t features : {96U, 113U, 160U, 300U}) expect_row_product(160, features, epilogue, true);
}

TEST(OneRowKernels, NormOfAllSizes) {
  for (std::size_t features = 1; features <= 160; ++features) {
    PythonRandom random(features);
    const GuardedFloats x = random_row(features, random);
    const auto compute = [&](const Kernels& kernels) {
      const GuardedFloats y(round_up_to_vector(features));
      const bool in_place = features % 2 == 0;
      std::copy(x.span().begin(), x.span().end(), y.data());
      kernels.row_norm({in_place ? y.data() : x.data(), y.data(), features});
      EXPECT_TRUE(y.is_guard_whole());
      return std::vector<float>(y.data(), y.data() + round_up_to_vector(features));
    };
    const std::vector<float> actual = testing::same_on_all_targets(compute);
    double squares = 0.0;
    for (const float v : x.span()) squares += static_cast<double>(v) * static_cast<double>(v);
    const double scale = 1.0 / std::sqrt(squares / static_cast<double>(features) + 1e-5);
    Comparison comparison;
    for (std::size_t f = 0; f < actual.size(); ++f) {
      const double expected = static_cast<double>(x.data()[f]) * scale;
      comparison.add(actual[f], expected, std::abs(expected));
    }
    EXPECT_EQ(comparison.describe_failure(testing::kTolerances.rms_norm), "") << features;
  }
}

// Documents of different lengths; one that has reached its length begins anew in the same cache.
class GrowingDocuments {
 public:
  GrowingDocuments(std::size_t n_embd, std::size_t n_head, std::vector<std::size_t> lengths)
      : n_embd_(n_embd),
        n_head_(n_head),
        lengths_(std::move(lengths)),
        block_size_(*std::max_element(lengths_.begin(), lengths_.end())),
        third_(round_up_to_vector(n_embd)) {}

  void expect_close() const {
    const std::vector<float> actual = testing::same_on_all_targets([this](const Kernels& kernels) { return compute(kernels); });
    const std::vector<double> expected = compute_exactly();
    ASSERT_EQ(actual.size(), expected.size());
    Comparison comparison;
    for (std::size_t i = 0; i < expected.size(); ++i) comparison.add(actual[i], expected[i], 2.0);
    EXPECT_EQ(comparison.describe_failure(testing::kTolerances.attention), "")
        << "width " << n_embd_ << ", " << n_head_ << " heads, context " << block_size_;
  }

 private:
  std::size_t steps() const { return block_size_ + block_size_ / 2 + 1; }
  std::size_t position(std::size_t document, std::size_t step) const { return step % lengths_[document]; }

  // Feature f of query, key or value `which`, in [-2, 2): a function of its place alone.
  float qkv(std::size_t document, std::size_t step, std::size_t which, std::size_t f) const {
    std::uint64_t bits = ((document * 1000 + step) * 3 + which) * 1000 + f;
    for (int i = 0; i < 3; ++i) bits = (bits ^ bits >> 29) * 0xBF58476D1CE4E5B9U;
    return static_cast<float>(bits >> 40) * 0x1p-22F - 2.0F;
  }

  std::vector<float> compute(const Kernels& kernels) const {
    const std::size_t documents = lengths_.size();
    GuardedFloats cache(documents * attention_cache_size(n_embd_, block_size_));
    cache.fill(0.0F);
    GuardedFloats scratch(attention_step_scratch(documents, block_size_));
    std::vector<float> results;
    for (std::size_t step = 0; step < steps(); ++step) {
      const PanelMatrix rows(documents, 3 * third_), out(documents, n_embd_);
      std::vector<std::int32_t> positions;
      for (std::size_t d = 0; d < documents; ++d) {
        positions.push_back(static_cast<std::int32_t>(position(d, step)));
        for (std::size_t f = 0; f < 3 * third_; ++f)
          rows.at(d, f) = f % third_ < n_embd_ ? qkv(d, step, f / third_, f % third_) : 0.0F;
      }
      scratch.fill(testing::kPoison);
      kernels.attention_step({n_embd_, n_head_, block_size_, rows.view(), out.view(), positions, cache.data(), scratch.data()});
      EXPECT_TRUE(out.is_guard_whole() && cache.is_guard_whole() && scratch.is_guard_whole());
      out.append_to(results);
    }
    return results;
  }

  std::vector<double> compute_exactly() const {
    std::vector<double> results;
    for (std::size_t step = 0; step < steps(); ++step)
      for (std::size_t d = 0; d < lengths_.size(); ++d)
        for (std::size_t head = 0; head < n_head_; ++head) append_exactly(d, step, head, results);
    return results;
  }

  void append_exactly(std::size_t document, std::size_t step, std::size_t head, std::vector<double>& results) const {
    const std::size_t head_dim = n_embd_ / n_head_, begin = head * head_dim;
    const std::size_t first = step - position(document, step);
    double total = 0.0;
    std::vector<double> sums(head_dim);
    for (std::size_t s = first; s <= step; ++s) {
      double logit = 0.0;
      for (std::size_t f = begin; f < begin + head_dim; ++f)
        logit += static_cast<double>(qkv(document, step, 0, f)) * static_cast<double>(qkv(document, s, 1, f));
      const double weight = std::exp(logit / std::sqrt(static_cast<double>(head_dim)));
      total += weight;
      for (std::size_t f = 0; f < head_dim; ++f) sums[f] += weight * static_cast<double>(qkv(document, s, 2, begin + f));
    }
    for (const double sum : sums) results.push_back(sum / total);
  }

  std::size_t n_embd_;
  std::size_t n_head_;
  std::vector<std::size_t> lengths_;
  std::size_t block_size_;
  std::size_t third_;
};

TEST(OneRowKernels, AttentionOfGrowingDocuments) {
  struct Heads {
    std::size_t n_embd;
    std::size_t n_head;
  };
  for (const auto& [n_embd, n_head] :
       {Heads{16, 4}, Heads{32, 4}, Heads{32, 8}, Heads{64, 4}, Heads{128, 4}, Heads{16, 1}, Heads{32, 2}, Heads{20, 2},
        Heads{21, 3}, Heads{5, 5}, Heads{1, 1}, Heads{40, 5}, Heads{40, 2}, Heads{113, 1}}) {
    GrowingDocuments(n_embd, n_head, {16}).expect_close();
    GrowingDocuments(n_embd, n_head, {5, 1, 16, 7, 3}).expect_close();
    GrowingDocuments(n_embd, n_head, {13, 37}).expect_close();
  }
}

}  // namespace
}  // namespace microgpt
