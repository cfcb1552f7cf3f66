// SPDX-License-Identifier: MIT
// The graph engine: microgpt.py's algorithm on a graph of scalars. See engine/engine.h for what an engine is.
//
// Its layout is table order: the parameters are the first leaves of the tape, so both buffers are the tape's own.
// Memory: that of the nodes of the longest document so far, count_nodes(), and of their order: for each position about two
// nodes a parameter, at up to Tape::kBytesPerNode + BackwardOrder::kBytesPerNode bytes. A document whose graph would not fit
// into this machine's memory is refused before the graph is begun.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/dropout.h"
#include "engine/engine.h"
#include "engine/graph/backward_order.h"
#include "engine/graph/graph_weights.h"
#include "engine/graph/tape.h"
#include "microgpt/parameters.h"

namespace microgpt::graph {

class GraphEngine final : public Engine {
 public:
  explicit GraphEngine(const Config& config);

  GraphEngine(const GraphEngine&) = delete;
  GraphEngine& operator=(const GraphEngine&) = delete;

  const Config& config() const override { return config_; }
  void load(std::span<const double> parameters) override;
  void store(std::span<double> parameters) const override;
  void store_gradient(std::span<double> gradient) const override;
  void pack(std::size_t tensor, std::span<const double> numbers, AnyNumbers packed) const override;
  void unpack(AnyConstNumbers packed, std::size_t tensor, std::span<double> numbers) const override;
  double loss_and_gradient(const Batch& batch, const Dropout& dropout = {}, LossMean mean = LossMean::document) override;
  using Engine::losses;
  void losses(const Batch& batch, std::span<double> losses) override;
  void losses(const Batch& batch, const LogitChange& change, LossesOfBoth& losses) override;
  std::unique_ptr<Stream> open_stream() override;
  std::unique_ptr<Streams> open_streams(std::size_t count, FirstLayer first_layer) override;
  AnyBuffers buffers() override;
  void parameters_changed() override {}

  // The graph of the document that loss_and_gradient() has computed last (the first of its batch).
  const Tape& tape() const { return tape_; }

 private:
  Value build_graph(const Batch& batch, std::size_t document, const DropoutMask& mask);

  friend class GraphStream;

  Config config_;
  ParameterTable table_;
  Tape tape_;
  Weights<Value> weights_;
  Weights<Number> numbers_;  // the same parameters, for what needs no gradient
  BackwardOrder order_;
  BackwardOrder order_with_dropout_;
};

// The number of nodes of the graph of a document of `positions` positions, parameters included; with dropout or without.
// A double, as the product of sizes that are allowed each for itself may be beyond any integer.
double count_nodes(const Config& config, std::size_t positions, bool with_dropout = false);

}  // namespace microgpt::graph
