// SPDX-License-Identifier: MIT
// Settings of `train` by name. docs/training.md says how they were found, and bench/presets.py measures them.
#pragma once

#include <array>
#include <string_view>

#include "text/names.h"
#include "training/training_run.h"

namespace microgpt {

enum class Preset {
  microgpt,  // the model of microgpt.py, trained as it does: one document a step
  small,     // a few seconds; predicts names better than the n-gram
  best,      // half a minute; what predicts names best in that time
};

inline constexpr std::array<Named<Preset>, 3> kPresetNames{{
    {Preset::microgpt, "microgpt"},
    {Preset::small, "small"},
    {Preset::best, "best"},
}};

// What keeps training from learning documents by heart, whatever the model: many documents a step, a gentle start, the loss of
// tokens. All else of the training, the number of its steps and the rate among them, is as by default.
void apply_generalising(TrainSettings& run);

// Sets what the preset says; all else stays as it is.
void apply(Preset preset, TrainSettings& run);

}  // namespace microgpt
