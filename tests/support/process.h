// SPDX-License-Identifier: MIT
// Running the program as a user does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt::testing {

struct ProcessResult {
  int exit_code;  // 128 + N where signal N ended it
  std::string out;
  std::string err;
};

inline constexpr int kCannotExecute = 127;

enum class RunAs {
  oneself,
  nobody,  // where this process is root, who may do everything; else oneself
};

// Runs the program with `arguments`, `input` on its standard input, and `environment` (NAME=VALUE) added.
ProcessResult run_microgpt(const std::vector<std::string>& arguments, std::string_view input = "",
                           const std::vector<std::string>& environment = {}, RunAs run_as = RunAs::oneself);

// The same where the program may map so many bytes (RLIMIT_AS).
ProcessResult run_microgpt_within(std::uint64_t bytes, const std::vector<std::string>& arguments);

// Runs the program and sends it the signal as soon as it has printed something.
ProcessResult signal_microgpt(const std::vector<std::string>& arguments, int signal);

// A folder of its own, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(std::string_view name) const { return (folder_ / name).string(); }

  // Writes a file and returns its path.
  std::string write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path folder_;
};

std::string read_text(const std::string& path);

}  // namespace microgpt::testing
