// The graph engine: microgpt.py's algorithm on a graph of scalars. See microgpt/engine.h for what an engine is.
//
// Its layout is table order: the parameters are the first leaves of the tape, so both buffers are the tape's own.
// Memory: for each position of a document about two nodes a parameter; nodes_needed() says how many.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/graph/backward_order.h"
#include "engine/graph/tape.h"
#include "engine/graph/weights.h"
#include "microgpt/engine.h"
#include "microgpt/parameters.h"

namespace microgpt {

class GraphEngine final : public Engine {
 public:
  explicit GraphEngine(const Config& config);

  GraphEngine(const GraphEngine&) = delete;
  GraphEngine& operator=(const GraphEngine&) = delete;

  const Config& config() const override { return config_; }
  void load(std::span<const double> parameters) override;
  void store(std::span<double> parameters) const override;
  void store_gradient(std::span<double> gradient) const override;
  double loss_and_gradient(const Batch& batch) override;
  std::vector<double> losses(const Batch& batch) override;
  std::unique_ptr<Stream> open_stream() override;
  AnyBuffers buffers() override;
  void parameters_changed() override {}

  // The graph of the document that loss_and_gradient() has computed last (the first of its batch).
  const Tape& tape() const { return tape_; }

 private:
  Value build_graph(std::span<const Token> inputs, std::span<const Token> targets);
  Weights<Number> numbers() const;

  friend class GraphStream;

  Config config_;
  ParameterTable table_;
  Tape tape_;
  Weights<Value> weights_;
  BackwardOrder order_;
};

// At least the number of nodes that the graph of a document of `positions` positions has.
double nodes_needed(const Config& config, std::size_t positions);

}  // namespace microgpt
