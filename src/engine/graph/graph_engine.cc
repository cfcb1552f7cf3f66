#include "engine/graph/graph_engine.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>

#include "engine/graph/gpt.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

const Config& validated(const Config& config) {
  validate(config);
  const double nodes = nodes_needed(config, config.block_size);
  // A tape that grows has room for up to twice its nodes.
  const double bytes = 2.0 * nodes * static_cast<double>(Tape::kBytesPerNode);
  const double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (nodes > static_cast<double>(Tape::kMaxNodes) || bytes > memory)
    throw ConfigError(
        "block_size",
        fmt::format("{} with n_embd {} and n_layer {} makes a graph of {:.2g} nodes ({:.3g} GiB); this machine has "
                    "{:.3g} GiB and at most {:.2g} nodes are possible: choose smaller sizes",
                    config.block_size, config.n_embd, config.n_layer, nodes, bytes / 0x1p30, memory / 0x1p30,
                    static_cast<double>(Tape::kMaxNodes)));
  return config;
}

}  // namespace

double nodes_needed(const Config& config, std::size_t positions) {
  const auto width = static_cast<double>(config.n_embd);
  const auto layers = static_cast<double>(config.n_layer);
  const auto n = static_cast<double>(positions);
  const double weights = (4.0 + 2.0 * kHiddenFactor) * width * width * layers + static_cast<double>(config.vocab_size) * width;
  const double attention = 2.0 * width * layers;  // products with keys and values, for each pair of positions
  return static_cast<double>(ParameterTable(config).parameter_count()) + 2.0 * weights * n +
         2.0 * attention * n * (n + 1.0) / 2.0;
}

GraphEngine::GraphEngine(const Config& config)
    : config_(validated(config)), table_(config), weights_(make_weights(config_, table_, Parameters<Value>{&tape_})) {
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

AnyBuffers GraphEngine::buffers() {
  const std::size_t count = table_.parameter_count();
  return Buffers<double>{tape_.data().first(count), tape_.grad().first(count)};
}

Value GraphEngine::build_graph(std::span<const Token> inputs, std::span<const Token> targets) {
  tape_.rewind(table_.parameter_count());
  auto begin = static_cast<Tape::Index>(tape_.size());
  return document_loss<Value>(
      weights_, inputs, targets,
      [&](std::size_t pos_id, const std::vector<Value>& logits, const std::vector<Value>& probs, Value) {
        const auto end = static_cast<Tape::Index>(tape_.size());
        if (pos_id == order_.size()) order_.learn(tape_, begin, end, logits, probs);
        begin = end;
      });
}

double GraphEngine::loss_and_gradient(const Batch& batch) {
  const std::size_t documents = batch.documents();
  assert(documents >= 1);
  const double share = 1.0 / static_cast<double>(documents);
  std::vector<double> losses(documents);
  tape_.rewind(table_.parameter_count());
  tape_.zero_grad();
  // One graph after the other instead of one large graph of the mean over documents: the same sums in the same order, as the
  // large graph's depth-first order has the documents in sequence and its reverse has the last one first.
  for (std::size_t d = documents; d-- > 0;) {
    const Value loss = build_graph(batch.document_inputs(d), batch.document_targets(d));
    tape_.zero_grad(table_.parameter_count());
    tape_.set_grad(loss.index, share);
    order_.backpropagate(tape_, batch.document_targets(d));
    losses[d] = loss.data();
  }
  return (Number{share} * sum(documents, [&](std::size_t d) { return Number{losses[d]}; })).data();
}

Weights<Number> GraphEngine::numbers() const { return make_weights(config_, table_, Parameters<Number>{tape_.data().data()}); }

std::vector<double> GraphEngine::losses(const Batch& batch) {
  const Weights<Number> weights = numbers();
  std::vector<double> losses;
  losses.reserve(batch.positions());
  for (std::size_t d = 0; d < batch.documents(); ++d)
    document_loss<Number>(weights, batch.document_inputs(d), batch.document_targets(d),
                          [&](std::size_t, const auto&, const auto&, Number loss) { losses.push_back(loss.data()); });
  return losses;
}

class GraphStream final : public Stream {
 public:
  explicit GraphStream(const GraphEngine& engine) : engine_(engine), cache_(engine.config_.n_layer) {}

  std::span<const double> feed(Token token) override {
    assert(position_ < engine_.config_.block_size);
    // The weights are looked up anew each time: a tape that grows moves them.
    const std::vector<Number> logits = gpt(engine_.numbers(), token, position_++, cache_);
    logits_.clear();
    for (const Number logit : logits) logits_.push_back(logit.data());
    return logits_;
  }

 private:
  const GraphEngine& engine_;
  KeyValueCache<Number> cache_;
  std::size_t position_ = 0;
  std::vector<double> logits_;
};

std::unique_ptr<Stream> GraphEngine::open_stream() { return std::make_unique<GraphStream>(*this); }

std::unique_ptr<Engine> make_graph_engine(const Config& config) { return std::make_unique<GraphEngine>(config); }

}  // namespace microgpt
