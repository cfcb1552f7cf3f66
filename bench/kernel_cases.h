// SPDX-License-Identifier: MIT
// The kernels at the shapes that training gives them, each with a plain loop in double precision that says what is right.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/fast/kernels/kernels.h"
#include "optimizer/kernels/optimizer_kernels.h"

namespace microgpt::bench {

// Those of the fast engine, and beside them the optimizer's.
struct Kernels : fast::Kernels {
  OptimizerKernels optimizer;
};

// A kernel with its data. It may be run again and again; error() is that of the first run.
struct PreparedKernel {
  std::function<void(const Kernels&)> run;
  std::function<double()> error;  // a share of the largest expected number; REQUIRES: run once
};

struct KernelCase {
  std::string name;
  double operations;  // floating-point ones of a run, where products are most of it; else 0
  double bytes;       // read and written, where that is most of it; else 0
  // The kernels make what the case needs from another one.
  std::function<PreparedKernel(const Kernels&)> prepare;
};

inline constexpr double kKernelTolerance = 2e-5;

void add_product_cases(std::vector<KernelCase>& cases);
void add_attention_cases(std::vector<KernelCase>& cases);
void add_row_cases(std::vector<KernelCase>& cases);
void add_parameter_cases(std::vector<KernelCase>& cases);

inline constexpr std::size_t kDefaultWidths[] = {16, 32, 64, 128};
inline constexpr std::size_t kDefaultRows = 114;  // positions of 16 names
inline constexpr std::size_t kDefaultVocabSize = 27;

}  // namespace microgpt::bench
