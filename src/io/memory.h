// How much memory there is.
#pragma once

#include <cstdint>

namespace microgpt {

// In bytes; what this machine has, whoever uses it.
std::uint64_t physical_memory();

}  // namespace microgpt
