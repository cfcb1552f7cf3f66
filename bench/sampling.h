// How long a token takes when text is made.
#pragma once

#include <cstddef>

#include "bench/series.h"

namespace microgpt::bench {

struct SamplingSeries {
  Series one_stream;    // seconds a token, end to end: the model, the choice of the next token, the documents handed over
  Series many_streams;  // likewise of kSamplerStreams documents in lock step, those that end making room for others
};

struct SamplingTimes {
  SamplingSeries computed;
  SamplingSeries looked_up;  // with the table of the first layer, without the time that building it takes
  Series table;              // seconds to build it
};

// Of the model of width 16.
SamplingTimes time_sampling(std::size_t rounds);

}  // namespace microgpt::bench
