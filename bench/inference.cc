// SPDX-License-Identifier: MIT
#include "bench/inference.h"

#include <algorithm>
#include <memory>

#include "bench/segment.h"
#include "bench/torch_inference.h"
#include "bench/trained_model.h"
#include "inference/sampler.h"

namespace microgpt::bench {
namespace {

constexpr std::size_t kDocuments = 500;
constexpr std::size_t kManyDocuments = 5000;

double seconds_a_character(TrainedModel& model) {
  return seconds_of([&] { model.score(); }) / static_cast<double>(model.characters());
}

double seconds_a_token(TrainedModel& model, std::size_t documents, std::size_t streams, FirstLayer first_layer) {
  std::size_t tokens = 0;
  const double seconds = seconds_of([&] { tokens = model.sample(documents, streams, first_layer); });
  return seconds / static_cast<double>(tokens);
}

double seconds_of_table(TrainedModel& model) {
  const double with_table = seconds_of([&] { model.open_streams(FirstLayer::looked_up); });
  const double without = seconds_of([&] { model.open_streams(FirstLayer::computed); });
  return std::max(0.0, with_table - without);
}

void sample_all_ways(TrainedModel& model, InferenceResult& result) {
  std::size_t row = 0;
  for (const FirstLayer first_layer : {FirstLayer::computed, FirstLayer::looked_up})
    for (const std::size_t streams : {std::size_t{1}, kSamplerStreams}) {
      const std::size_t documents = streams == 1 ? kDocuments : kManyDocuments;
      if (row == result.sampling.size())
        result.sampling.push_back({first_layer == FirstLayer::computed ? "computed" : "looked up", streams, documents, {}});
      result.sampling[row++].token.add(seconds_a_token(model, documents, streams, first_layer));
    }
}

// Beside each of its segments one of ours.
void time_torch(TorchInferencePeer& peer, TrainedModel& model, TorchInference& torch) {
  const double scored = seconds_a_character(model);
  torch.character.add(peer.seconds_to_score() / static_cast<double>(model.characters()));
  torch.score_ratio.add(torch.character.last() / scored);
  const double sampled = seconds_a_token(model, kManyDocuments, kSamplerStreams, FirstLayer::computed);
  torch.token.add(peer.seconds_a_token());
  torch.sample_ratio.add(torch.token.last() / sampled);
}

}  // namespace

InferenceResult measure_inference(std::size_t n_embd, std::size_t rounds, const std::string& python) {
  TrainedModel model(n_embd);
  model.check();
  InferenceResult result{model.config(), model.lines().size(), model.characters(), {}, {}, {}, {}};
  std::unique_ptr<TorchInferencePeer> peer;
  if (!python.empty()) {
    peer = std::make_unique<TorchInferencePeer>(python, model);
    peer->check(model);
    result.torch.emplace(TorchInference{peer->facts(), {}, {}, {}, {}});
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    warm_up([&] { model.score(); });
    result.character.add(seconds_a_character(model));
    result.table.add(seconds_of_table(model));
    sample_all_ways(model, result);
    if (peer) time_torch(*peer, model, *result.torch);
  }
  return result;
}

}  // namespace microgpt::bench
