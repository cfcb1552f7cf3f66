// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM during long work: the first lets the step that is under way end, the second ends the process at once.
#pragma once

#include <signal.h>

namespace microgpt {

// Thrown by Interruption::check(). Not an Error: nothing went wrong.
struct Interrupted {
  int signal;
};

// While one lives, the signals are caught, unless the process was told to ignore them. Only one may live at a time: a command
// makes it when its long work begins, and checks it in each step and once after the last.
class Interruption {
 public:
  Interruption();
  ~Interruption();

  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // Throws Interrupted if a signal has come. Any number of threads may check.
  void check() const;

 private:
  struct sigaction previous_int_ {};
  struct sigaction previous_term_ {};
};

// Whether check() would throw, for who waits for others and knows of no Interruption.
bool interruption_has_come();

}  // namespace microgpt
