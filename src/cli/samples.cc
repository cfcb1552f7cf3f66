#include "cli/samples.h"

#include <fmt/format.h>

#include <span>

#include "cli/arguments.h"
#include "cli/settings_flags.h"
#include "cli/terminal.h"
#include "inference/sampler.h"

namespace microgpt {
namespace {

constexpr Range kSampleLength{1, 1'000'000'000};

}  // namespace

void add_max_length(CLI::App& command, std::optional<std::size_t>& max_length) {
  add_integer(command, "--max-length", kSampleLength, into(max_length),
              fmt::format("The most characters of a sample [the context; of a running text {}]", kTextSampleLength));
}

std::size_t longest_sample(const SampleSettings& settings, const Config& config) {
  return settings.max_length.value_or(settings.kind == CorpusKind::text ? kTextSampleLength : config.block_size);
}

void print_samples(Engine& engine, const Tokenizer& tokenizer, const SampleSettings& settings,
                   const Interruption& interruption) {
  const bool is_text = settings.kind == CorpusKind::text;
  const SamplerOptions options{.temperature = settings.temperature,
                               .seed = settings.seed,
                               .prompt = settings.prompt,
                               .prompt_after_bos = !is_text || settings.prompt.empty(),
                               .max_length = longest_sample(settings, engine.config()),
                               .between_steps = [&] { interruption.check(); }};
  bool is_first = true;
  sample_documents(engine, tokenizer.bos(), settings.count, options, [&](std::span<const Token> tokens) {
    if (is_text && !is_first) print("---\n");
    is_first = false;
    print(tokenizer.decode(tokens) + "\n");
  });
}

}  // namespace microgpt
