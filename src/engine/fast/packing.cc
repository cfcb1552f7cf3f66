// SPDX-License-Identifier: MIT
#include "engine/fast/packing.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace microgpt::fast {
namespace {

PackedMatrix append(std::size_t rows, std::size_t features, std::size_t& size) {
  const PackedMatrix matrix{size, rows, features};
  size += matrix.size();
  return matrix;
}

PackedMatrix append_transposed(const PackedMatrix& matrix, std::size_t& size) {
  return append(matrix.features, matrix.rows, size);
}

}  // namespace

Packing::Packing(const Config& config) : table_(config) {
  const std::size_t width = config.n_embd;
  wte = append(config.vocab_size, width, size_);
  wpe = append(config.block_size, width, size_);
  lm_head = append(width, config.vocab_size, size_);
  lm_head_transposed = append_transposed(lm_head, transposed_size_);
  for (std::size_t i = 0; i < config.n_layer; ++i) {
    const PackedLayer layer{append(width, 3 * round_up_to_vector(width), size_), append(width, width, size_),
                            append(width, config.hidden_dim(), size_), append(width, config.hidden_dim(), size_)};
    layers.push_back(layer);
    layers_transposed.push_back({append_transposed(layer.qkv, transposed_size_), append_transposed(layer.wo, transposed_size_),
                                 append_transposed(layer.fc1, transposed_size_),
                                 append_transposed(layer.fc2, transposed_size_)});
  }
}

std::size_t Packing::largest_transposed() const {
  std::size_t largest = lm_head_transposed.size();
  for (const PackedMatrix& matrix :
       {layers_transposed[0].qkv, layers_transposed[0].wo, layers_transposed[0].fc1, layers_transposed[0].fc2})
    largest = std::max(largest, matrix.size());
  return largest;
}

// `index` counts the tensors of the table: wte, wpe, lm_head, then six a layer.
Packing::Slot Packing::slot_of(const Tensor& tensor, std::size_t index) const {
  if (index == 0) return {&wte, false, 0};
  if (index == 1) return {&wpe, false, 0};
  if (index == 2) return {&lm_head, true, 0};
  const PackedLayer& layer = layers[(index - 3) / 6];
  const std::size_t index_in_layer = (index - 3) % 6;
  if (index_in_layer < 3) return {&layer.qkv, true, index_in_layer * round_up_to_vector(tensor.columns)};
  if (index_in_layer == 3) return {&layer.wo, true, 0};
  if (index_in_layer == 4) return {&layer.fc1, true, 0};
  return {&layer.fc2, false, 0};
}

// visit(index in the tensor, offset in the packed buffer) of tensor `index` of the table.
template <typename Visit>
void Packing::for_each_element(std::size_t index, Visit visit) const {
  const Tensor& tensor = table_.tensors()[index];
  const Slot slot = slot_of(tensor, index);
  const std::size_t panel = panel_width(slot.matrix->features);
  for (std::size_t row = 0; row < tensor.rows; ++row)
    for (std::size_t column = 0; column < tensor.columns; ++column) {
      const std::size_t packed_row = slot.outputs_are_features ? column : row;
      const std::size_t feature = slot.first_feature + (slot.outputs_are_features ? row : column);
      const std::size_t offset = feature / panel * panel * slot.matrix->padded_rows() + packed_row * panel + feature % panel;
      visit(row * tensor.columns + column, slot.matrix->offset + offset);
    }
}

void Packing::pack(std::size_t tensor, std::span<const double> numbers, std::span<float> packed) const {
  assert(numbers.size() == table_.tensors()[tensor].size() && packed.size() == size_);
  for_each_element(tensor, [&](std::size_t i, std::size_t offset) { packed[offset] = static_cast<float>(numbers[i]); });
}

void Packing::unpack(std::span<const float> packed, std::size_t tensor, std::span<double> numbers) const {
  assert(numbers.size() == table_.tensors()[tensor].size() && packed.size() == size_);
  for_each_element(tensor, [&](std::size_t i, std::size_t offset) { numbers[i] = static_cast<double>(packed[offset]); });
}

void Packing::pack(std::span<const double> parameters, std::span<float> packed) const {
  assert(parameters.size() == table_.parameter_count());
  std::fill(packed.begin(), packed.end(), 0.0F);
  for (std::size_t i = 0; i < table_.tensors().size(); ++i)
    pack(i, parameters.subspan(table_.tensors()[i].offset, table_.tensors()[i].size()), packed);
}

void Packing::unpack(std::span<const float> packed, std::span<double> parameters) const {
  assert(parameters.size() == table_.parameter_count());
  for (std::size_t i = 0; i < table_.tensors().size(); ++i)
    unpack(packed, i, parameters.subspan(table_.tensors()[i].offset, table_.tensors()[i].size()));
}

void Packing::transpose(std::size_t i, const Kernels& kernels, std::span<const float> packed,
                        std::span<float> transposed) const {
  const auto copy = [&](const PackedMatrix& from, const PackedMatrix& to) {
    kernels.transpose({from.in(packed.data()), from.padded_rows(), to.in(transposed.data())});
  };
  if (i == 0) return copy(lm_head, lm_head_transposed);
  constexpr std::array kOfLayer{&PackedLayer::fc1, &PackedLayer::fc2, &PackedLayer::qkv, &PackedLayer::wo};  // large ones first
  const std::size_t layer = (i - 1) / kOfLayer.size();
  const auto matrix = kOfLayer[(i - 1) % kOfLayer.size()];
  copy(layers[layer].*matrix, layers_transposed[layer].*matrix);
}

}  // namespace microgpt::fast
