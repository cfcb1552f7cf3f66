// SPDX-License-Identifier: MIT
// Models of any small shape on any documents: the exact engine has the bits of the graph engine, the fast engine agrees with
// it and has the same bits on every target, and a mixture is the product of its parts.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "engine/engine.h"
#include "fuzz.h"
#include "model/initialize.h"
#include "ngram/ngram_counts.h"
#include "ngram/ngram_model.h"
#include "scoring/mixture.h"
#include "text/batch.h"

namespace microgpt::fuzz {
namespace {

constexpr double kTolerance = 1e-5;          // of a loss
constexpr double kGradientTolerance = 1e-4;  // of the largest derivative of a tensor, of which others may have cancelled out
constexpr double kNoise = 2e-6;              // what single precision makes of a derivative of P - 1 where P is all but 1

struct Case {
  Config config;
  std::vector<std::vector<Token>> documents;
  Batch batch;
  std::vector<double> parameters;
};

Config config_from(Input& input) {
  Config config;
  config.n_layer = input.between(1, 3);
  config.n_head = input.between(1, 5);
  // Below a width of 4 a norm's derivative is all but 0, and what single precision makes of it has few digits.
  config.n_embd = config.n_head * input.between((3 + config.n_head) / config.n_head, 9);
  config.vocab_size = input.between(2, 20);
  config.block_size = input.between(1, 12);
  config.activation = input.byte() % 2 == 0 ? Activation::relu : Activation::squared_relu;
  return config;
}

// Floats, which both precisions hold.
std::vector<double> parameters_from(const Config& config, Input& input) {
  PythonRandom random(input.byte());
  const double std = 0.5 / std::sqrt(static_cast<double>(config.n_embd));
  std::vector<double> parameters = initial_parameters(ParameterTable(config), {std, std}, random);
  for (double& p : parameters) p = static_cast<double>(static_cast<float>(p));
  return parameters;
}

Case case_from(Input& input) {
  Case made{.config = config_from(input), .documents = {}, .batch = {}, .parameters = {}};
  made.parameters = parameters_from(made.config, input);
  const auto bos = static_cast<Token>(made.config.vocab_size - 1);
  do {
    std::vector<Token> document{bos};
    for (std::size_t n = input.between(0, made.config.block_size); n > 0; --n)
      document.push_back(static_cast<Token>(input.between(0, made.config.vocab_size - 1)));
    document.push_back(bos);
    made.batch.append(document, made.config.block_size);
    made.documents.push_back(std::move(document));
  } while (!input.empty() && made.documents.size() < 5);
  return made;
}

struct Results {
  std::vector<double> losses;
  double loss;
  std::vector<double> gradient;

  bool operator==(const Results&) const = default;
};

Results results_of(Engine& engine, const Case& of) {
  engine.load(of.parameters);
  Results results{engine.losses(of.batch), engine.loss_and_gradient(of.batch), std::vector<double>(of.parameters.size())};
  engine.store_gradient(results.gradient);
  return results;
}

bool is_near(double actual, double expected, double margin) { return std::abs(actual - expected) <= margin + kNoise; }

void require_near(const Case& of, const Results& actual, const Results& expected) {
  require(is_near(actual.loss, expected.loss, kTolerance * expected.loss));
  for (std::size_t i = 0; i < expected.losses.size(); ++i)
    require(is_near(actual.losses[i], expected.losses[i], kTolerance * expected.losses[i]));
  // Where a relu's argument is all but 0, its derivative may be that of the other sign.
  if (of.config.activation == Activation::relu) return;
  for (const ParameterTable table(of.config); const auto& tensor : table.tensors()) {
    double largest = 0.0;
    for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size(); ++i)
      largest = std::max(largest, std::abs(expected.gradient[i]));
    for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size(); ++i)
      require(is_near(actual.gradient[i], expected.gradient[i], kGradientTolerance * largest));
  }
}

void check_engines(const Case& of) {
  const Results expected = results_of(*make_graph_engine(of.config), of);
  require(results_of(*make_exact_engine(of.config), of) == expected);
  for (const PrefixSharing sharing : {PrefixSharing::where_it_pays, PrefixSharing::never}) {
    const Results fast = results_of(*make_fast_engine(of.config, {.prefix_sharing = sharing}), of);
    require_near(of, fast, expected);
    for (const Target target : available_targets().subspan(1))
      require(results_of(*make_fast_engine(of.config, {target, sharing}), of) == fast);
  }
}

std::vector<double> softmax(const std::vector<float>& logits) {
  std::vector<double> p;
  for (const float x : logits) p.push_back(std::exp(static_cast<double>(x)));
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& each : p) each /= sum;
  return p;
}

// What was seen after the last token counts 0.5, and after more of them less.
MixtureWeights some_mixture_weights(std::size_t order) {
  MixtureWeights weights = default_mixture_weights(order);
  for (std::size_t length = 1; length < order; ++length) weights.seen.push_back({0.5 / static_cast<double>(length), 0.0, 0.0});
  return weights;
}

// ln of what each token gains by it.
void add_gains(const NgramModel& ngram, NgramModel::Context context, std::vector<double>& gains) {
  for (std::size_t length = ngram.length(context); length > 0; --length, context = ngram.shorter(context))
    ngram.for_each_seen(context, [&](Token token, std::uint32_t) {
      gains[static_cast<std::size_t>(token)] += 0.5 / static_cast<double>(length);
    });
}

// P(w) = P_gpt(w)^g P_ngram(w)^n e^s(w) / Z after each context of the first document.
void check_mixture(const Case& of, std::size_t order) {
  NgramDocuments counted(of.config.vocab_size);
  for (const std::vector<Token>& document : of.documents) counted.add(document);
  const NgramModel ngram(NgramCounts(counted), order);
  const Mixture mixture(ngram, some_mixture_weights(order));
  const auto engine = make_fast_engine(of.config);
  engine->load(of.parameters);
  const auto stream = engine->open_stream();
  NgramModel::Context context = ngram.start();
  std::vector<double> ngram_says(of.config.vocab_size);
  const std::vector<Token>& document = of.documents.front();
  for (std::size_t i = 0; i + 1 < document.size() && i < of.config.block_size; ++i) {
    if (i > 0) context = ngram.next(context, document[i]);
    const std::span<const double> logits = stream->feed(document[i]);
    std::vector<float> mixed(logits.begin(), logits.end());
    const std::vector<double> gpt_says = softmax(mixed);
    mixture.mix(context, mixed);
    const std::vector<double> says = softmax(mixed);
    ngram.distribution(context, ngram_says);
    const MixtureExponents exponents = mixture.exponents(context);
    std::vector<double> products(says.size());
    add_gains(ngram, context, products);
    for (std::size_t v = 0; v < says.size(); ++v)
      products[v] = std::exp(products[v]) * std::pow(gpt_says[v], exponents.gpt) * std::pow(ngram_says[v], exponents.ngram);
    const double sum = std::accumulate(products.begin(), products.end(), 0.0);
    for (std::size_t v = 0; v < says.size(); ++v) require(std::abs(says[v] - products[v] / sum) < 1e-5);
  }
}

}  // namespace
}  // namespace microgpt::fuzz

// Bytes for the shape, the parameters' seed and the n-gram's order, and documents: a byte for the length, and one a token.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace microgpt::fuzz;
  Input input(data, size);
  const std::size_t order = input.between(1, 6);
  const Case made = case_from(input);
  check_engines(made);
  check_mixture(made, order);
  return 0;
}
