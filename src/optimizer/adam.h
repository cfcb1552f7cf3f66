// SPDX-License-Identifier: MIT
// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019), element by element over flat buffers.
//
// The layout of the buffers does not matter; it must only stay the same from step to step.
// Numeric contract in double precision: the order of operations of microgpt.py, each operation rounded on its own, and the bits
// of the C library's pow, as in CPython. In single precision the powers of the betas are products in double precision, so that
// no C library's pow reaches the parameters. Either has the same bits on every target.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "simd/aligned_buffer.h"
#include "simd/target.h"

namespace microgpt {

struct AdamOptions {
  double beta1 = 0.85;
  double beta2 = 0.99;
  double epsilon = 1e-8;
  double weight_decay = 0.0;  // at least 0; the parameter loses rate * weight_decay of itself, apart from the gradient
};

class Adam {
 public:
  // For parameters of the precision that `buffers` has. `target` is what computes, which changes no bit.
  Adam(const AdamOptions& options, const AnyBuffers& buffers, Target target = best_target());

  // Moves the parameters by one step against the gradient times `gradient_factor`, which is what clipping makes smaller.
  // In single precision the buffers' team shares the work, which changes no bit either.
  // REQUIRES: buffers like those of the constructor.
  void step(const AnyBuffers& buffers, double learning_rate, double gradient_factor = 1.0);

  // The same of the parameters and moments from `begin` to before `end` alone. REQUIRES: single precision; multiples of 16.
  void step_part(const Buffers<float>& buffers, std::size_t begin, std::size_t end, double learning_rate,
                 double gradient_factor);

  // The running means of the gradient and of its square, in the layout and precision of the buffers.
  AnyNumbers mean();
  AnyNumbers square();

  // Forgets its moments and its steps.
  void begin_anew();

  // Goes on as after so many steps, with the moments as they are: to be filled through mean() and square().
  void resume(std::size_t steps);

 private:
  void multiply_powers();
  void step_of(const Buffers<double>& buffers, double learning_rate, double gradient_factor);

  template <typename Real>
  struct Moments {
    Real m;  // running mean of the gradient
    Real v;  // running mean of its square
  };

  AdamOptions options_;
  Target target_;
  std::size_t steps_ = 0;
  double beta1_power_ = 1.0;  // beta1^steps, by multiplication
  double beta2_power_ = 1.0;
  Moments<std::vector<double>> double_;
  Moments<AlignedBuffer<float>> float_;
};

}  // namespace microgpt
