// SPDX-License-Identifier: MIT
#include "training/memory.h"

#include <fmt/format.h>

#include "engine/fast/memory.h"
#include "io/memory.h"
#include "microgpt/error.h"
#include "microgpt/parameters.h"
#include "training/soft_targets.h"

namespace microgpt {

void require_training_memory(const Config& config, EngineKind engine, std::size_t positions) {
  if (engine == EngineKind::graph) return;
  const std::size_t count = ParameterTable(config).parameter_count();
  const double bytes = engine == EngineKind::fast ? static_cast<double>(fast_training_bytes(config, positions))
                                                  : 5.0 * sizeof(double) * static_cast<double>(count);
  const auto memory = static_cast<double>(usable_memory());
  if (bytes <= memory) return;
  throw ConfigError("n_embd",
                    fmt::format("{} with n_layer {}: training {} parameters takes at least {}, and there are {}; choose "
                                "smaller sizes",
                                config.n_embd, config.n_layer, count, describe_memory(bytes), describe_memory(memory)));
}

void require_teacher_memory(const Config& config, std::size_t positions, const TokenizedDocuments& documents) {
  const double bytes = static_cast<double>(fast_training_bytes(config, positions)) + SoftTargets::bytes(config, documents);
  const auto memory = static_cast<double>(usable_memory());
  if (bytes <= memory) return;
  throw ConfigError("teacher_part", fmt::format("training with what a teacher predicts for {} documents takes at least {}, and "
                                                "there are {}; it must be 0, or the documents fewer",
                                                documents.size(), describe_memory(bytes), describe_memory(memory)));
}

}  // namespace microgpt
