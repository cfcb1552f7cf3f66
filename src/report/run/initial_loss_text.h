// SPDX-License-Identifier: MIT
// What the check of the first loss found (training/initial_loss.h), as text.
#pragma once

#include <string>
#include <string_view>

#include "training/initial_loss.h"

namespace microgpt {

// Lines that begin with `indent`: what was found, and where it is suspicious the usual causes.
std::string describe(const InitialLoss& loss, std::string_view indent = "");

// The same of a model that is not fresh, as it was trained before.
std::string describe_trained(const InitialLoss& loss, std::string_view indent = "");

}  // namespace microgpt
