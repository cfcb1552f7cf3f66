// SPDX-License-Identifier: MIT
#include "engine/graph/graph_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "engine/graph/gpt.h"
#include "engine/loss.h"
#include "io/resource_limits.h"
#include "microgpt/error.h"

namespace microgpt::graph {
namespace {

const Config& validated(const Config& config) {
  validate(config);
  return config;
}

// Throws ConfigError where a graph of so many nodes is more than this machine can hold.
void require_memory(const Config& config, std::size_t positions, bool with_dropout) {
  const double nodes = count_nodes(config, positions, with_dropout);
  const double bytes = nodes * static_cast<double>(Tape::kBytesPerNode + BackwardOrder::kBytesPerNode);
  const auto memory = static_cast<double>(usable_memory());
  if (nodes <= static_cast<double>(Tape::kMaxNodes) && bytes <= memory) return;
  throw ConfigError(
      "block_size",
      fmt::format("{} with n_embd {} and n_layer {}: the graph of a document of {} positions has {:.3g} nodes and takes "
                  "{:.3g} GiB; this machine has {:.3g} GiB, and {:.3g} nodes are possible; choose smaller sizes",
                  config.block_size, config.n_embd, config.n_layer, positions, nodes, bytes / 0x1p30, memory / 0x1p30,
                  static_cast<double>(Tape::kMaxNodes)));
}

}  // namespace

// Term by term what gpt.h makes; a plain number in an operation is a node, too.
double count_nodes(const Config& config, std::size_t positions, bool with_dropout) {
  const auto n = static_cast<double>(positions);
  const auto width = static_cast<double>(config.n_embd);
  const auto hidden = static_cast<double>(config.hidden_dim());
  const auto vocabulary = static_cast<double>(config.vocab_size);
  const auto heads = static_cast<double>(config.n_head);
  const auto head_dim = static_cast<double>(config.head_dim());
  const auto linear = [](double rows, double columns) { return rows * (2 * columns + 1); };
  const auto softmax = [](double logits) { return 7 * logits + 1; };
  const double rmsnorm = 3 * width + 7;
  const double activation = config.activation == Activation::relu ? hidden : 3 * hidden;
  const double per_layer = 2 * rmsnorm + 4 * linear(width, width) + heads * (head_dim + 1) + linear(hidden, width) +
                           activation + linear(width, hidden) + 2 * width;
  const auto layers = static_cast<double>(config.n_layer);
  const double dropout = with_dropout ? 2 * width * (1 + 2 * layers) : 0;
  const double per_position =
      width + rmsnorm + layers * per_layer + linear(vocabulary, width) + softmax(vocabulary) + 3 + dropout;
  const double per_pair = layers * heads * (4 * head_dim + 10);
  const double mean = n + 3;
  return static_cast<double>(ParameterTable(config).parameter_count()) + n * per_position + per_pair * n * (n + 1) / 2 + mean;
}

GraphEngine::GraphEngine(const Config& config)
    : config_(validated(config)),
      table_(config),
      weights_(make_weights(config_, table_, Parameters<Value>{&tape_})),
      numbers_(make_weights(config_, table_, Parameters<Number>{&tape_})) {
  require_memory(config_, 1, false);
  tape_.reserve(table_.parameter_count());
  for (std::size_t i = 0; i < table_.parameter_count(); ++i) tape_.leaf(0.0);
  tape_.zero_grad();
}

void GraphEngine::load(std::span<const double> parameters) {
  assert(parameters.size() == table_.parameter_count());
  std::copy(parameters.begin(), parameters.end(), tape_.data().begin());
}

void GraphEngine::store(std::span<double> parameters) const {
  assert(parameters.size() == table_.parameter_count());
  std::copy_n(tape_.data().begin(), parameters.size(), parameters.begin());
}

void GraphEngine::store_gradient(std::span<double> gradient) const {
  assert(gradient.size() == table_.parameter_count());
  std::copy_n(tape_.grad().begin(), gradient.size(), gradient.begin());
}

void GraphEngine::pack(std::size_t tensor, std::span<const double> numbers, AnyNumbers packed) const {
  const Tensor& layout = table_.tensors()[tensor];
  assert(numbers.size() == layout.size());
  const auto to = std::get<std::span<double>>(packed).subspan(layout.offset, layout.size());
  std::copy(numbers.begin(), numbers.end(), to.begin());
}

void GraphEngine::unpack(AnyConstNumbers packed, std::size_t tensor, std::span<double> numbers) const {
  const Tensor& layout = table_.tensors()[tensor];
  assert(numbers.size() == layout.size());
  const auto from = std::get<std::span<const double>>(packed).subspan(layout.offset, layout.size());
  std::copy(from.begin(), from.end(), numbers.begin());
}

AnyBuffers GraphEngine::buffers() {
  const std::size_t count = table_.parameter_count();
  return Buffers<double>{tape_.data().first(count), tape_.grad().first(count)};
}

Value GraphEngine::build_graph(const Batch& batch, std::size_t document, const DropoutMask& mask) {
  const std::span<const Token> inputs = batch.document_inputs(document);
  const std::span<const Token> targets = batch.document_targets(document);
  BackwardOrder& order = mask.drops() ? order_with_dropout_ : order_;
  tape_.rewind(table_.parameter_count());
  if (inputs.size() > order.size()) {  // longer than any before
    require_memory(config_, inputs.size(), mask.drops());
    tape_.reserve(static_cast<std::size_t>(count_nodes(config_, inputs.size(), mask.drops())));
  }
  auto begin = static_cast<Tape::Index>(tape_.size());
  const auto learn = [&](std::size_t pos_id, const std::vector<Value>& logits, const std::vector<Value>& probs, Value) {
    const auto end = static_cast<Tape::Index>(tape_.size());
    if (pos_id == order.size()) order.learn(tape_, begin, end, logits, probs);
    begin = end;
  };
  const std::size_t context = batch.context_of(document);
  if (mask.drops()) return document_loss<Value>(weights_, inputs, targets, context, learn, DocumentDropout{mask, document});
  return document_loss<Value>(weights_, inputs, targets, context, learn);
}

double GraphEngine::loss_and_gradient(const Batch& batch, const Dropout& dropout, LossMean mean) {
  const DropoutMask mask(dropout);
  const BackwardOrder& order = mask.drops() ? order_with_dropout_ : order_;
  const std::size_t documents = batch.documents();
  assert(documents >= 1);
  const auto share = [&](std::size_t d) {
    if (mean == LossMean::document) return 1.0 / static_cast<double>(documents);
    return static_cast<double>(batch.counted(d)) / static_cast<double>(batch.counted_positions());
  };
  std::vector<double> losses(documents);
  tape_.rewind(table_.parameter_count());
  tape_.zero_grad();
  // One graph after the other instead of one large graph of the mean over documents: the same sums in the same order, as the
  // large graph's depth-first order has the documents in sequence and its reverse has the last one first.
  for (std::size_t d = documents; d-- > 0;) {
    const Value loss = build_graph(batch, d, mask);
    tape_.zero_grad(table_.parameter_count());
    tape_.set_grad(loss.index, share(d));
    order.backpropagate(tape_, batch.document_targets(d));
    losses[d] = loss.data();
  }
  if (mean == LossMean::document) return share(0) * sum(documents, [&](std::size_t d) { return losses[d]; });
  return sum(documents, [&](std::size_t d) { return share(d) * losses[d]; });
}

void GraphEngine::losses(const Batch& batch, std::span<double> losses) {
  for (std::size_t d = 0; d < batch.documents(); ++d)
    document_loss<Number>(numbers_, batch.document_inputs(d), batch.document_targets(d), 0,
                          [&](std::size_t position, const auto&, const auto&, Number loss) {
                            losses[batch.offsets[d] + position] = loss.data();
                          });
}

void GraphEngine::losses(const Batch& batch, const LogitChange& change, LossesOfBoth& losses) {
  losses.plain.clear();
  losses.changed.clear();
  losses.expected.clear();
  std::vector<float> numbers(config_.vocab_size);
  for (std::size_t d = 0; d < batch.documents(); ++d) {
    const std::span<const Token> targets = batch.document_targets(d);
    const auto take = [&](std::size_t position, const std::vector<Number>& logits, const auto&, Number loss) {
      std::transform(logits.begin(), logits.end(), numbers.begin(), [](Number x) { return static_cast<float>(x.data()); });
      if (change.apply) change.apply(losses.plain.size(), numbers);
      if (change.with_expected) losses.expected.push_back(expected_loss_of(numbers));
      losses.plain.push_back(loss.data());
      losses.changed.push_back(loss_of(numbers, targets[position]));
    };
    document_loss<Number>(numbers_, batch.document_inputs(d), targets, 0, take);
  }
}

class GraphStream final : public Stream {
 public:
  explicit GraphStream(const GraphEngine& engine) : engine_(&engine), cache_(engine.config_.n_layer) {}

  void restart() {
    cache_ = KeyValueCache<Number>(engine_->config_.n_layer);
    position_ = 0;
  }

  std::span<const double> feed(Token token) override {
    assert(position_ < engine_->config_.block_size);
    const std::vector<Number> logits = gpt(engine_->numbers_, token, position_++, cache_);
    logits_.clear();
    for (const Number logit : logits) logits_.push_back(logit.data());
    return logits_;
  }

 private:
  const GraphEngine* engine_;
  KeyValueCache<Number> cache_;
  std::size_t position_ = 0;
  std::vector<double> logits_;
};

std::unique_ptr<Stream> GraphEngine::open_stream() { return std::make_unique<GraphStream>(*this); }

class GraphStreams final : public Streams {
 public:
  GraphStreams(const GraphEngine& engine, std::size_t count) : streams_(count, GraphStream(engine)), logits_(count) {}

  std::size_t size() const override { return streams_.size(); }
  void restart(std::size_t i) override { streams_[i].restart(); }

  void feed(std::span<const Token> tokens) override {
    assert(tokens.size() == size());
    for (std::size_t i = 0; i < size(); ++i) {
      const std::span<const double> logits = streams_[i].feed(tokens[i]);
      logits_[i].assign(logits.begin(), logits.end());
    }
  }

  std::span<float> logits(std::size_t i) override { return logits_[i]; }

  bool draw(double temperature, std::span<const float> uniforms, std::span<Token> tokens) override {
    bool is_valid = true;
    for (std::size_t i = 0; i < size(); ++i) {
      std::vector<Number> scaled;
      for (const float logit : logits_[i]) scaled.push_back(Number{static_cast<double>(logit) / temperature});
      double sum = 0.0;
      std::size_t token = 0;
      std::size_t likely = 0;
      for (const Number p : softmax(scaled)) {
        if (p.data() > 0.0) likely = token;  // the rounded sum may end a little below 1
        sum += p.data();
        if (static_cast<double>(uniforms[i]) < sum) break;
        ++token;
      }
      is_valid = is_valid && std::isfinite(sum);
      tokens[i] = static_cast<Token>(likely);
    }
    return is_valid;
  }

 private:
  std::vector<GraphStream> streams_;
  std::vector<std::vector<float>> logits_;
};

std::unique_ptr<Streams> GraphEngine::open_streams(std::size_t count, FirstLayer) {
  return std::make_unique<GraphStreams>(*this, count);
}

}  // namespace microgpt::graph

namespace microgpt {

std::unique_ptr<Engine> make_graph_engine(const Config& config) { return std::make_unique<graph::GraphEngine>(config); }

}  // namespace microgpt
