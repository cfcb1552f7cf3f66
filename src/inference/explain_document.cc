// SPDX-License-Identifier: MIT
#include "inference/explain_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

#include "engine/graph/attention_weights.h"
#include "engine/loss.h"
#include "microgpt/error.h"
#include "microgpt/parameters.h"
#include "scoring/token_scorer.h"
#include "scoring/windows.h"

namespace microgpt {
namespace {

// ln of the sum of e^logit, without overflow.
double log_sum_exp(std::span<const double> logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  const double sum = std::accumulate(logits.begin(), logits.end(), 0.0,
                                     [&](double total, double logit) { return total + std::exp(logit - largest); });
  return largest + std::log(sum);
}

// The likeliest tokens other than the target.
std::vector<Candidate> likeliest_others(std::span<const double> logits, double normalizer, Token target, std::size_t count) {
  std::vector<Candidate> candidates;
  for (std::size_t token = 0; token < logits.size(); ++token)
    if (static_cast<Token>(token) != target)
      candidates.push_back({static_cast<Token>(token), std::exp(logits[token] - normalizer)});
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.probability > b.probability; });
  candidates.resize(std::min(count, candidates.size()));
  return candidates;
}

// A document as its tokens and what to show for them.
struct Symbols {
  std::vector<Token> tokens;
  std::vector<std::string> shown;
};

PositionLoss explain_position(std::span<const double> logits, const Symbols& document, std::size_t position,
                              std::size_t alternatives) {
  const double normalizer = log_sum_exp(logits);
  const Token target = document.tokens[position + 1];
  const double nats = target == kUnseen ? unseen_loss(logits.size()) : normalizer - logits[static_cast<std::size_t>(target)];
  return {document.tokens[position],
          target,
          document.shown[position],
          document.shown[position + 1],
          std::exp(-nats),
          nats,
          likeliest_others(logits, normalizer, target, alternatives)};
}

// What the n-gram knows before each target, from the document's beginning on.
std::vector<NgramModel::Context> contexts_of(const NgramModel& ngram, const Symbols& document) {
  const auto bos = static_cast<Token>(ngram.vocab_size() - 1);
  std::vector<NgramModel::Context> contexts{ngram.start()};
  for (std::size_t i = 1; i + 1 < document.tokens.size(); ++i)
    contexts.push_back(ngram.next(contexts.back(), document.tokens[i] == kUnseen ? bos : document.tokens[i]));
  return contexts;
}

// As the mixture predicts it, with what its parts say.
PositionLoss explain_mixed(std::span<const double> logits, const Mixture& mixture, NgramModel::Context context,
                           const Symbols& document, std::size_t position, std::size_t alternatives) {
  std::vector<float> numbers(logits.begin(), logits.end());
  mixture.mix(context, numbers);
  const std::vector<double> mixed(numbers.begin(), numbers.end());
  PositionLoss loss = explain_position(mixed, document, position, alternatives);
  if (loss.target == kUnseen) return loss;
  const double gpt_probability = std::exp(logits[static_cast<std::size_t>(loss.target)] - log_sum_exp(logits));
  loss.parts = {gpt_probability, mixture.ngram().probability(context, loss.target), mixture.exponents(context)};
  return loss;
}

// Feeds the windows to a stream and explains their new positions.
class Explainer {
 public:
  Explainer(Engine& engine, const Symbols& document, Token bos, std::size_t alternatives, const Mixture* mixture)
      : engine_(engine), document_(document), bos_(bos), alternatives_(alternatives), mixture_(mixture) {
    if (mixture != nullptr) contexts_ = contexts_of(mixture->ngram(), document);
  }

  void explain(const Window& window, std::vector<PositionLoss>& positions) const {
    const std::unique_ptr<Stream> stream = engine_.open_stream();
    for (std::size_t i = window.begin; i < window.end; ++i) {
      const Token token = document_.tokens[i];
      const std::span<const double> logits = stream->feed(token == kUnseen ? bos_ : token);
      if (i < window.first_new) continue;
      positions.push_back(mixture_ == nullptr ? explain_position(logits, document_, i, alternatives_)
                                              : explain_mixed(logits, *mixture_, contexts_[i], document_, i, alternatives_));
    }
  }

 private:
  Engine& engine_;
  const Symbols& document_;
  Token bos_;
  std::size_t alternatives_;
  const Mixture* mixture_;
  std::vector<NgramModel::Context> contexts_;
};

template <typename Visit>
void for_each_window(std::size_t positions, std::size_t block_size, Visit visit) {
  for (Window window = first_window(positions, block_size);; window = next_window(window, positions, block_size)) {
    visit(window);
    if (window.end == positions) return;
  }
}

// Those of all heads are computed.
void require_few_weights(const Config& config, std::size_t positions, std::size_t layers) {
  const std::size_t weights = positions * std::min(positions, config.block_size);
  if (weights > kMaxAttentionWeights / config.n_head / layers)
    throw Error(fmt::format(
        "the attention of {} positions with n_head {} and block_size {}{} has more than {} weights; explain a shorter text",
        positions, config.n_head, config.block_size, layers == 1 ? "" : fmt::format(" in {} layers", layers),
        kMaxAttentionWeights));
}

}  // namespace

double PositionLoss::bits() const { return nats_to_bits(nats); }

double Explanation::total_nats() const {
  return std::accumulate(positions.begin(), positions.end(), 0.0,
                         [](double total, const PositionLoss& p) { return total + p.nats; });
}

double Explanation::random_nats() const { return uniform_loss(vocab_size) * static_cast<double>(positions.size()); }

double Explanation::mean_nats() const { return total_nats() / static_cast<double>(positions.size()); }

std::size_t Explanation::unseen() const {
  return static_cast<std::size_t>(
      std::count_if(positions.begin(), positions.end(), [](const PositionLoss& p) { return p.target == kUnseen; }));
}

bool Explanation::is_mixed() const {
  return std::any_of(positions.begin(), positions.end(), [](const PositionLoss& p) { return p.parts.has_value(); });
}

Explanation explain(Engine& engine, const Tokenizer& tokenizer, std::string_view document, std::size_t alternatives,
                    const Mixture* mixture) {
  const Symbols symbols{tokenizer.encode_marking_unseen(document), symbols_of(tokenizer, document)};
  Explanation explanation{tokenizer.vocab_size(), engine.config().block_size, {}};
  const Explainer explainer(engine, symbols, tokenizer.bos(), alternatives, mixture);
  for_each_window(symbols.tokens.size() - 1, explanation.block_size,
                  [&](const Window& window) { explainer.explain(window, explanation.positions); });
  return explanation;
}

void explain_attention(const Engine& engine, const Tokenizer& tokenizer, std::string_view document, Explanation& explanation,
                       std::optional<std::size_t> head, EarlierAttention* earlier) {
  const std::size_t layers = earlier == nullptr ? 1 : engine.config().n_layer;
  const std::size_t size = explanation.positions.size();
  require_few_weights(engine.config(), size, layers);
  if (head)
    explanation.heads = {*head};
  else
    for (std::size_t h = 0; h < engine.config().n_head; ++h) explanation.heads.push_back(h);
  if (earlier != nullptr) earlier->assign(layers - 1, std::vector<std::vector<std::vector<double>>>(size));
  std::vector<Token> tokens = tokenizer.encode_marking_unseen(document);
  std::replace(tokens.begin(), tokens.end(), kUnseen, tokenizer.bos());
  std::vector<double> parameters(ParameterTable(engine.config()).parameter_count());
  engine.store(parameters);
  const graph::AttentionPass pass(engine.config(), parameters);
  for_each_window(size, explanation.block_size, [&](const Window& window) {
    auto weights =
        pass.run_from(engine.config().n_layer - layers, std::span(tokens).subspan(window.begin, window.end - window.begin));
    for (std::size_t i = window.first_new; i < window.end; ++i) {
      PositionLoss& position = explanation.positions[i];
      position.attention_begin = window.begin;
      for (std::size_t layer = 0; layer < layers; ++layer)
        for (const std::size_t h : explanation.heads)
          (layer + 1 < layers ? (*earlier)[layer][i] : position.attention)
              .push_back(std::move(weights[layer][h][i - window.begin]));
    }
  });
}

}  // namespace microgpt
