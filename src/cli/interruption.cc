// SPDX-License-Identifier: MIT
#include "cli/interruption.h"

#include <unistd.h>

#include <atomic>

namespace microgpt {
namespace {

// What a signal handler may touch, and other threads may read.
std::atomic<int> caught_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int signal) {
  if (caught_signal != 0) _exit(128 + signal);
  caught_signal = signal;
}

void install(int signal, struct sigaction& previous) {
  sigaction(signal, nullptr, &previous);
  if (previous.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

}  // namespace

Interruption::Interruption() {
  caught_signal = 0;
  install(SIGINT, previous_int_);
  install(SIGTERM, previous_term_);
}

Interruption::~Interruption() {
  sigaction(SIGINT, &previous_int_, nullptr);
  sigaction(SIGTERM, &previous_term_, nullptr);
}

bool interruption_has_come() { return caught_signal != 0; }

void Interruption::check() const {
  if (caught_signal != 0) throw Interrupted{caught_signal};
}

}  // namespace microgpt
