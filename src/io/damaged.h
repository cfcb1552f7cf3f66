// The error for what is read back and cannot be what was once written.
#pragma once

#include <string>

#include "microgpt/error.h"

namespace microgpt {

// `problem` names the file and what is wrong with it.
inline Error damaged(const std::string& problem) {
  return Error(problem + "; restore the file from a copy or save the model again");
}

}  // namespace microgpt
