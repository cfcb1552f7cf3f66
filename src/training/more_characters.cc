// SPDX-License-Identifier: MIT
#include "training/more_characters.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>

#include "microgpt/parameters.h"
#include "model/initialize.h"
#include "random/python_random.h"

namespace microgpt {

InitialModel with_characters_of(const Corpus& corpus, const InitialModel& model, Config config, std::uint64_t seed) {
  const Tokenizer& old = model.tokenizer;
  Tokenizer all = Tokenizer::merge(old, Tokenizer(corpus));
  config.vocab_size = old.vocab_size();
  const ParameterTable before(config);
  assert(model.parameters.size() == before.parameter_count());
  config.vocab_size = all.vocab_size();
  const ParameterTable after(config);
  PythonRandom random(seed);
  std::vector<double> parameters = initial_parameters(after, width_scaled_std(config.n_embd), random);
  const auto copy_row = [&](const Tensor& from, std::size_t row, const Tensor& to, std::size_t new_row) {
    const auto begin = model.parameters.begin() + static_cast<std::ptrdiff_t>(from.offset + row * from.columns);
    std::copy_n(begin, from.columns, parameters.begin() + static_cast<std::ptrdiff_t>(to.offset + new_row * to.columns));
  };
  for (std::size_t i = 0; i < before.tensors().size(); ++i) {
    const Tensor& from = before.tensors()[i];
    const Tensor& to = after.tensors()[i];
    for (std::size_t row = 0; row < from.rows; ++row) {
      const bool is_of_token = from.rows != to.rows;
      const bool is_bos = row == old.characters().size();
      const auto new_token = [&] { return is_bos ? all.bos() : *all.find(old.characters()[row]); };
      copy_row(from, row, to, is_of_token ? static_cast<std::size_t>(new_token()) : row);
    }
  }
  return {std::move(all), std::move(parameters)};
}

}  // namespace microgpt
