// SPDX-License-Identifier: MIT
#include "support/relu_flips.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/graph/graph_engine.h"

namespace microgpt::testing {
namespace {

// The arguments of all activations of a document: position by position, layer by layer, unit by unit, as the graph grows.
class Arguments {
 public:
  Arguments(const Config& config, std::span<const double> parameters) : config_(config), engine_(config) {
    engine_.load(parameters);
  }

  std::vector<double> of(const Batch& batch, std::size_t document) {
    Batch one;
    const auto inputs = batch.document_inputs(document), targets = batch.document_targets(document);
    one.inputs.assign(inputs.begin(), inputs.end());
    one.targets.assign(targets.begin(), targets.end());
    one.offsets.push_back(inputs.size());
    engine_.loss_and_gradient(one);
    const graph::Tape& tape = engine_.tape();
    std::vector<double> arguments;
    for (graph::Tape::Index i = 0; i < tape.size(); ++i)
      if (tape.is_relu(i)) arguments.push_back(tape.data(tape.children(i)[0]));
    if (arguments.size() != inputs.size() * config_.n_layer * config_.hidden_dim())
      throw std::logic_error("the graph has another number of relus than the model has hidden units");
    return arguments;
  }

 private:
  Config config_;
  graph::GraphEngine engine_;
};

double argument_of(const Config& config, std::span<const double> parameters, const Batch& batch, const HiddenUnit& unit) {
  const std::size_t index = (unit.position * config.n_layer + unit.layer) * config.hidden_dim() + unit.unit;
  return Arguments(config, parameters).of(batch, unit.document)[index];
}

}  // namespace

std::string HiddenUnit::describe() const {
  return fmt::format("layer {}, unit {} at position {} of document {}, argument {:.3g}", layer, unit, position, document,
                     argument);
}

std::vector<HiddenUnit> find_units_near_zero(const Config& config, std::span<const double> parameters, const Batch& batch,
                                             double margin) {
  Arguments arguments(config, parameters);
  std::vector<HiddenUnit> found;
  for (std::size_t d = 0; d < batch.documents(); ++d) {
    const std::vector<double> document_arguments = arguments.of(batch, d);
    for (std::size_t i = 0; i < document_arguments.size(); ++i)
      if (std::abs(document_arguments[i]) <= margin) {
        const std::size_t layer = i / config.hidden_dim();
        found.push_back({d, layer / config.n_layer, layer % config.n_layer, i % config.hidden_dim(), document_arguments[i]});
      }
  }
  std::sort(found.begin(), found.end(),
            [](const HiddenUnit& a, const HiddenUnit& b) { return std::abs(a.argument) < std::abs(b.argument); });
  return found;
}

std::vector<double> with_argument(const Config& config, std::vector<double> parameters, const Batch& batch,
                                  const HiddenUnit& unit, double argument) {
  constexpr double kProbe = 1e-3;
  constexpr double kSeen = 0.3;  // the inputs of fc1 have a mean square of 1: one is larger
  const ParameterTable table(config);
  const double before = argument_of(config, parameters, batch, unit);
  const std::size_t row = table.find(layer_tensor(unit.layer, "mlp_fc1")).offset + unit.unit * config.n_embd;
  for (std::size_t column = 0; column < config.n_embd; ++column) {
    double& weight = parameters[row + column];
    const double kept = weight;
    weight = kept + kProbe;
    const double input = (argument_of(config, parameters, batch, unit) - before) / kProbe;
    weight = kept + (argument - before) / input;
    if (std::abs(input) >= kSeen) return parameters;
    weight = kept;
  }
  throw std::logic_error("no input of the unit is large enough");
}

}  // namespace microgpt::testing
