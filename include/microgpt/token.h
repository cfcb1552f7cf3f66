// SPDX-License-Identifier: MIT
// A token's number in the vocabulary; see microgpt/tokenizer.h.
#pragma once

#include <cstdint>

namespace microgpt {

using Token = std::int32_t;

}  // namespace microgpt
