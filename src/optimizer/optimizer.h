// SPDX-License-Identifier: MIT
// What moves the parameters against their gradient: Adam alone, or with Muon for the weights of the layers.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/engine.h"
#include "microgpt/config.h"
#include "optimizer/adam.h"
#include "optimizer/muon.h"
#include "simd/target.h"
#include "text/names.h"

namespace microgpt {

enum class OptimizerKind {
  adam,  // moves everything
  muon,  // moves the layers' weights, and Adam the embeddings and the last layer; with the fast engine only
};

inline constexpr std::array<Named<OptimizerKind>, 2> kOptimizerNames{{
    {OptimizerKind::adam, "adam"},
    {OptimizerKind::muon, "muon"},
}};

// Rate, decay of the mean gradient and weight decay are of both.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::adam;
  AdamOptions adam;
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // Forgets its moments and its steps.
  virtual void begin_anew() = 0;

  // Moves the engine's parameters by one step against its gradient times `gradient_factor`, which is what clipping makes
  // smaller. REQUIRES: an engine like that it was made for; its parameters_changed() follows.
  virtual void step(Engine& engine, double learning_rate, double gradient_factor) = 0;

  // The running means of the gradient and of its square, in the layout and precision of the engine. Muon has no squares.
  virtual AnyNumbers mean() = 0;
  virtual AnyNumbers square() = 0;

  // Goes on as after so many steps, with the moments as they are: to be filled through mean() and square().
  virtual void resume(std::size_t steps) = 0;
};

// Of this process. In single precision the engine's team shares the work, which changes no bit.
class LocalOptimizer final : public Optimizer {
 public:
  // For the parameters of an engine of this shape, and the precision that `buffers` has. `target` is what computes, which
  // changes no bit. REQUIRES: buffers of the fast engine, where Muon is asked for.
  LocalOptimizer(const OptimizerOptions& options, const Config& config, const AnyBuffers& buffers,
                 Target target = best_target());

  void begin_anew() override { adam_.begin_anew(); }
  void step(Engine& engine, double learning_rate, double gradient_factor) override {
    step(engine.buffers(), learning_rate, gradient_factor);
  }
  AnyNumbers mean() override { return adam_.mean(); }
  AnyNumbers square() override { return adam_.square(); }
  void resume(std::size_t steps) override { adam_.resume(steps); }

  // The same with an engine's buffers. REQUIRES: buffers like those of the constructor.
  void step(const AnyBuffers& buffers, double learning_rate, double gradient_factor = 1.0);

  // Whether each parameter moves by its own gradient alone, so that ranks can move a slice each.
  bool works_on_slices() const { return !muon_; }

  // A step of slice `slice` of `slices` alone (parallel/slices.h). REQUIRES: single precision; works_on_slices().
  void step_slice(const Buffers<float>& buffers, std::size_t slice, std::size_t slices, double learning_rate,
                  double gradient_factor);

 private:
  AdamOptions options_;
  Adam adam_;
  std::optional<Muon> muon_;
};

// Clipping of the gradient by its global norm (Pascanu, Mikolov and Bengio 2013).

// The L2 norm of the whole gradient. What an engine's layout adds to it is 0 and does not count. Sums are in double precision;
// of a gradient in single precision they are the kernel's, with the same bits on every target, and cannot overflow.
double gradient_norm(const AnyBuffers& buffers, Target target = best_target());

// What a gradient of this norm is to be multiplied by, so that its norm is at most `limit`. REQUIRES: limit > 0.
constexpr double clipping_factor(double norm, double limit) { return norm > limit ? limit / norm : 1.0; }

}  // namespace microgpt
