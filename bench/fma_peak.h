// The most multiplications and additions a second that a core does: what the speed of everything else is a share of.
//
// Vectors of fused multiply-adds, each on its own chain and all in registers, with nothing to load: as many chains as hide the
// latency. On every compiler this runs at two (or whatever the core has) vectors a cycle, so that what changes from run to run
// is the clock alone, which depends on the neighbours. Hence the best of many segments, spread over the whole run.
#pragma once

#include <map>

#include "microgpt/target.h"

namespace microgpt::bench {

class FmaPeak {
 public:
  // One short segment for each available instruction set but `scalar`, which has no vectors.
  void measure();

  // GFLOP/s in single precision, the best so far; 0 where it is not measured.
  double best(Target target) const;
  const std::map<Target, double>& all() const { return best_; }

 private:
  std::map<Target, double> best_;
};

}  // namespace microgpt::bench
