// SPDX-License-Identifier: MIT
#include "simd/lane_functions.h"

#include <cstdlib>

#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/lane_functions.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "simd/lane_math-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::lanes::HWY_NAMESPACE {
namespace {

void exp_all(std::span<const float> from, float* to) {
  for (std::size_t i = 0; i < from.size(); i += kLanes) store(exp(load(from.data() + i)), to + i);
}

void log_all(std::span<const float> from, float* to) {
  for (std::size_t i = 0; i < from.size(); i += kLanes) store(log(load(from.data() + i)), to + i);
}

void inverse_sqrt_all(std::span<const float> from, float* to) {
  for (std::size_t i = 0; i < from.size(); i += kLanes) store(inverse_sqrt(load(from.data() + i)), to + i);
}

void square_root_all(std::span<const float> from, float* to) {
  for (std::size_t i = 0; i < from.size(); i += kLanes) store(square_root(load(from.data() + i)), to + i);
}

void load_rows(const float* from, Lanes* rows) {
  for (std::size_t i = 0; i < kLanes; ++i) rows[i] = load(from + i * kLanes);
}

void sum_rows(const float* from, float* sums) {
  Lanes rows[kLanes];
  load_rows(from, rows);
  store(lane_sums(rows), sums);
}

void maximize_rows(const float* from, float* maxima) {
  Lanes rows[kLanes];
  load_rows(from, rows);
  store(lane_maxima(rows), maxima);
}

void transpose_rows(float* matrix) {
  Lanes rows[kLanes];
  load_rows(matrix, rows);
  transpose(rows);
  for (std::size_t i = 0; i < kLanes; ++i) store(rows[i], matrix + i * kLanes);
}

void sum_lanes(float* x) { store(broadcast_sum(load(x)), x); }
void maximize_lanes(float* x) { store(broadcast_maximum(load(x)), x); }

void choose_lanes(const float* a, std::size_t n, const float* b, float* to) { store(first_lanes(load(a), n, load(b)), to); }

}  // namespace

extern const testing::LaneFunctions kLaneFunctions;
const testing::LaneFunctions kLaneFunctions{
    .exp = exp_all,
    .log = log_all,
    .inverse_sqrt = inverse_sqrt_all,
    .square_root = square_root_all,
    .lane_sums = sum_rows,
    .lane_maxima = maximize_rows,
    .transpose = transpose_rows,
    .broadcast_sum = sum_lanes,
    .broadcast_maximum = maximize_lanes,
    .first_lanes = choose_lanes,
};

}  // namespace microgpt::lanes::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace microgpt::testing {

#define MICROGPT_TABLE(name, highway) \
  case Target::name:                  \
    return lanes::N_##highway::kLaneFunctions;

const LaneFunctions& lane_functions_for(Target target) {
  switch (target) {
    MICROGPT_FOR_EACH_TARGET(MICROGPT_TABLE)
    default:
      std::abort();
  }
}

}  // namespace microgpt::testing
#endif
