// SPDX-License-Identifier: MIT
#include "bench/trained_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>

#include "bench/workload.h"
#include "inference/sampler.h"
#include "microgpt/corpus.h"
#include "microgpt/error.h"
#include "microgpt/parameters.h"
#include "training/trainer.h"

namespace microgpt::bench {
namespace {

constexpr std::size_t kTrainingSteps = 500;
constexpr std::size_t kCheckedLines = 200;
constexpr double kScoreTolerance = 1e-5;  // of what a document costs

Shape shape_of_width(std::size_t n_embd) {
  const std::vector<Shape> shapes = all_shapes();
  const auto found = std::find_if(shapes.begin(), shapes.end(),
                                  [&](const Shape& s) { return s.config.n_embd == n_embd && s.documents == Documents::names; });
  if (found == shapes.end()) throw Error(fmt::format("no workload has the width {}", n_embd));
  return *found;
}

std::unique_ptr<Engine> trained(const Shape& shape) {
  Workload workload(shape);
  auto engine = make_fast_engine(workload.config());
  engine->load(workload.parameters());
  const TrainingOptions options{.num_steps = kTrainingSteps, .learning_rate = shape.learning_rate};
  Trainer trainer(
      *engine, [&](std::size_t step, Batch& batch) { workload.fill(step, batch); }, options);
  while (trainer.step() < trainer.num_steps()) trainer.train_step();
  return engine;
}

LineChunk first_names() {
  const Corpus names = embedded_names();
  LineChunk chunk;
  for (std::size_t d = 0; d < names.size() && chunk.text().size() + chunk.size() < LineGatherer::kChunkBytes; ++d)
    chunk.add(names[d]);
  return chunk;
}

// -ln softmax(logits)[target].
double loss_of(std::span<const float> logits, Token target) {
  const double most = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp(logit - most);
  return std::log(sum) + most - logits[static_cast<std::size_t>(target)];
}

void compare(std::string_view what, std::span<const double> actual, std::span<const double> expected) {
  for (std::size_t d = 0; d < expected.size(); ++d)
    if (!(std::abs(actual[d] - expected[d]) <= kScoreTolerance * expected[d]))
      throw Error(fmt::format("{}: document {} costs {} and not {} nats: there is nothing to time", what, d + 1, actual[d],
                              expected[d]));
}

}  // namespace

TrainedModel::TrainedModel(std::size_t n_embd)
    : engine_(trained(shape_of_width(n_embd))),
      tokenizer_(embedded_names()),
      lines_(first_names()),
      scorer_({{engine_.get(), &tokenizer_}}, {}),
      records_({RecordFormat::tsv}, {}) {}

std::vector<double> TrainedModel::parameters() const {
  std::vector<double> parameters(ParameterTable(config()).parameter_count());
  engine_->store(parameters);
  return parameters;
}

std::size_t TrainedModel::characters() const { return lines_.text().size(); }

std::vector<std::vector<Token>> TrainedModel::documents() const {
  std::vector<std::vector<Token>> documents;
  for (std::size_t line = 0; line < lines_.size(); ++line) documents.push_back(tokenizer_.encode(lines_[line]));
  return documents;
}

std::vector<double> TrainedModel::score() {
  const ScoredLines scored = scorer_.score(lines_);
  std::vector<double> nats;
  std::string out;
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    const DocumentLoss& loss = scored.by_model.front()[line];
    records_.record(out, lines_[line], {loss});
    nats.push_back(loss.nats);
  }
  return nats;
}

std::vector<double> TrainedModel::score_by_steps(FirstLayer first_layer) {
  const std::vector<std::vector<Token>> documents = this->documents();
  const auto streams = engine_->open_streams(documents.size(), first_layer);
  std::vector<double> nats(documents.size());
  std::vector<Token> tokens(documents.size());
  for (std::size_t at = 0; at < config().block_size; ++at) {
    const auto token = [&](std::size_t d, std::size_t i) { return documents[d][std::min(i, documents[d].size() - 1)]; };
    for (std::size_t d = 0; d < documents.size(); ++d) tokens[d] = token(d, at);
    streams->feed(tokens);
    for (std::size_t d = 0; d < documents.size(); ++d)
      if (at + 1 < documents[d].size()) nats[d] += loss_of(streams->logits(d), token(d, at + 1));
  }
  return nats;
}

std::size_t TrainedModel::sample(std::size_t count, std::size_t streams, FirstLayer first_layer) {
  std::size_t tokens = 0;
  const SamplerOptions options{.temperature = 1.0, .streams = streams, .first_layer = first_layer};
  sample_documents(*engine_, tokenizer_.bos(), count, options, [&](std::span<const Token> document, double) {
    tokens += document.size() + (document.size() < config().block_size ? 1 : 0);
  });
  return tokens;
}

void TrainedModel::check() {
  const auto graph = make_graph_engine(config());
  graph->load(parameters());
  LineChunk few;
  for (std::size_t line = 0; line < kCheckedLines; ++line) few.add(lines_[line]);
  LineScorer oracle({{graph.get(), &tokenizer_}}, {});
  const ScoredLines scored = oracle.score(few);
  std::vector<double> expected;
  for (const DocumentLoss& loss : scored.by_model.front()) expected.push_back(loss.nats);
  compare("scoring", score(), expected);
  compare("sampling", score_by_steps(FirstLayer::computed), expected);
  compare("sampling, looked up", score_by_steps(FirstLayer::looked_up), expected);
}

}  // namespace microgpt::bench
