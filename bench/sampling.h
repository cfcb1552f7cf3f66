// How long a token takes when text is made.
#pragma once

#include <cstddef>
#include <optional>

#include "bench/series.h"

namespace microgpt::bench {

struct SamplingTimes {
  Series single_stream;  // seconds a token: through the cache, the choice of the next token, one after another
  Series many_streams;   // likewise of kSamplerStreams documents in lock step, those that end making room for others
};

// Of the model of width 16; nothing where the fast engine has no streams.
std::optional<SamplingTimes> time_sampling(std::size_t rounds);

}  // namespace microgpt::bench
