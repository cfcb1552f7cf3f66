// SPDX-License-Identifier: MIT
// How long a context is where none is asked for: as long as the documents are.
#pragma once

#include <cstddef>
#include <span>

#include "microgpt/corpus.h"
#include "training/training_run.h"

namespace microgpt {

// What is longer is read in windows: attention to all before a position takes longer with each of them, and few positions gain.
inline constexpr std::size_t kMostDefaultContext = 256;
inline constexpr std::size_t kDefaultTextContext = 64;

// The positions of the longest document of these corpora that is trained on, at most kMostDefaultContext; of a running text
// kDefaultTextContext. Throws as split_corpus(). REQUIRES: a corpus; all are of one kind.
std::size_t default_context(std::span<const Corpus* const> corpora, const TrainingRunOptions& options);

}  // namespace microgpt
