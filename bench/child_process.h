// SPDX-License-Identifier: MIT
// Another program that we talk with line by line.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace microgpt::bench {

class ChildProcess {
 public:
  // Runs the command, found on PATH; its standard error is ours. Throws Error if it cannot be started.
  explicit ChildProcess(std::vector<std::string> command);
  // Ends it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Both throw Error where the program has ended.
  void write_line(std::string_view line);
  std::string read_line();

  // All that it still prints, and whether it ended well.
  std::string read_all();
  bool wait();

 private:
  bool read_more();

  std::string name_;
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string read_;
};

// What a command prints, without the last line's end; empty where it fails or there is no such program.
std::string output_of(std::vector<std::string> command);

}  // namespace microgpt::bench
