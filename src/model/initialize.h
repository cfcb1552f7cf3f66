// SPDX-License-Identifier: MIT
// Initial parameters: normal deviates from Python's gauss, in table order, as microgpt.py's `matrix` draws them.
#pragma once

#include <cstddef>
#include <vector>

#include "microgpt/parameters.h"
#include "random/python_random.h"

namespace microgpt {

struct InitialStd {
  double general;
  double residual;  // of attn_wo and mlp_fc2, the projections that write into the residual stream; 0 still draws
};

// What `train` draws from: 0.32 / sqrt(n_embd) for all tensors, at which a fresh model is close to uniform at every width; at
// microgpt.py's width of 16 this is its 0.08.
InitialStd width_scaled_std(std::size_t n_embd);

std::vector<double> initial_parameters(const ParameterTable& table, InitialStd std, PythonRandom& random);

}  // namespace microgpt
