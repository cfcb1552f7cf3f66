// SPDX-License-Identifier: MIT
// What a web page asks of the library: requests and answers in JSON, with bytes beside them.
//
// A workbench has one corpus, one run of training on it, one model and one replay of microgpt.py. Training is done in slices,
// so that whoever calls can look, pause or stop in between; however it is cut into slices, the run has the same bits.
// web/src/module/messages.ts describes the requests and answers field by field.
// Threads: one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace microgpt::web {

struct Message {
  std::string json;
  std::string bytes = {};
};

class Workbench {
 public:
  Workbench();
  ~Workbench();
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  // The answer to a request {"do": NAME, ...}. Throws Error: what the library throws; what is asked for is not there, as a run
  // that was not begun. Where a request fails, corpus and model stay; a run ends that would have been replaced.
  Message answer(const Message& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace microgpt::web
