// SPDX-License-Identifier: MIT
#include "microgpt/config.h"

#include <fmt/format.h>

#include "microgpt/error.h"
#include "microgpt/parameters.h"

namespace microgpt {
namespace {

void require_in_range(const char* field, std::size_t value, Range range) {
  if (value < range.min || value > range.max)
    throw ConfigError(field, fmt::format("{} is out of range: it must be from {} to {}", value, range.min, range.max));
}

}  // namespace

void validate(const Config& config) {
  require_in_range("vocab_size", config.vocab_size, Config::kVocabSize);
  require_in_range("n_layer", config.n_layer, Config::kNLayer);
  require_in_range("n_embd", config.n_embd, Config::kNEmbd);
  require_in_range("n_head", config.n_head, Config::kNHead);
  require_in_range("block_size", config.block_size, Config::kBlockSize);
  if (config.n_embd % config.n_head != 0)
    throw ConfigError("n_embd", fmt::format("{} is not a multiple of n_head {}", config.n_embd, config.n_head));
  const std::size_t count = ParameterTable(config).parameter_count();
  if (count > Config::kMaxParameters)
    throw ConfigError("n_embd", fmt::format("{} with n_layer {}, block_size {} and a vocabulary of {} makes {} parameters; "
                                            "at most {} are possible",
                                            config.n_embd, config.n_layer, config.block_size, config.vocab_size, count,
                                            Config::kMaxParameters));
}

}  // namespace microgpt
