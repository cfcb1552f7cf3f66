// SPDX-License-Identifier: MIT
#include "bench/torch_inference.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <sstream>

#include "microgpt/error.h"

namespace microgpt::bench {
namespace {

using nlohmann::json;

constexpr double kPeerTolerance = 1e-4;       // of what a document costs
constexpr std::size_t kPeerDocuments = 4096;  // whole batches of the peer's
constexpr const char* kScore = "score 1";     // with one thread

}  // namespace

TorchInferencePeer::TorchInferencePeer(const std::string& python, const TrainedModel& model)
    : process_(python, "torch_inference.py", model.parameters(),
               {{"config", json_of_config(model.config())}, {"documents", model.documents()}, {"temperature", 1.0}}) {}

void TorchInferencePeer::check(TrainedModel& model) {
  const std::vector<double> ours = model.score();
  compare("losses", ours);
  compare("stepped", ours);
}

void TorchInferencePeer::compare(const std::string& command, const std::vector<double>& ours) {
  const auto theirs = json::parse(process_.ask(command, "losses ")).get<std::vector<double>>();
  for (std::size_t d = 0; d < ours.size(); ++d)
    if (!(std::abs(ours[d] - theirs.at(d)) <= kPeerTolerance * ours[d]))
      throw Error(fmt::format("document {} costs {} nats here and {} in PyTorch ({}): there is nothing to compare", d + 1,
                              ours[d], theirs[d], command));
}

double TorchInferencePeer::seconds_to_score() { return std::stod(process_.ask(kScore, "seconds ")); }

double TorchInferencePeer::seconds_a_token() {
  std::istringstream answer(process_.ask(fmt::format("sample 1 {}", kPeerDocuments), "seconds "));
  double seconds = 0.0;
  double tokens = 0.0;
  answer >> seconds >> tokens;
  return seconds / tokens;
}

}  // namespace microgpt::bench
