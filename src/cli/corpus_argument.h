// SPDX-License-Identifier: MIT
// A corpus that the command line names.
#pragma once

#include <optional>
#include <string>

#include "microgpt/corpus.h"
#include "training/train_state.h"

namespace microgpt {

struct LoadedCorpus {
  Corpus corpus;
  CorpusSource source;
};

// From the file, from standard input where it is "-", or the embedded names where there is none. Throws Error as read_corpus().
LoadedCorpus load_corpus(const std::optional<std::string>& path, const CorpusFormat& format);

// That of a run which is resumed, and which may have moved: then `given` says where it is. Throws UsageError: it came from
// standard input, and is not given. Throws Error: as above; it has changed.
LoadedCorpus load_corpus_again(const std::string& command, const CorpusSource& source, const std::optional<std::string>& given,
                               const std::string& folder);

}  // namespace microgpt
