#include "cli/interruption.h"

#include <signal.h>
#include <unistd.h>

namespace microgpt {
namespace {

// The one thing that a signal handler may touch is a variable like this.
volatile sig_atomic_t caught_signal = 0;

void on_signal(int signal) {
  if (caught_signal != 0) _exit(128 + signal);
  caught_signal = signal;
}

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

Interruption::Interruption() {
  caught_signal = 0;
  handle(on_signal);
}

Interruption::~Interruption() { handle(SIG_DFL); }

void Interruption::check() const {
  if (caught_signal != 0) throw Interrupted{caught_signal};
}

}  // namespace microgpt
