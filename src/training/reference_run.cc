// SPDX-License-Identifier: MIT
#include "training/reference_run.h"

#include <numeric>

#include "training/training_memory.h"

namespace microgpt {
namespace {

PackedIntegers shuffled_order(std::size_t count, PythonRandom& random) {
  PackedIntegers result(count, count);
  result.visit([&](auto& order) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    random.shuffle(std::span(order));
  });
  return result;
}

Config make_config(const ReferenceOptions& options, std::size_t vocab_size) {
  Config config;
  config.vocab_size = vocab_size;
  config.n_layer = options.n_layer;
  config.n_embd = options.n_embd;
  config.n_head = options.n_head;
  config.block_size = options.block_size.value_or(options.revision->block_size);
  config.activation = options.revision->activation;
  validate(config);
  require_training_memory(config, options.engine, 1);
  return config;
}

TrainingOptions make_training_options(const ReferenceOptions& options) {
  TrainingOptions training = options.revision->training;
  training.num_steps = options.num_steps.value_or(training.num_steps);
  return training;
}

}  // namespace

ReferenceRun::ReferenceRun(const Corpus& corpus, const ReferenceOptions& options)
    : corpus_(corpus),
      random_(options.seed),
      order_(shuffled_order(corpus.size(), random_)),
      tokenizer_(corpus),
      config_(make_config(options, tokenizer_.vocab_size())),
      table_(config_),
      engine_(make_engine(options.engine, config_, {.target = options.target})),
      trainer_(
          *engine_, [this](std::size_t step, Batch& batch) { append(document_of_step(step), batch); },
          make_training_options(options), options.target) {
  engine_->load(initial_parameters(table_, options.revision->initial_std, random_));
}

void ReferenceRun::append(std::string_view document, Batch& batch) const {
  // No more than the batch takes: a document may be as long as the file.
  batch.append(tokenizer_.encode(document, config_.block_size), config_.block_size);
}

}  // namespace microgpt
