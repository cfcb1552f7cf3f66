// SPDX-License-Identifier: MIT
// New documents of a model, as `train` and `sample` print them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "cli/interruption.h"
#include "engine/engine.h"
#include "inference/generate.h"
#include "inference/sample_search.h"
#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "scoring/mixture.h"
#include "text/names.h"

namespace microgpt {

enum class SampleFormat {
  lines,
  tsv,
  csv,
  jsonl,
};

inline constexpr std::array<Named<SampleFormat>, 4> kSampleFormatNames{{
    {SampleFormat::lines, "lines"},
    {SampleFormat::tsv, "tsv"},
    {SampleFormat::csv, "csv"},
    {SampleFormat::jsonl, "jsonl"},
}};

// By all bits of a document; of equal ones, the one that was found first comes first.
enum class SampleOrder {
  likeliest,
  oddest,
};

inline constexpr std::array<Named<SampleOrder>, 2> kSampleOrderNames{{
    {SampleOrder::likeliest, "likeliest"},
    {SampleOrder::oddest, "oddest"},
}};

struct SampleSettings {
  CorpusKind kind = CorpusKind::lines;  // what the model was trained on
  std::size_t count = 10;
  double temperature = 0.5;
  TokenFilter filter = {};
  std::uint64_t seed = 42;
  std::size_t min_length = 0;             // characters
  std::optional<std::size_t> max_length;  // characters; nothing: of lines the context, of a text kTextSampleLength
  std::vector<Token> prompt = {};
  Constraints constraints = {};
  std::optional<std::size_t> budget;  // nothing: default_budget()
  SampleFormat format = SampleFormat::lines;
  bool exact_conditional = false;
  bool with_score = false;            // REQUIRES: a format of records
  std::optional<SampleOrder> order;   // nothing: as they are found
  const Mixture* mixture = nullptr;   // which predicts in place of the engine; or null
  const NgramModel* ngram = nullptr;  // of that mixture, where it predicts alone; or null
};

// Adds --max-length.
void add_max_length(Command& command, std::optional<std::size_t>& max_length);

// The most characters of a sample, those of the prompt included.
std::size_t longest_sample(const SampleSettings& settings, const Config& config);

// What print_samples() asks for.
SearchOptions search_options(const SampleSettings& settings, const Config& config);

// In the format of lines, each sample of a model of lines is a line; those of a running text have lines of their own, and stand
// apart by a line "---". Of a running text, a prompt is read as if from its midst. The same call prints the same, with any
// number of engines, which have the same parameters. Throws as find_documents() and Interruption::check(). Throws Error where
// fewer are found than are wanted, after those. REQUIRES: a prompt shorter than longest_sample(), and no min_length above it.
void print_samples(std::span<Engine* const> engines, const Tokenizer& tokenizer, const SampleSettings& settings,
                   const Interruption& interruption);

}  // namespace microgpt
