// SPDX-License-Identifier: MIT
// DropoutCall against the mask that the graph engine uses, which is computed by the Random123 library.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/engine.h"
#include "engine/fast/kernels/comparison.h"
#include "engine/fast/kernels/panel_matrix.h"

namespace microgpt::fast::dropout_test {
namespace {

using testing::PanelMatrix;

enum class Form { to_other, in_place, added, added_in_place };

struct DropoutCase {
  std::size_t features;
  std::vector<std::size_t> positions;  // of each document
  Dropout dropout;
  DropoutSite site = mlp_site(3);
  std::size_t first_document = 11;

  std::size_t rows() const { return std::accumulate(positions.begin(), positions.end(), std::size_t{0}); }

  PanelMatrix random_matrix(std::uint64_t seed) const {
    PythonRandom random(seed);
    PanelMatrix matrix(rows(), features);
    matrix.randomize(random);
    matrix.fill_padding_lanes(0.0F);
    return matrix;
  }

  std::vector<float> compute(const Kernels& kernels, Form form) const {
    const PanelMatrix x = random_matrix(1), init = random_matrix(2), other(rows(), features);
    std::vector<std::int32_t> all_rows(rows());
    std::iota(all_rows.begin(), all_rows.end(), 0);
    std::vector<AttentionDocument> documents;
    std::size_t row = 0;
    for (const std::size_t n : positions) {
      documents.push_back({all_rows.data() + row, 0, n});
      row += n;
    }
    const PanelMatrix& y = form == Form::in_place ? x : form == Form::added_in_place ? init : other;
    const bool adds = form == Form::added || form == Form::added_in_place;
    kernels.dropout(
        {DropoutMask(dropout), site, documents, first_document, x.view(), adds ? init.view().data : nullptr, y.view()});
    EXPECT_TRUE(y.is_guard_whole() && y.padding_lanes_are_zero());
    std::vector<float> results;
    y.append_to(results);
    return results;
  }

  std::vector<float> expected(bool adds) const {
    const PanelMatrix x = random_matrix(1), init = random_matrix(2);
    const DropoutMask mask(dropout);
    std::vector<float> results;
    std::size_t row = 0;
    for (std::size_t d = 0; d < positions.size(); ++d)
      for (std::size_t t = 0; t < positions[d]; ++t, ++row)
        for (std::size_t f = 0; f < features; ++f) {
          const float factor = mask.keeps({first_document + d, t, site, f}, features) ? static_cast<float>(mask.scale()) : 0.0F;
          results.push_back(adds ? std::fma(x.at(row, f), factor, init.at(row, f)) : x.at(row, f) * factor);
        }
    return results;
  }

  void expect_the_mask() const {
    for (const Form form : {Form::to_other, Form::in_place, Form::added, Form::added_in_place}) {
      const std::vector<float> actual = testing::same_on_all_targets([&](const Kernels& k) { return compute(k, form); });
      const bool adds = form == Form::added || form == Form::added_in_place;
      EXPECT_EQ(testing::describe_different_bits(actual, expected(adds)), "")
          << features << " features, " << rows() << " rows, form " << static_cast<int>(form);
    }
  }
};

TEST(DropoutKernel, AllWidths) {
  for (std::size_t features = 1; features <= 160; features += features < 40 ? 1 : 7)
    DropoutCase{features, {1, 7, 2, 16, 1}, {0.5, features, 3}}.expect_the_mask();
}

TEST(DropoutKernel, AllLengths) {
  for (std::size_t n = 1; n <= 40; ++n) DropoutCase{33, {n, 3, n}, {0.1, n, 0}}.expect_the_mask();
  DropoutCase{20, {700, 1}, {0.1, 1, 0}}.expect_the_mask();
}

// Each bit of each word of the blocks counts somewhere, and so does each part of seed and counter.
TEST(DropoutKernel, AllRatesAndNumbers) {
  for (unsigned bit = 0; bit < 16; ++bit)
    DropoutCase{128, {40}, {std::ldexp(1.0, -1 - static_cast<int>(bit))}}.expect_the_mask();
  DropoutCase{128, {40}, {0.75 + 0x1p-16}}.expect_the_mask();
  DropoutCase{128, {40}, {1.0 - 0x1p-20}}.expect_the_mask();
  DropoutCase{64, {9}, {0.5, 0x0123456789ABCDEF, 0xFEDCBA98}, DropoutSite{2049}, 0xFFFFFFF0}.expect_the_mask();
}

}  // namespace
}  // namespace microgpt::fast::dropout_test
