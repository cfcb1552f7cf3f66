// SPDX-License-Identifier: MIT
// The n-gram as a teacher of the GPT: it says what else might have come at each position, and writes documents of its own.
//
// From few documents an n-gram learns what a GPT needs many for. Of a document that is trained on it must not say what it has
// counted there, or it would be sure of everything: so the documents are dealt into kFolds parts by their content, and each
// part is predicted by an n-gram that has counted the others (cross-fitting). Of a document that the n-gram has written, what
// it must teach is its own distribution.
// Source: distillation as in soft_targets.h; the idea of smoothing a network by an n-gram is that of Xie et al., "Data noising
// as smoothing in neural network language models", 2017.
//
// The same bits on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ngram/ngram_model.h"
#include "text/tokenized_documents.h"
#include "training/soft_targets.h"
#include "training/training_windows.h"

namespace microgpt {

// The documents, and after them `count` ones that the n-gram writes, drawn token by token from its distribution. What grows
// longer than the longest of the documents is left there without an end. REQUIRES: there is a document, of the model's
// vocabulary.
TokenizedDocuments with_written_documents(const TokenizedDocuments& documents, const NgramModel& ngram, std::size_t count,
                                          std::uint64_t seed);

// Takes the n-gram's predictions into the targets: in the proportion `share` for the first `own` documents of the windows, and
// all of it for the others, which the n-gram has written. REQUIRES: `share` is from 0 to 1; the targets are of these windows;
// own is at least 1.
void mix_in_ngram(const NgramModel& ngram, const TrainingWindows& windows, std::size_t own, double share, SoftTargets& targets);

}  // namespace microgpt
