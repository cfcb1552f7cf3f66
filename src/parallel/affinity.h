// Which cores a thread may run on.
#pragma once

#include <span>
#include <vector>

namespace microgpt {

// The cores that this thread may run on, a bit each: as many words in all processes of a machine, however many cores it has.
// Empty where the system does not say.
using AffinityMask = std::vector<unsigned long>;
AffinityMask affinity_mask();

// REQUIRES: masks of one machine.
bool share_a_core(std::span<const unsigned long> a, std::span<const unsigned long> b);

}  // namespace microgpt
