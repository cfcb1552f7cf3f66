// SPDX-License-Identifier: MIT
// A saved run of `train` that is to go on for longer than it was begun for, be it finished or not.
//
// From its last checkpoint on, it is a run of so many steps in all: the parameters, the optimizer's moments, the documents and
// the best parameters so far are those of before; the rate of step s and the steps of validation are those of the new number.
// The teacher keeps its steps. All other settings, such as the warm-up, stay as they are. A run of which no step is done
// becomes one that was begun with the new number, teacher and all.
#pragma once

#include <cstddef>
#include <string>

#include "microgpt/config.h"
#include "training/run_folder.h"
#include "training/train_state.h"

namespace microgpt {

// Makes the run in the folder, and `state`, which is that of the folder, one of `num_steps`; `command_line` joins those that it
// was begun with. Where it had stopped as patience ran out, patience counts anew, and the answer is true. A kill on the way
// leaves the run as it was, or of the new number of steps; the records of its end may be gone, which resuming it writes again.
// The same number again changes nothing. Throws ConfigError: so many steps are done; the teacher takes as many. Throws Error as
// RunFolder does. REQUIRES: the config is that of the run.
bool make_longer(RunFolder& folder, TrainState& state, const Config& config, std::size_t num_steps,
                 const std::string& command_line);

}  // namespace microgpt
