// SPDX-License-Identifier: MIT
// The kernels of documents that grow by a position at a time, against plain loops in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"

namespace microgpt::fast::stream_rows_test {
namespace {

using testing::Comparison;
using testing::ExactSum;
using testing::GuardedFloats;
using testing::PanelMatrix;

// Rows with their features end to end; those past the last one up to a whole vector are 0.
class Rows {
 public:
  Rows(std::size_t rows, std::size_t features) : features_(features), floats_(rows * round_up_to_vector(features)) {
    floats_.fill(0.0F);
  }

  float* data() const { return floats_.data(); }
  float& at(std::size_t row, std::size_t f) const { return floats_.data()[row * round_up_to_vector(features_) + f]; }
  double value(std::size_t row, std::size_t f) const { return static_cast<double>(at(row, f)); }
  std::size_t rows() const { return floats_.span().size() / round_up_to_vector(features_); }
  bool is_guard_whole() const { return floats_.is_guard_whole(); }
  void fill(float value) { floats_.fill(value); }

  void randomize(PythonRandom& random) {
    for (std::size_t row = 0; row < rows(); ++row)
      for (std::size_t f = 0; f < features_; ++f) at(row, f) = testing::random_float(random);
  }
  void append_to(std::vector<float>& results) const {
    for (std::size_t row = 0; row < rows(); ++row)
      for (std::size_t f = 0; f < features_; ++f) results.push_back(at(row, f));
  }

 private:
  std::size_t features_;
  GuardedFloats floats_;
};

struct ProductShape {
  std::size_t rows;
  std::size_t k;
  std::size_t features;
  bool scaled;
  bool has_addend;
  Epilogue epilogue;
};

void expect_row_product(const ProductShape& shape) {
  const std::size_t rows = shape.rows, k = shape.k, features = shape.features;
  const bool scaled = shape.scaled, has_addend = shape.has_addend;
  const Epilogue epilogue = shape.epilogue;
  PythonRandom random(k * 1000 + features);
  Rows x(rows, k), addend(rows, features);
  x.randomize(random);
  addend.randomize(random);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t f = k; f < round_up_to_vector(k); ++f) x.at(row, f) = testing::kPoison;
  const GuardedFloats scale(rows);
  for (float& s : scale.span()) s = testing::random_float(random);
  PanelMatrix weights(k, features);
  weights.randomize(random);
  const auto compute = [&](const Kernels& kernels) {
    Rows y(rows, features);
    y.fill(testing::kPoison);
    RowProductCall call{.x = x.data(), .rows = rows, .weights = weights.view(), .k = k, .y = y.data(), .epilogue = epilogue};
    if (scaled) call.scale = scale.data();
    if (has_addend) call.addend = addend.data();
    kernels.row_product(call);
    EXPECT_TRUE(y.is_guard_whole());
    std::vector<float> results;
    y.append_to(results);
    return results;
  };
  const std::vector<float> actual = testing::same_on_all_targets(compute);
  Comparison comparison;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const std::size_t row = i / features, f = i % features;
    const double factor = scaled ? static_cast<double>(scale.data()[row]) : 1.0;
    ExactSum sum;
    for (std::size_t j = 0; j < k; ++j) sum.add(factor * x.value(row, j) * weights.value(j, f));
    if (has_addend) sum.add(addend.value(row, f));
    const double kept = epilogue == Epilogue::store ? sum.value : std::max(sum.value, 0.0);
    // Of the square its root is compared.
    const float root = epilogue == Epilogue::squared_relu ? std::sqrt(actual[i]) : actual[i];
    comparison.add(root, kept, sum.magnitude);
  }
  EXPECT_EQ(comparison.describe_failure(testing::kTolerances.sum_per_term * static_cast<double>(k + 3)), "")
      << rows << " rows, k " << k << ", " << features << " features, epilogue " << static_cast<int>(epilogue);
}

TEST(StreamKernels, ProductOfAllSizes) {
  constexpr Epilogue kEpilogues[] = {Epilogue::store, Epilogue::relu, Epilogue::squared_relu};
  for (std::size_t k = 1; k <= 70; ++k)
    for (std::size_t features = 1; features <= 70; ++features) {
      const Epilogue epilogue = kEpilogues[(k + features) % 3];
      const bool has_addend = epilogue == Epilogue::store && k % 2 == 0;
      expect_row_product({1 + (k * features) % 9, k, features, (k + features) % 2 == 0, has_addend, epilogue});
    }
  for (const Epilogue epilogue : kEpilogues)
    for (const std::size_t features : {96U, 113U, 160U, 300U})
      expect_row_product({7, 160, features, true, epilogue == Epilogue::store, epilogue});
}

// What a row becomes must not depend on its neighbours.
TEST(StreamKernels, RowsAloneAndTogether) {
  PythonRandom random(3);
  constexpr std::size_t kRows = 35;
  for (const std::size_t width : {5U, 16U, 33U, 64U, 100U}) {
    Rows x(kRows, width);
    x.randomize(random);
    PanelMatrix weights(width, 3 * width);
    weights.randomize(random);
    for (const Target target : available_targets()) {
      const Rows together(kRows, 3 * width), alone(kRows, 3 * width);
      const GuardedFloats scale(round_up_to_vector(kRows)), own_scale(1);
      kernels_for(target).row_scale({x.data(), kRows, width, scale.data()});
      kernels_for(target).row_product(
          {.x = x.data(), .rows = kRows, .weights = weights.view(), .k = width, .y = together.data(), .scale = scale.data()});
      for (std::size_t row = 0; row < kRows; ++row) {
        const float* const per_row = &x.at(row, 0);
        kernels_for(target).row_scale({per_row, 1, width, own_scale.data()});
        EXPECT_EQ(own_scale.data()[0], scale.data()[row]);
        kernels_for(target).row_product({.x = per_row,
                                         .rows = 1,
                                         .weights = weights.view(),
                                         .k = width,
                                         .y = &alone.at(row, 0),
                                         .scale = own_scale.data()});
        for (std::size_t f = 0; f < 3 * width; ++f) ASSERT_EQ(alone.at(row, f), together.at(row, f)) << row << ", " << f;
      }
    }
  }
}

double exact_scale(std::span<const double> row) {
  double squares = 0.0;
  for (const double v : row) squares += v * v;
  return 1.0 / std::sqrt(squares / static_cast<double>(row.size()) + 1e-5);
}

TEST(StreamKernels, ScaleOfAllSizes) {
  for (std::size_t features = 1; features <= 160; ++features) {
    PythonRandom random(features);
    Rows x(1 + features % 20, features);
    x.randomize(random);
    const auto compute = [&](const Kernels& kernels) {
      const GuardedFloats scale(x.rows());
      kernels.row_scale({x.data(), x.rows(), features, scale.data()});
      EXPECT_TRUE(scale.is_guard_whole());
      return std::vector<float>(scale.span().begin(), scale.span().end());
    };
    const std::vector<float> actual = testing::same_on_all_targets(compute);
    Comparison comparison;
    for (std::size_t row = 0; row < x.rows(); ++row) {
      std::vector<double> values;
      for (std::size_t f = 0; f < features; ++f) values.push_back(x.value(row, f));
      comparison.add(actual[row], exact_scale(values), exact_scale(values));
    }
    EXPECT_EQ(comparison.describe_failure(testing::kTolerances.rms_norm), "") << features;
  }
}

void expect_embedding(std::size_t features, float size) {
  PythonRandom random(features);
  PanelMatrix wte(7, features), wpe(5, features);
  wte.randomize(random);
  wpe.randomize(random);
  wte.fill_padding_lanes(0.0F);
  wpe.fill_padding_lanes(0.0F);
  for (std::size_t f = 0; f < features; ++f)
    for (std::size_t row = 0; row < 7; ++row) wte.at(row, f) *= size;
  for (std::size_t f = 0; f < features; ++f)
    for (std::size_t row = 0; row < 5; ++row) wpe.at(row, f) *= size;
  const std::size_t rows = 1 + features % 20;
  std::vector<Token> tokens;
  std::vector<std::int32_t> positions;
  for (std::size_t row = 0; row < rows; ++row) {
    tokens.push_back(static_cast<Token>(row * 3 % 7));
    positions.push_back(static_cast<std::int32_t>(row * 2 % 5));
  }
  const auto compute = [&](const Kernels& kernels) {
    Rows embedded(rows, features), x(rows, features);
    const GuardedFloats scale(rows), scale_twice(rows);
    kernels.row_embedding(
        {wte.view(), wpe.view(), tokens, positions, features, embedded.data(), x.data(), scale.data(), scale_twice.data()});
    EXPECT_TRUE(embedded.is_guard_whole() && x.is_guard_whole() && scale.is_guard_whole() && scale_twice.is_guard_whole());
    std::vector<float> results;
    x.append_to(results);
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t f = 0; f < features; ++f) results.push_back(embedded.at(row, f) * scale_twice.data()[row]);
    return results;
  };
  const std::vector<float> actual = testing::same_on_all_targets(compute);
  Comparison comparison;
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<double> x, twice;
    for (std::size_t f = 0; f < features; ++f)
      x.push_back(static_cast<double>(wte.at(static_cast<std::size_t>(tokens[row]), f) +
                                      wpe.at(static_cast<std::size_t>(positions[row]), f)));
    const double scale = exact_scale(x);
    for (double& v : x) v *= scale;
    twice = x;
    for (double& v : twice) v *= exact_scale(x);
    for (std::size_t f = 0; f < features; ++f) {
      comparison.add(actual[row * features + f], x[f], std::abs(x[f]));
      comparison.add(actual[(rows + row) * features + f], twice[f], std::abs(twice[f]));
    }
  }
  EXPECT_EQ(comparison.describe_failure(2 * testing::kTolerances.rms_norm), "") << features << ", " << size;
}

// Where the norm's epsilon is nothing beside the mean square, where it counts, and where it is all.
TEST(StreamKernels, EmbeddingOfAllSizes) {
  for (std::size_t features = 1; features <= 80; ++features)
    for (const float size : {1.0F, 3e-3F, 1e-5F}) expect_embedding(features, size);
}

struct Draw {
  bool is_valid;
  std::vector<Token> tokens;
};

Draw draw(const Kernels& kernels, const Rows& logits, std::size_t features, float inverse_temperature,
          std::span<const float> uniforms) {
  Draw result{false, std::vector<Token>(uniforms.size(), -1)};
  GuardedFloats scratch(draw_scratch(features));
  result.is_valid =
      kernels.draw_tokens({logits.data(), features, inverse_temperature, uniforms, result.tokens, scratch.data()});
  EXPECT_TRUE(scratch.is_guard_whole());
  return result;
}

// With the sums of the probabilities before and after the token, in double precision.
void expect_draw(std::size_t features) {
  PythonRandom random(features);
  constexpr std::size_t kRows = 9;
  constexpr double kInverseTemperature = 2.0, kTolerance = 3e-6;
  Rows logits(kRows, features);
  logits.randomize(random);
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t f = 0; f < features; ++f) logits.at(row, f) *= 5.0F;
    for (std::size_t f = features; f < round_up_to_vector(features); ++f) logits.at(row, f) = 1e6F;
  }
  std::vector<float> uniforms{0.0F, 0x1.fffffep-1F};
  while (uniforms.size() < kRows) uniforms.push_back(static_cast<float>(random.next_word() >> 8) * 0x1p-24F);
  const auto compute = [&](const Kernels& kernels) {
    const Draw drawn = draw(kernels, logits, features, static_cast<float>(kInverseTemperature), uniforms);
    EXPECT_TRUE(drawn.is_valid);
    return std::vector<float>(drawn.tokens.begin(), drawn.tokens.end());
  };
  const std::vector<float> tokens = testing::same_on_all_targets(compute);
  for (std::size_t row = 0; row < kRows; ++row) {
    ASSERT_GE(tokens[row], 0.0F);
    ASSERT_LT(tokens[row], static_cast<float>(features));
    const auto token = static_cast<std::size_t>(tokens[row]);
    double before = 0.0, after = 0.0, total = 0.0;
    for (std::size_t f = 0; f < features; ++f) {
      const double e = std::exp(kInverseTemperature * logits.value(row, f));
      total += e;
      if (f < token) before += e;
      if (f <= token) after += e;
    }
    EXPECT_LE(before / total, static_cast<double>(uniforms[row]) + kTolerance) << features;
    EXPECT_GE(after / total, static_cast<double>(uniforms[row]) - kTolerance) << features;
  }
}

TEST(StreamKernels, DrawOfAllSizes) {
  for (std::size_t features = 1; features <= 100; ++features) expect_draw(features);
}

// A token that is held to be impossible is never drawn, and each of the possible ones can be.
TEST(StreamKernels, DrawsWhatIsPossible) {
  for (const std::size_t features : {1U, 16U, 27U, 80U})
    for (std::size_t only = 0; only < features; ++only) {
      Rows logits(2, features);
      logits.fill(-1000.0F);
      logits.at(0, only) = logits.at(1, only) = 3.0F;
      const std::vector<float> uniforms{0.0F, 0x1.fffffep-1F};
      for (const Target target : available_targets())
        EXPECT_EQ(draw(kernels_for(target), logits, features, 1.0F, uniforms).tokens, std::vector(2, static_cast<Token>(only)));
    }
}

// Logits, and differences of logits, of which the exponential is too large or too small for a float.
TEST(StreamKernels, DrawOfLargeLogits) {
  const std::vector<float> uniforms{0.0F, 0.3F, 0x1.fffffep-1F};
  for (const std::size_t features : {3U, 27U, 100U})
    for (const float offset : {0.0F, 41.0F, 1e4F, -39.5F, -100.0F, -1e4F})
      for (const float inverse_temperature : {1.0F, 1e10F, 1e30F})
        for (const Target target : available_targets()) {
          Rows logits(uniforms.size(), features);
          for (std::size_t row = 0; row < uniforms.size(); ++row)
            for (std::size_t f = 0; f < features; ++f) logits.at(row, f) = offset + (f == 2 ? 0.0F : -30.0F);
          const Draw drawn = draw(kernels_for(target), logits, features, inverse_temperature, uniforms);
          EXPECT_TRUE(drawn.is_valid);
          EXPECT_EQ(drawn.tokens[1], 2) << offset << ", " << inverse_temperature;
          if (inverse_temperature > 1.0F) {
            EXPECT_EQ(drawn.tokens, std::vector<Token>(3, 2)) << offset;
          }
        }
}

TEST(StreamKernels, DrawSaysWhereProbabilitiesAreNotNumbers) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> uniforms(3, 0.5F);
  for (const std::size_t features : {5U, 27U, 100U})
    for (const Target target : available_targets()) {
      Rows logits(3, features);
      EXPECT_TRUE(draw(kernels_for(target), logits, features, 1.0F, uniforms).is_valid);
      EXPECT_FALSE(draw(kernels_for(target), logits, features, kInfinity, uniforms).is_valid);
      for (const float odd : {testing::kPoison, kInfinity})
        for (const std::size_t f : {std::size_t{0}, features - 1}) {
          logits.at(1, f) = odd;
          EXPECT_FALSE(draw(kernels_for(target), logits, features, 1.0F, uniforms).is_valid) << odd << " at " << f;
          logits.at(1, f) = 0.0F;
        }
    }
}

// Documents of different lengths; one that has reached its length begins anew in the same cache.
class GrowingDocuments {
 public:
  GrowingDocuments(std::size_t n_embd, std::size_t n_head, std::vector<std::size_t> lengths, float query_size = 1.0F)
      : query_size_(query_size),
        n_embd_(n_embd),
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
    // The larger a logit, the larger the error of its exponential.
    const auto tolerance = testing::kTolerances.attention * std::max(1.0, static_cast<double>(query_size_));
    EXPECT_EQ(comparison.describe_failure(tolerance), "")
        << "width " << n_embd_ << ", " << n_head_ << " heads, context " << block_size_;
  }

 private:
  std::size_t steps() const { return block_size_ + block_size_ / 2 + 1; }
  std::size_t position(std::size_t document, std::size_t step) const { return step % lengths_[document]; }

  // Feature f of query, key or value `which`, in [-2, 2), queries times query_size: a function of these alone.
  float qkv(std::size_t document, std::size_t step, std::size_t which, std::size_t f) const {
    std::uint64_t bits = ((document * 1000 + step) * 3 + which) * 1000 + f;
    for (int i = 0; i < 3; ++i) bits = (bits ^ bits >> 29) * 0xBF58476D1CE4E5B9U;
    return (static_cast<float>(bits >> 40) * 0x1p-22F - 2.0F) * (which == 0 ? query_size_ : 1.0F);
  }

  std::vector<float> compute(const Kernels& kernels) const {
    const std::size_t documents = lengths_.size();
    GuardedFloats cache(documents * attention_cache_size(n_embd_, block_size_));
    cache.fill(0.0F);
    GuardedFloats scratch(attention_step_scratch(block_size_));
    std::vector<float> results;
    for (std::size_t step = 0; step < steps(); ++step) {
      const Rows rows(documents, 3 * third_), out(documents, n_embd_);
      std::vector<std::int32_t> positions;
      for (std::size_t d = 0; d < documents; ++d) {
        positions.push_back(static_cast<std::int32_t>(position(d, step)));
        for (std::size_t f = 0; f < 3 * third_; ++f)
          rows.at(d, f) = f % third_ < n_embd_ ? qkv(d, step, f / third_, f % third_) : 0.0F;
      }
      scratch.fill(testing::kPoison);
      kernels.attention_step({n_embd_, n_head_, block_size_, rows.data(), out.data(), positions, cache.data(), scratch.data()});
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
    std::vector<double> logits, sums(head_dim);
    for (std::size_t s = first; s <= step; ++s) {
      double logit = 0.0;
      for (std::size_t f = begin; f < begin + head_dim; ++f)
        logit += static_cast<double>(qkv(document, step, 0, f)) * static_cast<double>(qkv(document, s, 1, f));
      logits.push_back(logit / std::sqrt(static_cast<double>(head_dim)));
    }
    const double largest = *std::max_element(logits.begin(), logits.end());
    double total = 0.0;
    for (std::size_t s = first; s <= step; ++s) {
      const double weight = std::exp(logits[s - first] - largest);
      total += weight;
      for (std::size_t f = 0; f < head_dim; ++f) sums[f] += weight * static_cast<double>(qkv(document, s, 2, begin + f));
    }
    for (const double sum : sums) results.push_back(sum / total);
  }

  float query_size_;
  std::size_t n_embd_;
  std::size_t n_head_;
  std::vector<std::size_t> lengths_;
  std::size_t block_size_;
  std::size_t third_;
};

TEST(StreamKernels, AttentionOfGrowingDocuments) {
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
    for (const float size : {30.0F, 200.0F}) GrowingDocuments(n_embd, n_head, {5, 1, 21}, size).expect_close();
  }
}

}  // namespace
}  // namespace microgpt::fast::stream_rows_test
