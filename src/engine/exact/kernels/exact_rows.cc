// SPDX-License-Identifier: MIT
// What works feature by feature: the norm, the activation, the softmax of the logits. See the calls in exact_kernels.h.
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/exact/kernels/exact_rows.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "engine/exact/kernels/exact_entry_points-inl.h"
#include "engine/exact/kernels/panel_vectors-inl.h"
#include "simd/powers-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::exact::HWY_NAMESPACE {

void norm(const NormCall& call) {
  const std::size_t n = call.x.features;
  const V per_feature = broadcast(call.powers.pow(static_cast<double>(n), -1.0));
  for (std::size_t v = 0; v < vectors_of(call.positions); ++v) {
    const double* HWY_RESTRICT x = vector_at(call.x, v);
    double* HWY_RESTRICT y = vector_at(call.y, v);
    V sum = zero();
    for (std::size_t i = 0; i < n; ++i) sum = hn::Add(sum, hn::Mul(load(x + i * kBlock), load(x + i * kBlock)));
    const V u = hn::Add(hn::Mul(sum, per_feature), broadcast(1e-5));
    const V scale = pow_minus_half(u, call.powers);
    store(u, call.u + v * kLanes);
    store(scale, call.scale + v * kLanes);
    for (std::size_t i = 0; i < n; ++i) store(hn::Mul(load(x + i * kBlock), scale), y + i * kBlock);
  }
}

void norm_backward(const NormBackwardCall& call) {
  const std::size_t n = call.x.features;
  const V per_feature = broadcast(call.powers.pow(static_cast<double>(n), -1.0));
  for (std::size_t v = 0; v < vectors_of(call.positions); ++v) {
    const double* x = vector_at(call.x, v);
    const double* dy = vector_at(call.dy, v);
    double* dx = vector_at(call.dx, v);
    const double* residual = call.residual == nullptr ? nullptr : call.residual + (dx - call.dx.data);
    V sum = zero();
    for (std::size_t i = n; i-- > 0;) sum = hn::Add(sum, hn::Mul(load(x + i * kBlock), load(dy + i * kBlock)));
    const V power = pow_minus_three_halves(load(call.u + v * kLanes), call.powers);
    const V g = hn::Mul(per_feature, hn::Mul(hn::Mul(broadcast(-0.5), power), sum));
    const V scale = load(call.scale + v * kLanes);
    for (std::size_t i = 0; i < n; ++i) {
      const V norm_term = hn::Mul(scale, load(dy + i * kBlock));
      const V scale_term = hn::Mul(load(x + i * kBlock), g);
      const V before = residual == nullptr ? norm_term : hn::Add(load(residual + i * kBlock), norm_term);
      store(hn::Add(hn::Add(before, scale_term), scale_term), dx + i * kBlock);
    }
  }
}

void activation(const ActivationCall& call) {
  for (std::size_t v = 0; v < vectors_of(call.positions); ++v) {
    double* x = vector_at(call.x, v);
    double* y = vector_at(call.y, v);
    for (std::size_t i = 0; i < call.x.features; ++i) {
      const V before = load(x + i * kBlock);
      const V r = hn::IfThenElseZero(hn::Gt(before, zero()), before);
      store(r, x + i * kBlock);
      if (call.activation == Activation::squared_relu) store(pow_2(r, call.powers), y + i * kBlock);
    }
  }
}

void activation_backward(const ActivationBackwardCall& call) {
  for (std::size_t v = 0; v < vectors_of(call.positions); ++v) {
    const double* r = vector_at(call.r, v);
    double* dy = vector_at(call.dy, v);
    for (std::size_t i = 0; i < call.r.features; ++i) {
      const V r_lanes = load(r + i * kBlock);
      V g = load(dy + i * kBlock);
      if (call.activation == Activation::squared_relu) g = hn::Mul(hn::Mul(broadcast(2.0), r_lanes), g);
      store(hn::IfThenElseZero(hn::Gt(r_lanes, zero()), g), dy + i * kBlock);
    }
  }
}

// x becomes exp(x), in its first `count` lanes.
DOUBLES_INLINE void exponentiate(double* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] = std::exp(x[i]);
}

void softmax_loss(const SoftmaxLossCall& call) {
  const std::size_t positions = call.targets.size();
  const std::size_t n = call.logits.features;
  for (std::size_t v = 0; v < vectors_of(positions); ++v) {
    double* x = vector_at(call.logits, v);
    V largest = load(x);
    for (std::size_t o = 1; o < n; ++o) largest = hn::Max(largest, load(x + o * kBlock));
    V total = zero();
    for (std::size_t o = 0; o < n; ++o) {
      store(hn::Sub(load(x + o * kBlock), largest), x + o * kBlock);
      exponentiate(x + o * kBlock, std::min(kLanes, positions - v * kLanes));
    }
    for (std::size_t o = 0; o < n; ++o) total = hn::Add(total, load(x + o * kBlock));
    store(total, call.total + v * kLanes);
    store(pow_minus_1(total, call.powers), call.inverse + v * kLanes);
  }
  for (std::size_t p = 0; p < positions; ++p) {
    const double e = call.logits.element(static_cast<std::size_t>(call.targets[p]), p);
    call.losses[p] = std::log(e * call.inverse[p]) * -1.0;
  }
}

void softmax_loss_backward(const SoftmaxLossBackwardCall& call) {
  const std::size_t positions = call.targets.size();
  for (std::size_t v = 0; v < vectors_of(positions); ++v) {
    const std::size_t first = v * kLanes;
    const std::size_t count = std::min(kLanes, positions - first);
    double e[kLanes] = {};
    for (std::size_t i = 0; i < count; ++i) {
      double& target_exponential = call.e.element(static_cast<std::size_t>(call.targets[first + i]), first + i);
      e[i] = target_exponential;
      target_exponential = 0.0;
    }
    const V target_exponential = load(e);
    const V inverse = load(call.inverse + first);
    const V gp = hn::Mul(hn::Div(broadcast(1.0), hn::Mul(target_exponential, inverse)), broadcast(-1.0 * call.g));
    const V power = hn::Mul(broadcast(-1.0), pow_minus_2(load(call.total + first), call.powers));
    const V gtot = hn::Mul(power, hn::Mul(target_exponential, gp));
    store(hn::Mul(target_exponential, hn::Add(hn::Mul(inverse, gp), gtot)), call.target_gradient + first);
    const V position_gradient = hn::IfThenElseZero(hn::FirstN(Tag(), count), gtot);
    double* x = vector_at(call.e, v);
    for (std::size_t o = 0; o < call.e.features; ++o) store(hn::Mul(load(x + o * kBlock), position_gradient), x + o * kBlock);
  }
}

}  // namespace microgpt::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
