#include "parallel/affinity.h"

#include <sched.h>

#include <cerrno>
#include <cstddef>
#include <functional>
#include <numeric>

namespace microgpt {

AffinityMask affinity_mask() {
  constexpr std::size_t kMostBytes = std::size_t{1} << 20;
  for (std::size_t bytes = sizeof(cpu_set_t); bytes <= kMostBytes; bytes *= 2) {
    AffinityMask mask(bytes / sizeof(unsigned long));
    if (sched_getaffinity(0, bytes, reinterpret_cast<cpu_set_t*>(mask.data())) == 0) return mask;
    if (errno != EINVAL) break;  // which says that the machine has more cores than that
  }
  return {};
}

bool share_a_core(std::span<const unsigned long> a, std::span<const unsigned long> b) {
  return std::transform_reduce(a.begin(), a.end(), b.begin(), false, std::logical_or(),
                               [](unsigned long x, unsigned long y) { return (x & y) != 0; });
}

}  // namespace microgpt
