// SPDX-License-Identifier: MIT
// The arithmetic of the optimizers: one table of functions for each instruction set. Each has the same bits on all of them.
//
// Threads: the functions may be called by several at once, for different parameters.
#pragma once

#include <span>

#include "simd/powers.h"
#include "simd/target.h"

namespace microgpt {

// Adam (Kingma and Ba 2015) as microgpt.py writes it: with g = gradient * gradient_factor, m = beta1 * m + (1 - beta1) * g,
// v = beta2 * v + (1 - beta2) * pow(g, 2); the parameter is multiplied by `keep`, decoupled weight decay (Loshchilov and Hutter
// 2019), and loses (learning_rate * (m / m_correction)) / (pow(v / v_correction, 0.5) + epsilon).
struct AdamCallF64 {
  std::span<double> parameters;
  std::span<const double> gradient;
  std::span<double> m;
  std::span<double> v;
  double beta1;
  double beta2;
  double m_correction;
  double v_correction;
  double learning_rate;
  double epsilon;
  double gradient_factor;
  double keep;
  Powers powers;
};

// Adam (Kingma and Ba 2015): m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, and the parameter loses
// rate * m / (sqrt(v) + epsilon), where `rate` and `epsilon` contain the corrections of both moments: those of the paper are
// rate * sqrt(1 - beta2^t) / (1 - beta1^t) and epsilon * sqrt(1 - beta2^t). Before all that g is multiplied by
// `gradient_factor`, and the parameter by `keep`, which is decoupled weight decay (Loshchilov and Hutter 2019).
struct AdamCallF32 {
  std::span<float> parameters;
  std::span<const float> gradient;
  std::span<float> m;
  std::span<float> v;
  float beta1;
  float beta2;
  float rate;
  float epsilon;
  float gradient_factor = 1.0F;
  float keep = 1.0F;
};

struct OptimizerKernels {
  void (*adam_f64)(const AdamCallF64&) = nullptr;
  // REQUIRES: a multiple of 16 parameters.
  void (*adam_f32)(const AdamCallF32&) = nullptr;
  // The sum of x[i]^2: squares are exact, and sixteen sums in double precision, i modulo 16, are added up at the end.
  double (*sum_of_squares)(std::span<const float> x) = nullptr;
};

// REQUIRES: the target is available on this machine.
const OptimizerKernels& optimizer_kernels_for(Target target);

}  // namespace microgpt
