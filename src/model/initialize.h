// Initial parameters: normal deviates from Python's gauss, in table order, as microgpt.py's `matrix` draws them.
#pragma once

#include <vector>

#include "microgpt/parameters.h"
#include "random/python_random.h"

namespace microgpt {

struct InitialStd {
  double general;
  double residual;  // of attn_wo and mlp_fc2, the projections that write into the residual stream; 0 still draws
};

std::vector<double> initial_parameters(const ParameterTable& table, InitialStd std, PythonRandom& random);

}  // namespace microgpt
