// SPDX-License-Identifier: MIT
// The instruction set that the environment asks for.
#pragma once

#include "microgpt/target.h"

namespace microgpt {

// The one that MICROGPT_TARGET names, or the best where it is not set or empty.
// Throws UsageError: a name that is unknown, or of an instruction set that this machine does not have.
Target target_from_environment();

// Says that this machine has none of the instruction sets that make it fast, if that is so.
void inform_of_slow_machine();

}  // namespace microgpt
