// SPDX-License-Identifier: MIT
// The error for what is read back and cannot be what was once written.
#pragma once

#include <string>
#include <string_view>

#include "microgpt/error.h"

namespace microgpt {

inline constexpr std::string_view kRestore = "restore the file from a copy or save the model again";

class Damaged : public Error {
 public:
  Damaged(const std::string& problem, std::string_view remedy)
      : Error(problem + "; " + std::string(remedy)), problem_(problem) {}

  // Up to what to do about it, which whoever reads the file may know better.
  const std::string& problem() const { return problem_; }

 private:
  std::string problem_;
};

// `problem` names the file and what is wrong with it.
inline Damaged damaged(const std::string& problem, std::string_view remedy = kRestore) { return {problem, remedy}; }

}  // namespace microgpt
