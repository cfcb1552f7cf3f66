// SPDX-License-Identifier: MIT
// The arithmetic of the exact engine: one table of functions for each instruction set.
//
// The same call gives the same bits from each table, and the bits are those of microgpt.py: each function says in which order
// its sums go. Products are rounded before they are added. Every sum begins at +0.0. Nothing here allocates, and no function
// keeps anything. No buffer that is written may overlap another one of the call unless a comment says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/exact/exact_panels.h"
#include "microgpt/config.h"
#include "microgpt/token.h"
#include "simd/powers.h"

namespace microgpt {

enum class Target;

}  // namespace microgpt

namespace microgpt::exact {

// y[o] = sum_i weights[o][i] * x[i], i ascending; then the addend, where there is one, is added.
struct ProductCall {
  const double* weights;  // [rows][features of x]
  std::size_t rows;
  ConstPanels x;
  Panels y;
  std::size_t positions;
  const double* addend = nullptr;  // laid out as y, and may be it
};

// Rows of weights, and the gradient of what they made.
struct RowRun {
  const double* weights;  // [count][columns]
  ConstPanels dy;
  std::size_t first;  // feature of dy that the first row made
  std::size_t count;
};

// dx[i] = sum_o weights[o][i] * dy[o]: the runs as they stand, in each of them the rows descending.
struct BackwardProductCall {
  std::span<const RowRun> runs;
  Panels dx;
  std::size_t positions;
};

// dx[i] += weights[target of the position][i] * dy.
struct TargetRowCall {
  const double* weights;  // [rows][features of dx]
  std::span<const Token> targets;
  const double* dy;  // of each position
  Panels dx;
};

// Positions become rows: y[position][feature], each row filled up with zeros to round_up_to_block(features).
struct TransposeCall {
  ConstPanels x;
  double* y;
  std::size_t positions;
};

// dw[o][i] += sum over positions, descending, of x[position][i] * dy[o]; a sum from 0 where `add` is false.
struct WeightGradientCall {
  const double* x;      // transposed
  std::size_t columns;  // of dw
  ConstPanels dy;       // its features are the rows of dw
  double* dw;           // [rows][columns]; kBlock doubles after its end may be read
  std::size_t positions;
  bool add;
};

// x = wte[token] + wpe[position].
struct EmbeddingCall {
  const double* wte;
  const double* wpe;
  std::span<const Token> tokens;
  Panels x;
};

// Adds dx to the rows of each position's token and of the position, positions descending.
struct EmbeddingBackwardCall {
  const double* dx;  // transposed
  std::size_t columns;
  std::span<const Token> tokens;
  double* dwte;
  double* dwpe;
};

// u = (sum_i x[i]^2, ascending) * pow(features, -1) + 1e-5, scale = pow(u, -0.5), y = x * scale.
struct NormCall {
  ConstPanels x;
  Panels y;
  double* u;      // of each position
  double* scale;  // of each position
  std::size_t positions;
  Powers powers;
};

// dx[i] = ((residual[i] + scale * dy[i]) + x[i] * g) + x[i] * g with
// g = pow(features, -1) * ((-0.5 * pow(u, -1.5)) * (sum_i x[i] * dy[i], descending)); without a residual it is 0.
struct NormBackwardCall {
  ConstPanels x;
  const double* u;
  const double* scale;
  ConstPanels dy;          // may be dx where there is no residual
  const double* residual;  // laid out as dx, and may be it; or null
  Panels dx;
  std::size_t positions;
  Powers powers;
};

// r = x where x > 0, else 0, in the place of x. Of squared relu y = pow(r, 2); else y is not used.
struct ActivationCall {
  Activation activation;
  Panels x;
  Panels y;
  std::size_t positions;
  Powers powers;
};

// The gradient of ActivationCall, from what it left in x, in the place of dy.
struct ActivationBackwardCall {
  Activation activation;
  ConstPanels r;
  Panels dy;
  std::size_t positions;
};

// Logits l become e = exp(l - the largest l). total = sum_o e[o], ascending, inverse = pow(total, -1), and the loss of the
// target t is -log(e[t] * inverse).
struct SoftmaxLossCall {
  Panels logits;
  std::span<const Token> targets;
  double* total;  // of each position, as are the next two
  double* inverse;
  double* losses;
  Powers powers;
};

// e becomes the gradient of the logits, where the loss of each position has the gradient g: with p = e[t] * inverse,
// gp = (1 / p) * (g * -1) and gtot = (-1 * pow(total, -2)) * (e[t] * gp), e[o] * gtot for all o but the target. The target's,
// e[t] * (inverse * gp + gtot), goes to `target_gradient`, and its place becomes 0.
struct SoftmaxLossBackwardCall {
  Panels e;
  std::span<const Token> targets;
  const double* total;
  const double* inverse;
  double g;
  double* target_gradient;  // of each position
  Powers powers;
};

// Causal attention of every head. For the query at position p and the key at t <= p:
// l = (sum_j q[j] * k[j], ascending) * logit_scale, e = exp(l - the largest l of the query),
// total = sum_t e, ascending, inverse = pow(total, -1), out[j] = sum_t (e * inverse) * v[j], ascending.
struct AttentionCall {
  std::size_t n_head;
  std::size_t positions;
  ConstPanels q;
  ConstPanels k;
  ConstPanels v;
  Panels out;
  double* exponentials;  // exponentials_size() doubles: e, kept for the gradient; 0 where t > p
  double* total;         // [n_head][round_up_to_block(positions)]
  double* inverse;       // [n_head][round_up_to_block(positions)]
  double logit_scale;    // pow(pow(head_dim, 0.5), -1)
  Powers powers;
};

// For each head the blocks of queries, and for each of these [key][8 queries] with the keys up to the block's end.
constexpr std::size_t exponentials_offset(std::size_t block) { return kBlock * kBlock * (block * (block + 1) / 2); }
constexpr std::size_t exponentials_size(std::size_t n_head, std::size_t positions) {
  return n_head * exponentials_offset(blocks_of(positions));
}

// Doubles that attention_backward works with.
constexpr std::size_t attention_scratch(std::size_t positions) { return kBlock * round_up_to_block(positions); }

// Positions p descending. gw_t = sum_j v_t[j] * dout[j], j descending; gtot = sum_t (-1 * pow(total, -2)) * (e_t * gw_t),
// t descending; gl_t = logit_scale * (e_t * (inverse * gw_t + gtot)); dq[j] = sum_t k_t[j] * gl_t,
// t descending; dk_t[j] += q[j] * gl_t and dv_t[j] += (e_t * inverse) * dout[j].
struct AttentionBackwardCall {
  AttentionCall forward;
  ConstPanels dout;
  Panels dq;  // overwritten, as are the next two
  Panels dk;
  Panels dv;
  double* scratch;  // attention_scratch() doubles
};

struct Kernels {
  void (*product)(const ProductCall&) = nullptr;
  void (*backward_product)(const BackwardProductCall&) = nullptr;
  void (*target_row)(const TargetRowCall&) = nullptr;
  void (*transpose)(const TransposeCall&) = nullptr;
  void (*weight_gradient)(const WeightGradientCall&) = nullptr;
  void (*embedding)(const EmbeddingCall&) = nullptr;
  void (*embedding_backward)(const EmbeddingBackwardCall&) = nullptr;
  void (*norm)(const NormCall&) = nullptr;
  void (*norm_backward)(const NormBackwardCall&) = nullptr;
  void (*activation)(const ActivationCall&) = nullptr;
  void (*activation_backward)(const ActivationBackwardCall&) = nullptr;
  void (*softmax_loss)(const SoftmaxLossCall&) = nullptr;
  void (*softmax_loss_backward)(const SoftmaxLossBackwardCall&) = nullptr;
  void (*attention)(const AttentionCall&) = nullptr;
  void (*attention_backward)(const AttentionBackwardCall&) = nullptr;
};

// REQUIRES: the target is available on this machine.
const Kernels& kernels_for(Target target);

}  // namespace microgpt::exact
