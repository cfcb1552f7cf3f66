// SPDX-License-Identifier: MIT
// Whether lines look like those of a running text, which are no documents of their own.
#pragma once

#include "microgpt/corpus.h"

namespace microgpt {

// Most lines are words: five or more, of letters; and some end with a full stop or the like. A guess, for a hint.
// REQUIRES: the corpus is of lines.
bool looks_like_prose(const Corpus& corpus);

}  // namespace microgpt
