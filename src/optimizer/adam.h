// Adam (Kingma and Ba 2015), element by element over flat buffers, in the order of operations of microgpt.py.
//
// Numeric contract in double precision: each operation rounded on its own, powers by the C library's pow, as in CPython.
// The layout of the buffers does not matter; it must only stay the same from step to step.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace microgpt {

struct AdamOptions {
  double beta1 = 0.85;
  double beta2 = 0.99;
  double epsilon = 1e-8;
};

class Adam {
 public:
  Adam(const AdamOptions& options, std::size_t parameter_count);

  // Moves the parameters by one step against the gradient. REQUIRES: sizes of parameter_count.
  void step(std::span<double> parameters, std::span<const double> gradient, double learning_rate);

 private:
  AdamOptions options_;
  std::size_t steps_ = 0;
  std::vector<double> m_;  // running mean of the gradient
  std::vector<double> v_;  // running mean of its square
};

}  // namespace microgpt
