#include "inference/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/mean_loss.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

// ln of the sum of e^logit, without overflow.
double log_sum_exp(std::span<const double> logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  const double sum = std::accumulate(logits.begin(), logits.end(), 0.0,
                                     [&](double total, double logit) { return total + std::exp(logit - largest); });
  return largest + std::log(sum);
}

PositionLoss explain_position(std::span<const double> logits, Token input, Token target, std::size_t alternatives) {
  const double normalizer = log_sum_exp(logits);
  const auto nats = [&](std::size_t token) { return normalizer - logits[token]; };
  std::vector<Candidate> candidates;
  for (std::size_t token = 0; token < logits.size(); ++token)
    if (token != static_cast<std::size_t>(target)) candidates.push_back({static_cast<Token>(token), std::exp(-nats(token))});
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.probability > b.probability; });
  candidates.resize(std::min(alternatives, candidates.size()));
  const double loss = nats(static_cast<std::size_t>(target));
  return {input, target, std::exp(-loss), loss, std::move(candidates)};
}

}  // namespace

double PositionLoss::bits() const { return nats_to_bits(nats); }

double Explanation::total_nats() const {
  return std::accumulate(positions.begin(), positions.end(), 0.0,
                         [](double total, const PositionLoss& p) { return total + p.nats; });
}

double Explanation::mean_nats() const { return total_nats() / static_cast<double>(positions.size()); }

Explanation explain(Engine& engine, const Tokenizer& tokenizer, std::string_view document, std::size_t alternatives) {
  const std::vector<Token> tokens = tokenizer.encode(document);
  const std::size_t positions = tokens.size() - 1;
  if (positions > engine.config().block_size)
    throw Error(fmt::format("\"{}\" has {} positions, but the context of the model has only {}", document, positions,
                            engine.config().block_size));
  const std::unique_ptr<Stream> stream = engine.open_stream();
  Explanation explanation{tokenizer.vocab_size(), {}};
  for (std::size_t i = 0; i < positions; ++i)
    explanation.positions.push_back(explain_position(stream->feed(tokens[i]), tokens[i], tokens[i + 1], alternatives));
  return explanation;
}

}  // namespace microgpt
