// SPDX-License-Identifier: MIT
#include "training/longer_run.h"

#include <fmt/format.h>

#include "microgpt/error.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxCommandLines = 4096;  // bytes, beyond which no more are noted: the file of the state is small

void require_more(const RunFolder& folder, const TrainingOptions& training, std::size_t done, std::size_t num_steps) {
  const std::size_t teacher_steps = done > 0 ? training.teacher_steps() : 0;
  if (num_steps <= done)
    throw ConfigError("num_steps",
                      fmt::format("{}: the run in {} has done {} steps; give a larger number", num_steps, folder.path(), done));
  if (num_steps <= teacher_steps)
    throw ConfigError("num_steps", fmt::format("{}: the teacher of the run in {} takes {} steps; give a larger number",
                                               num_steps, folder.path(), teacher_steps));
}

// The teacher's steps stay what they are, unless nothing is done.
void set_steps(TrainingOptions& training, std::size_t done, std::size_t num_steps) {
  const std::size_t teacher_steps = training.teacher_steps();
  training.num_steps = num_steps;
  if (done > 0 && training.teacher_steps() != teacher_steps)
    training.teacher_part = static_cast<double>(teacher_steps) / static_cast<double>(num_steps);
}

bool patience_has_run_out(const TrainSettings& options, const Progress& progress) {
  const std::size_t patience = options.patience.value_or(0);
  return patience > 0 && progress.evaluations_since_best >= patience;
}

// A kill may have left the line there already.
void note(TrainState& state, const std::string& line) {
  if (state.command_line.size() < kMaxCommandLines && !state.command_line.ends_with(line)) state.command_line += line;
}

}  // namespace

bool make_longer(RunFolder& folder, TrainState& state, const Config& config, std::size_t num_steps,
                 const std::string& command_line) {
  Checkpoint checkpoint = folder.read_checkpoint(config);
  Progress& progress = checkpoint.progress;
  require_more(folder, state.options.training, progress.step, num_steps);
  const bool counts_anew = patience_has_run_out(state.options, progress);
  if (!counts_anew && state.options.training.num_steps == num_steps) return false;
  set_steps(state.options.training, progress.step, num_steps);
  note(state, "\n" + command_line);
  if (counts_anew) progress.evaluations_since_best = 0;
  folder.go_on(state, config, checkpoint);
  return counts_anew;
}

}  // namespace microgpt
