// New documents of a model, as `train` and `sample` print them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cli/interruption.h"
#include "microgpt/corpus.h"
#include "microgpt/engine.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

inline constexpr std::size_t kTextSampleLength = 500;  // characters, where no other length is asked for

struct SampleSettings {
  CorpusKind kind = CorpusKind::lines;  // what the model was trained on
  std::size_t count = 10;
  double temperature = 0.5;
  std::uint64_t seed = 42;
  std::optional<std::size_t> max_length;  // characters; nothing: of lines the context, of a text kTextSampleLength
  std::vector<Token> prompt = {};
};

// Adds --max-length.
void add_max_length(CLI::App& command, std::optional<std::size_t>& max_length);

// The most characters of a sample, those of the prompt included.
std::size_t longest_sample(const SampleSettings& settings, const Config& config);

// Of lines, each sample is a line. Those of a running text have lines of their own, and stand apart by a line "---"; a prompt
// is read as if from the midst of the text. The same call prints the same. Throws as sample_documents() and
// Interruption::check(). REQUIRES: a prompt shorter than longest_sample().
void print_samples(Engine& engine, const Tokenizer& tokenizer, const SampleSettings& settings,
                   const Interruption& interruption);

}  // namespace microgpt
