// SPDX-License-Identifier: MIT
// A model that goes on with documents of characters that it has never seen.
#pragma once

#include <cstdint>

#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "training/training_run.h"

namespace microgpt {

// The model with the corpus's characters, too: each gets a row of wte and of lm_head that is drawn from the seed as those of a
// fresh model are, and all else stays as it is. `config` is the model's. REQUIRES: the model has parameters, of that shape, and
// the encoding of the corpus.
InitialModel with_characters_of(const Corpus& corpus, const InitialModel& model, Config config, std::uint64_t seed);

}  // namespace microgpt
