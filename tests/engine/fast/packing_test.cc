// SPDX-License-Identifier: MIT
#include "engine/fast/packing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "simd/aligned_buffer.h"
#include "simd/target.h"
#include "support/models.h"

namespace microgpt::fast::packing_test {
namespace {

std::vector<Config> shapes() {
  std::vector<Config> configs = testing::small_shapes();
  for (std::size_t width = 1; width <= 70; ++width)
    configs.push_back({.vocab_size = 2 + width * 7 % 67,
                       .n_layer = 1 + width % 3,
                       .n_embd = width,
                       .n_head = 1,
                       .block_size = 1 + width * 5 % 40});
  for (const std::size_t width : {96U, 113U, 160U})
    configs.push_back({.vocab_size = 300, .n_layer = 2, .n_embd = width, .n_head = 1, .block_size = 33});
  return configs;
}

// 1, 2, 3, ...: different from each other and from the padding.
std::vector<double> numbered(std::size_t count) {
  std::vector<double> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 1.0);
  return numbers;
}

struct Packed {
  Packing packing;
  std::vector<double> parameters;
  AlignedBuffer<float> floats;

  explicit Packed(const Config& config)
      : packing(config), parameters(numbered(packing.table().parameter_count())), floats(packing.size()) {
    std::fill_n(floats.data(), floats.size(), -1.0F);
    packing.pack(parameters, floats.span());
  }
};

TEST(Packing, UnpackIsTheInverseOfPack) {
  for (const Config& config : shapes()) {
    const Packed packed(config);
    std::vector<double> unpacked(packed.parameters.size());
    packed.packing.unpack(packed.floats.span(), unpacked);
    EXPECT_EQ(unpacked, packed.parameters) << "width " << config.n_embd;
  }
}

TEST(Packing, EveryParameterHasOneSlotAndAllElseIsZero) {
  for (const Config& config : shapes()) {
    const Packed packed(config);
    std::vector<float> sorted(packed.floats.span().begin(), packed.floats.span().end());
    std::sort(sorted.begin(), sorted.end());
    const std::size_t padding = sorted.size() - packed.parameters.size();
    EXPECT_TRUE(
        std::all_of(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(padding), [](float x) { return x == 0.0F; }))
        << "width " << config.n_embd;
    EXPECT_TRUE(std::equal(sorted.begin() + static_cast<std::ptrdiff_t>(padding), sorted.end(), packed.parameters.begin(),
                           [](float a, double b) { return static_cast<double>(a) == b; }))
        << "width " << config.n_embd;
  }
}

// Element [output][input] of a tensor of the table.
float expected(const Packed& packed, const std::string& name, std::size_t output, std::size_t input) {
  const Tensor& tensor = packed.packing.table().find(name);
  return static_cast<float>(packed.parameters[tensor.offset + output * tensor.columns + input]);
}

// What packing.h says of each matrix.
TEST(Packing, MatricesLieAsTheProductsReadThem) {
  for (const Config& config : shapes()) {
    const Packed packed(config);
    const auto at = [&](const PackedMatrix& matrix, std::size_t row, std::size_t feature) {
      return matrix.in(packed.floats.data()).element(row, feature);
    };
    for (std::size_t i = 0; i < config.n_embd; ++i) {
      for (std::size_t token = 0; token < config.vocab_size; ++token) {
        ASSERT_EQ(at(packed.packing.wte, token, i), expected(packed, "wte", token, i));
        ASSERT_EQ(at(packed.packing.lm_head, i, token), expected(packed, "lm_head", token, i));
      }
      for (std::size_t p = 0; p < config.block_size; ++p)
        ASSERT_EQ(at(packed.packing.wpe, p, i), expected(packed, "wpe", p, i));
    }
    for (std::size_t l = 0; l < config.n_layer; ++l) {
      const PackedLayer& layer = packed.packing.layers[l];
      const std::size_t third = round_up_to_vector(config.n_embd);
      for (std::size_t in = 0; in < config.n_embd; ++in) {
        for (std::size_t out = 0; out < config.n_embd; ++out) {
          ASSERT_EQ(at(layer.qkv, in, out), expected(packed, layer_tensor(l, "attn_wq"), out, in));
          ASSERT_EQ(at(layer.qkv, in, third + out), expected(packed, layer_tensor(l, "attn_wk"), out, in));
          ASSERT_EQ(at(layer.qkv, in, 2 * third + out), expected(packed, layer_tensor(l, "attn_wv"), out, in));
          ASSERT_EQ(at(layer.wo, in, out), expected(packed, layer_tensor(l, "attn_wo"), out, in));
        }
        for (std::size_t hidden = 0; hidden < config.hidden_dim(); ++hidden) {
          ASSERT_EQ(at(layer.fc1, in, hidden), expected(packed, layer_tensor(l, "mlp_fc1"), hidden, in));
          ASSERT_EQ(at(layer.fc2, in, hidden), expected(packed, layer_tensor(l, "mlp_fc2"), in, hidden));
        }
      }
    }
  }
}

void expect_transpose(ConstPanels a, ConstPanels b, const PackedMatrix& matrix) {
  for (std::size_t row = 0; row < matrix.padded_rows(); ++row)
    for (std::size_t f = 0; f < round_up_to_vector(matrix.features); ++f) ASSERT_EQ(a.element(row, f), b.element(f, row));
}

TEST(Packing, TransposedCopiesAreTransposes) {
  for (const Config& config : shapes())
    for (const Target target : available_targets()) {
      SCOPED_TRACE(config.n_embd);
      const Packed packed(config);
      const Packing& packing = packed.packing;
      const AlignedBuffer<float> copies(packing.transposed_size());
      std::fill_n(copies.data(), copies.size(), -1.0F);
      for (std::size_t i = 0; i < packing.transposed_copies(); ++i)
        packing.transpose(i, kernels_for(target), packed.floats.span(), copies.span());
      const auto compare = [&](const PackedMatrix& a, const PackedMatrix& b) {
        ASSERT_EQ(a.rows, b.features);
        ASSERT_EQ(a.features, b.rows);
        expect_transpose(a.in(packed.floats.data()), b.in(copies.data()), a);
      };
      compare(packing.lm_head, packing.lm_head_transposed);
      for (std::size_t l = 0; l < config.n_layer; ++l) {
        compare(packing.layers[l].qkv, packing.layers_transposed[l].qkv);
        compare(packing.layers[l].wo, packing.layers_transposed[l].wo);
        compare(packing.layers[l].fc1, packing.layers_transposed[l].fc1);
        compare(packing.layers[l].fc2, packing.layers_transposed[l].fc2);
      }
    }
}

}  // namespace
}  // namespace microgpt::fast::packing_test
