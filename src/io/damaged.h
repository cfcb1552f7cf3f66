// SPDX-License-Identifier: MIT
// The error for what is read back and cannot be what was once written.
#pragma once

#include <string>
#include <string_view>

#include "microgpt/error.h"

namespace microgpt {

inline constexpr std::string_view kRestore = "restore the file from a copy or save the model again";

// `problem` names the file and what is wrong with it.
inline Error damaged(const std::string& problem, std::string_view remedy = kRestore) {
  return Error(problem + "; " + std::string(remedy));
}

}  // namespace microgpt
