// SPDX-License-Identifier: MIT
// PyTorch that scores and samples beside us: bench/peers/torch_inference.py in a process of its own, with one thread.
#pragma once

#include <string>
#include <vector>

#include "bench/torch_peer.h"
#include "bench/trained_model.h"

namespace microgpt::bench {

class TorchInferencePeer {
 public:
  // Returns once it is ready, with the model's parameters and documents. Throws Error where it is not.
  TorchInferencePeer(const std::string& python, const TrainedModel& model);

  const TorchFacts& facts() const { return process_.facts(); }

  // Throws Error where what it says of documents, at once or token after token, is not within 1e-4 of ours.
  void check(TrainedModel& model);

  double seconds_to_score();  // all documents
  double seconds_a_token();   // of samples

 private:
  void compare(const std::string& command, const std::vector<double>& ours);

  PeerProcess process_;
};

}  // namespace microgpt::bench
