// SPDX-License-Identifier: MIT
// Numbers in table order, one for each parameter, that need not be in memory all at once: of a large model they are many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "microgpt/parameters.h"

namespace microgpt {

// Gives those of tensor `tensor` of the table to `to`, which has its size. What they are read from must outlive it.
using TableNumbers = std::function<void(std::size_t tensor, std::span<double> to)>;

// Those of a vector, which must outlive them.
inline TableNumbers numbers_in(const ParameterTable& table, std::span<const double> all) {
  return [tensors = std::vector<Tensor>(table.tensors().begin(), table.tensors().end()), all](std::size_t i,
                                                                                              std::span<double> to) {
    const auto from = all.subspan(tensors[i].offset, tensors[i].size());
    std::copy(from.begin(), from.end(), to.begin());
  };
}

// Calls take(tensor, its numbers) for one tensor of the table after the other.
template <typename Take>
void for_each_tensor(const ParameterTable& table, const TableNumbers& numbers, const Take& take) {
  std::vector<double> tensor_numbers;
  for (std::size_t i = 0; i < table.tensors().size(); ++i) {
    tensor_numbers.resize(table.tensors()[i].size());
    numbers(i, tensor_numbers);
    take(i, std::span<const double>(tensor_numbers));
  }
}

// All of them, in table order.
inline std::vector<double> all_of(const ParameterTable& table, const TableNumbers& numbers) {
  std::vector<double> all(table.parameter_count());
  for (std::size_t i = 0; i < table.tensors().size(); ++i)
    numbers(i, std::span(all).subspan(table.tensors()[i].offset, table.tensors()[i].size()));
  return all;
}

}  // namespace microgpt
