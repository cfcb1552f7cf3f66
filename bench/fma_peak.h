// SPDX-License-Identifier: MIT
// The most multiplications and additions a second that a core does: what the speed of everything else is a share of.
//
// Vectors of fused multiply-adds, each on its own chain and all in registers, with nothing to load: as many chains as hide the
// latency. On every compiler this runs at two (or whatever the core has) vectors a cycle, so that what changes from one moment
// to the next is the clock alone, which depends on the neighbours. Hence a share is taken of the peak around the same moment.
#pragma once

#include <map>

#include "simd/target.h"

namespace microgpt::bench {

class FmaPeak {
 public:
  // GFLOP/s in single precision, now: the best of some short segments; 0 for `scalar`, which has no vectors.
  double measure(Target target);

  // The best so far; 0 where there was none.
  double best(Target target) const;
  const std::map<Target, double>& all() const { return best_; }

 private:
  std::map<Target, double> best_;
};

}  // namespace microgpt::bench
