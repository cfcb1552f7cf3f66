// SPDX-License-Identifier: MIT
// A corpus that the command line names.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "microgpt/corpus.h"
#include "text/split.h"
#include "training/train_state.h"

namespace microgpt {

struct LoadedCorpus {
  Corpus corpus;
  CorpusSource source;

  // Of the files that are held out of it: their names, and what of them was not UTF-8.
  std::vector<std::pair<std::string, InvalidBytes>> held_out = {};
};

// From the file, from standard input where it is "-", or the embedded names where there is none; of a file of several classes
// the lines with that label, where one is given. Throws Error as read_corpus().
LoadedCorpus load_corpus(const std::optional<std::string>& path, const CorpusFormat& format, const std::string& label = "");

// The same of bytes that were read from there.
LoadedCorpus corpus_of_bytes(const std::string& path, std::string bytes, const CorpusFormat& format, const std::string& label);

// That corpus with what is held out of it. The hashes in `division` are not looked at; those of the files come back. Throws
// Error as load_corpus().
LoadedCorpus divided(LoadedCorpus loaded, const CorpusDivision& division);

// That of a run which is resumed, and which may have moved: then `given` says where it is. `input` are its bytes where they
// were read already, from standard input. Throws UsageError: it came from standard input, and is not given. Throws Error: as
// above; it has changed.
LoadedCorpus load_corpus_again(const std::string& command, const CorpusSource& source, const std::optional<std::string>& given,
                               const std::string& folder, const std::optional<std::string>& input = std::nullopt);

// Where the corpus of a run is from now on, and its other files: when it is resumed again they are looked for there. Whether
// anything has changed.
bool update_source(const LoadedCorpus& loaded, CorpusSource& source);

// Says on standard error what was replaced or skipped, where something was.
void inform_of_invalid_bytes(const LoadedCorpus& loaded);

// Whether a command can do without what is held out.
enum class NothingHeldOut { possible, impossible };

// What to do where a part of one of these is empty.
std::string remedy_of_empty_part(std::span<const CorpusToSplit> corpora, double held_out, NothingHeldOut nothing);

// Does the work. Where that throws EmptyPart, throws Error with this remedy.
template <typename Work>
void with_all_parts(std::span<const CorpusToSplit> corpora, NothingHeldOut nothing, Work work) {
  try {
    work();
  } catch (const EmptyPart& error) {
    throw Error(error.problem() + "; " + remedy_of_empty_part(corpora, error.held_out(), nothing));
  }
}

}  // namespace microgpt
