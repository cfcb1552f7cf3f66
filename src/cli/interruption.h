// SIGINT and SIGTERM during long work: the first lets the step that is under way end, the second ends the process at once.
#pragma once

namespace microgpt {

// Thrown by Interruption::check(). Not an Error: nothing went wrong.
struct Interrupted {
  int signal;
};

// While one lives, the signals are caught. Only one may live at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();

  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // Throws Interrupted if a signal has come.
  void check() const;
};

}  // namespace microgpt
