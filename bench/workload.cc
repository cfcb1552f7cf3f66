// SPDX-License-Identifier: MIT
#include "bench/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "model/initialize.h"
#include "random/python_random.h"

namespace microgpt::bench {
namespace {

constexpr std::size_t kSeed = 42;

Epochs epochs_of_names(const Shape& shape) {
  const Corpus corpus = embedded_names();
  std::vector<std::size_t> all(corpus.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return {TokenizedDocuments(corpus, Tokenizer(corpus), all),
          {.batch_size = shape.batch_size, .block_size = shape.config.block_size, .seed = kSeed}};
}

Batch random_windows(const Shape& shape, PythonRandom& random) {
  Batch batch;
  std::vector<Token> tokens(shape.config.block_size + 1);
  for (std::size_t d = 0; d < shape.batch_size; ++d) {
    for (Token& token : tokens) token = static_cast<Token>(random.randbelow(shape.config.vocab_size));
    batch.append(tokens, shape.config.block_size);
  }
  return batch;
}

template <typename Function>
double mean_over(const std::vector<Batch>& batches, const Function& function) {
  double sum = 0.0;
  for (const Batch& batch : batches) sum += function(batch);
  return sum / static_cast<double>(batches.size());
}

}  // namespace

std::vector<Shape> all_shapes() {
  std::vector<Shape> shapes;
  for (const std::size_t width : {16U, 32U, 64U, 128U})
    for (const std::size_t batch : {16U, 64U})
      shapes.push_back({fmt::format("w{}-b{}", width, batch), {.n_embd = width}, batch, Documents::names});
  const Config deep{.vocab_size = 65, .n_layer = 4, .n_embd = 128, .n_head = 4, .block_size = 64};
  const Config large{.vocab_size = 65, .n_layer = 6, .n_embd = 384, .n_head = 6, .block_size = 256};
  // At a rate of 0.01 these are chaotic: rounding alone soon makes another loss.
  shapes.push_back({"4x128-c64-b12", deep, 12, Documents::windows, 0.001});
  shapes.push_back({"6x384-c256-b12", large, 12, Documents::windows, 0.0003});
  return shapes;
}

Workload::Workload(const Shape& shape) : shape_(shape) {
  PythonRandom random(kSeed);
  const bool names = shape.documents == Documents::names;
  if (names) epochs_.emplace(epochs_of_names(shape));
  std::size_t wanted = 1;
  for (std::size_t step = 0; step < wanted; ++step) {
    Batch batch;
    if (names)
      epochs_->fill(step, batch);
    else
      batch = random_windows(shape, random);
    batches_.push_back(std::move(batch));
    wanted = wanted_batches(operations_of(batches_.front()));
  }
}

// Enough that branch predictors do not learn the documents by heart, and yet no more than make a short segment: on a busy
// machine a long one is never left alone.
std::size_t Workload::wanted_batches(double operations) const {
  static constexpr double kOperationsOfCycle = 4e8;
  return static_cast<std::size_t>(std::clamp(kOperationsOfCycle / operations, 1.0, 64.0));
}

void Workload::fill(std::size_t step, Batch& batch) {
  const std::size_t index = step % cycle();
  if (epochs_)
    epochs_->fill(index, batch);
  else
    batch = batches_[index];
}

double Workload::positions() const {
  return mean_over(batches_, [](const Batch& batch) { return static_cast<double>(batch.positions()); });
}

double Workload::operations() const {
  return mean_over(batches_, [&](const Batch& batch) { return operations_of(batch); });
}

double Workload::product_operations() const {
  return mean_over(batches_, [&](const Batch& batch) { return product_operations_of(batch); });
}

double Workload::operations_of(const Batch& batch) const {
  double pairs = 0.0;  // of a position and one that it sees
  for (std::size_t d = 0; d < batch.documents(); ++d) {
    const auto n = static_cast<double>(batch.document_inputs(d).size());
    pairs += n * (n + 1.0) / 2.0;
  }
  return product_operations_of(batch) + 12.0 * static_cast<double>(config().n_embd * config().n_layer) * pairs;
}

double Workload::product_operations_of(const Batch& batch) const {
  const std::size_t weights = 12 * config().n_embd * config().n_embd * config().n_layer + config().vocab_size * config().n_embd;
  return 6.0 * static_cast<double>(weights * batch.positions());
}

std::vector<double> Workload::parameters() const {
  PythonRandom random(kSeed);
  const double std = 0.32 / std::sqrt(static_cast<double>(config().n_embd));
  std::vector<double> parameters = initial_parameters(ParameterTable(config()), {std, std}, random);
  for (double& p : parameters) p = static_cast<double>(static_cast<float>(p));
  return parameters;
}

}  // namespace microgpt::bench
