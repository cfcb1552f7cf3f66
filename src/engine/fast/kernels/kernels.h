// SPDX-License-Identifier: MIT
// The arithmetic of the fast engine: one table of functions for each instruction set.
//
// The same call gives the same bits from each table; see simd/lanes-inl.h for why. Nothing here allocates, and no function
// keeps anything. Buffers are aligned to 64 bytes and have space for their rows rounded up to kRowPadding: a kernel may compute
// some rows more than it was asked for, whose values mean nothing. No buffer that is written may overlap another one of the
// call unless a comment says so.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/dropout.h"
#include "engine/fast/panels.h"
#include "microgpt/token.h"

namespace microgpt {

enum class Target;

}  // namespace microgpt

namespace microgpt::fast {

inline constexpr std::size_t kRowPadding = 16;
inline constexpr std::size_t kMaxAddends = 4;

// What becomes of a product's sum s before it is stored.
enum class Epilogue {
  store,                  // s
  relu,                   // max(s, 0)
  relu_backward,          // s where `gate` > 0, else 0
  squared_relu,           // max(s, 0)^2, and max(s, 0) goes to `gate`
  squared_relu_backward,  // 2 * gate * s
};

// Which part of a product is known to be 0 or not wanted, where rows are positions that see only those up to themselves: row r
// stands for position r + `diagonal`.
enum class Causal {
  no,
  terms,    // the terms after the row's own position are 0
  results,  // the results after the row's own position are not wanted
};

// c[row][n] = epilogue(init[row][n] + sum_k a[row][k] * b[k][n]): for each element one chain of fused multiply-adds in
// ascending k that begins at init (or 0).
struct ProductCall {
  ConstPanels a = {};  // [rows][k]
  ConstPanels b = {};  // [k][features of c]
  Panels c = {};
  std::size_t rows = 0;
  std::size_t k = 0;
  const float* init = nullptr;  // laid out as c; may be c itself
  float* gate = nullptr;        // laid out as c
  Epilogue epilogue = Epilogue::store;
  Causal causal = Causal::no;
  std::size_t diagonal = 0;
  bool exceeds_cache = false;  // the model is so large that b is in no near cache: it may be fetched before it is needed
};

// Rows [begin, end) of a product.
constexpr ProductCall rows_of(const ProductCall& call, std::size_t begin, std::size_t end) {
  ProductCall part = call;
  part.rows = end - begin;
  part.a.data += begin * call.a.width;
  part.c.data += begin * call.c.width;
  if (call.init != nullptr) part.init += begin * call.c.width;
  if (call.gate != nullptr) part.gate += begin * call.c.width;
  part.diagonal += begin;
  return part;
}

// c[m][n] = sum_row a[row][m] * b[row][n], a chain in ascending rows; then, from the last one to the first, the addends are
// added. Row `row` of a causal product stands for position row + diagonal and has terms only for m up to that.
struct TransposedProductCall {
  ConstPanels a = {};  // [rows][m]
  ConstPanels b = {};  // [rows][features of c]
  Panels c = {};
  std::size_t m = 0;
  std::size_t rows = 0;
  const float* addends[kMaxAddends] = {};  // laid out as c; the first one may be c itself
  std::size_t addend_count = 0;
  Causal causal = Causal::no;  // or terms
  std::size_t diagonal = 0;
  bool exceeds_cache = false;  // likewise, and so may be where c goes, and an addend
};

// Panels [first, last) of such a product's columns, as far as there are so many.
constexpr TransposedProductCall panels_of(const TransposedProductCall& call, std::size_t first, std::size_t last) {
  TransposedProductCall part = call;
  for (std::size_t i = 0; i < call.addend_count; ++i) part.addends[i] += first * call.c.panel_stride;
  part.b = call.b.panels(first, last);
  part.c = call.c.panels(first, last);
  return part;
}

// y = x * scale with scale = (mean of x^2 + 1e-5)^-1/2 for each row; y may be x.
struct RmsNormCall {
  ConstPanels x;
  Panels y;
  float* scale;  // [rows]
  std::size_t rows;
  std::size_t features;
};

// The gradient of RmsNormCall, from y and scale: scale * (dy - y * mean of y * dy). It is added to dx, or replaces it.
struct RmsNormBackwardCall {
  ConstPanels y;
  const float* scale;
  ConstPanels dy;  // may be dx where that is replaced
  Panels dx;
  std::size_t rows;
  std::size_t features;
  bool add;
};

// x[row] = wte[tokens[row]] + wpe[positions[row]].
struct EmbeddingCall {
  ConstPanels wte;
  ConstPanels wpe;
  std::span<const Token> tokens;
  std::span<const std::int32_t> positions;
  Panels x;
};

// Adds dx[row] to the row of its token and to that of its position, in ascending rows.
struct EmbeddingBackwardCall {
  ConstPanels dx;
  std::span<const Token> tokens;
  std::span<const std::int32_t> positions;
  Panels dwte;
  Panels dwpe;
};

// Softmax of each row of logits, and its logarithm's normaliser: lse[row] = ln sum_v e^logit. The logits become
// weight[row] * softmax, or where `weight` is null stay as they are. Where `mean` is not null, mean[row] becomes the softmax's
// mean of -ln P, and variance[row] its variance.
struct SoftmaxCall {
  Panels logits;
  std::size_t rows;
  std::size_t features;
  const float* weight;        // [rows] or null
  float* lse;                 // [rows]
  float* mean = nullptr;      // [rows] or null
  float* variance = nullptr;  // [rows], where `mean` is there
};

// A document for attention: rows[t] is the row of its position t. The positions from `first` on are computed, those before it
// only seen: another document computes them, with which this one shares its beginning. Rows from `first` on are consecutive.
struct AttentionDocument {
  const std::int32_t* rows;
  std::size_t first;
  std::size_t size;
};

// Matrices of attention have space for kRowPadding rows more, as a kernel may compute some rows after each document's last;
// they are those of documents that come later.
//
// Causal attention of each head: out = softmax(q k / sqrt(head_dim)) v. In qkv, q begins at vector 0, k at vector
// vectors_of(n_embd), v after that.
struct AttentionCall {
  std::span<const AttentionDocument> documents;
  std::size_t n_embd;
  std::size_t n_head;
  ConstPanels qkv;
  Panels out;
  float* probabilities;  // kept for the gradient; attention_probabilities_size() floats for each document, one after another
  float* scratch;        // attention_scratch() floats
  std::size_t head_begin = 0;
  std::size_t head_end = n_head;  // fewer than all only as attention_cuts() allow
};

// y = init + x * (mask.scale() where the mask keeps the value, else 0): of documents each position of which is a row of its
// own, one after another from row 0. The first one is document `first_document` of its batch. x, init and y are laid out alike.
struct DropoutCall {
  DropoutMask mask;  // that drops something
  DropoutSite site;
  std::span<const AttentionDocument> documents;
  std::size_t first_document;
  ConstPanels x;      // [rows][n_embd]
  const float* init;  // or null: 0
  Panels y;           // may be x, and init
};

// The gradient of AttentionCall. dqkv is overwritten for the rows that the documents compute, and the features of the heads: a
// batch's, when it has been called for all of both.
struct AttentionBackwardCall {
  AttentionCall forward;
  ConstPanels dout;
  Panels dqkv;
};

// Positions that a cache of keys and values has space for, and the floats of one document's cache: an odd number of vectors, so
// that the same position of many documents does not fall on the same few places of the processor's cache.
constexpr std::size_t attention_cache_positions(std::size_t block_size) { return (block_size + 3) / 4 * 4; }
constexpr std::size_t attention_cache_size(std::size_t n_embd, std::size_t block_size) {
  return 2 * round_up_to_vector(n_embd) * attention_cache_positions(block_size) + kVectorLanes;
}

constexpr std::size_t attention_step_scratch(std::size_t block_size) {
  return std::max(4 * attention_cache_positions(block_size), round_up_to_vector(block_size));
}

// What follows is of streams, documents that grow by a position at a time. Their rows have their features end to end, rounded
// up to 16, and there are no spare rows. What is computed of a row does not depend on how many there are.

// Attention of one new position for each of some documents: row i of qkv is that of document i at positions[i], and its key and
// value are appended to its cache.
struct AttentionStepCall {
  std::size_t n_embd;
  std::size_t n_head;
  std::size_t block_size;
  const float* qkv;  // queries, keys and values: [rows][3][n_embd]
  float* out;        // [rows][n_embd]
  std::span<const std::int32_t> positions;
  float* cache;    // attention_cache_size() floats for each document; finite
  float* scratch;  // attention_step_scratch() floats
};

// y[row][n] = epilogue(scale[row] * sum_k x[row][k] * weights[k][n]), or addend[row][n] + scale[row] * that sum. It is there
// sooner than the one chain of ProductCall: the sum over k is one of blocks of kProductBlock, and each of these of two chains
// of fused multiply-adds, k modulo 2, or for a vector that is alone in its panel of four, k modulo 4; what is left of k is one.
// `epilogue`: store, relu or squared_relu, which keeps nothing for a gradient.
inline constexpr std::size_t kProductBlock = 16;

struct RowProductCall {
  const float* x = nullptr;
  std::size_t rows = 0;
  ConstPanels weights = {};
  std::size_t k = 0;
  float* y = nullptr;
  const float* scale = nullptr;         // or null: 1
  const float* addend = nullptr;        // or null; may be y
  Epilogue epilogue = Epilogue::store;  // where there is no addend
};

// scale = (mean of x^2 + 1e-5)^-1/2 of each row: its norm is x * scale.
struct RowScaleCall {
  const float* x;
  std::size_t rows;
  std::size_t features;
  float* scale;  // [rows]
};

// embedded[row] = wte[tokens[row]] + wpe[positions[row]], x = norm(embedded), and what the norm of x takes:
// norm(x) = embedded * scale_twice.
struct RowEmbeddingCall {
  ConstPanels wte;
  ConstPanels wpe;
  std::span<const Token> tokens;
  std::span<const std::int32_t> positions;
  std::size_t features;
  float* embedded;
  float* x;
  float* scale;        // scratch: [rows]
  float* scale_twice;  // [rows]
};

constexpr std::size_t draw_scratch(std::size_t features) { return 2 * round_up_to_vector(features); }

// tokens[row] is the first one at which the running sum of softmax(logits * inverse_temperature) passes uniforms[row], which is
// at least 0 and below 1. False where some row's probabilities are not numbers.
struct DrawCall {
  const float* logits;
  std::size_t features;
  float inverse_temperature;
  std::span<const float> uniforms;
  std::span<Token> tokens;
  float* scratch;  // draw_scratch() floats
};

// b[f][row] = a[row][f]; rows and features are rounded up to 16 in both.
struct TransposeCall {
  ConstPanels a;
  std::size_t rows;
  Panels b;
};

// logits[i] = logit_weight * logits[i] + probability_weight * ln probabilities[i]. REQUIRES: a multiple of 16 of both; normal
// probabilities above 0.
struct MixCall {
  std::span<float> logits;
  std::span<const float> probabilities;
  float logit_weight;
  float probability_weight;
};

struct Kernels {
  void (*product)(const ProductCall&) = nullptr;
  void (*transposed_product)(const TransposedProductCall&) = nullptr;
  void (*rms_norm)(const RmsNormCall&) = nullptr;
  void (*rms_norm_backward)(const RmsNormBackwardCall&) = nullptr;
  void (*embedding)(const EmbeddingCall&) = nullptr;
  void (*embedding_backward)(const EmbeddingBackwardCall&) = nullptr;
  void (*softmax)(const SoftmaxCall&) = nullptr;
  void (*attention)(const AttentionCall&) = nullptr;
  void (*attention_backward)(const AttentionBackwardCall&) = nullptr;
  void (*attention_step)(const AttentionStepCall&) = nullptr;
  void (*row_product)(const RowProductCall&) = nullptr;
  void (*row_scale)(const RowScaleCall&) = nullptr;
  void (*row_embedding)(const RowEmbeddingCall&) = nullptr;
  bool (*draw_tokens)(const DrawCall&) = nullptr;
  void (*mix)(const MixCall&) = nullptr;
  void (*dropout)(const DropoutCall&) = nullptr;
  void (*transpose)(const TransposeCall&) = nullptr;
  // sum[i] += addend[i].
  void (*add)(std::span<float> sum, std::span<const float> addend) = nullptr;
};

// REQUIRES: the target is available on this machine.
const Kernels& kernels_for(Target target);

// Floats that attention keeps of a document whose positions from `first` on are computed, and those it works with at a time: of
// any document of so many positions, and of these. It takes more where a document's rows do not lie one after the other.
std::size_t attention_probabilities_size(std::size_t n_embd, std::size_t n_head, std::size_t first, std::size_t positions);
std::size_t attention_scratch(std::size_t n_embd, std::size_t n_head, std::size_t positions);
std::size_t attention_scratch(std::size_t n_embd, std::size_t n_head, std::span<const AttentionDocument> documents);

// How attention and its gradient may be shared out among threads: calls for different heads, where each begins with a multiple
// of `heads`; and, with `documents`, also calls for different documents. (A call may write some rows after a document's last
// one, but only where their number is not a multiple of kRowPadding. Documents that begin alike add to the same rows.)
struct AttentionCuts {
  std::size_t heads;
  bool documents;
};
AttentionCuts attention_cuts(std::size_t n_embd, std::size_t n_head, std::span<const AttentionDocument> documents);

}  // namespace microgpt::fast
