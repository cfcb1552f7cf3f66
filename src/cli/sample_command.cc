// microgpt sample: new documents from a saved model, one a line, or of a running text as long as one likes.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/model_arguments.h"
#include "cli/samples.h"
#include "microgpt/engine.h"
#include "training/run_folder.h"

namespace microgpt {
namespace {

struct Options {
  std::string folder;
  std::string prompt;
  SampleSettings samples;
};

// The tokens of the prompt, without BOS.
std::vector<Token> encode_prompt(const Tokenizer& tokenizer, const std::string& prompt) {
  require_encoding(tokenizer, "--prompt", prompt);
  std::vector<Token> tokens;
  try {
    tokens = tokenizer.encode(prompt);
  } catch (const Error& error) {
    throw Error(fmt::format("--prompt: {}; take others", error.what()));
  }
  tokens.erase(tokens.begin());
  tokens.pop_back();
  return tokens;
}

void require_room(const SampleSettings& samples, const Config& config) {
  const std::size_t longest = longest_sample(samples, config);
  const std::size_t characters = samples.prompt.size();
  if (characters < longest) return;
  if (samples.kind == CorpusKind::lines && !samples.max_length)
    throw UsageError(
        fmt::format("--prompt: {} characters leave no room in the context of {}; --max-length N makes longer documents",
                    characters, longest));
  throw UsageError(fmt::format("--prompt: {} characters leave no room in a --max-length of {}", characters, longest));
}

void run_sample(Options options) {
  const OpenModel model = open_model(options.folder, EngineKind::fast);
  SampleSettings& samples = options.samples;
  samples.prompt = encode_prompt(model.saved.tokenizer, options.prompt);
  if (const auto state = load_train_state(options.folder)) samples.kind = state->corpus.format.kind;
  require_room(samples, model.saved.config);
  print_samples(*model.engine, model.saved.tokenizer, samples, Interruption());
}

}  // namespace

void add_sample_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("sample", "Make up new documents with a saved model");
  const auto options = std::make_shared<Options>();
  add_model(*command, options->folder)->required();
  add_integer(
      *command, "-n,--num-samples", kSampleCount, [=](std::size_t n) { options->samples.count = n; },
      fmt::format("How many documents [{}]", options->samples.count));
  add_real(
      *command, "--temperature", {0.0}, [=](double x) { options->samples.temperature = x; },
      fmt::format("Low is likely, high is daring, 0 always takes the likeliest [{}]", options->samples.temperature));
  command->add_option("--prompt", options->prompt, "How each document begins")->type_name("TEXT");
  add_max_length(*command, options->samples.max_length);
  add_integer(
      *command, "--seed", kAnySeed, [=](std::size_t n) { options->samples.seed = n; },
      fmt::format("Seed of all random numbers [{}]", options->samples.seed));
  command->callback([=] { run_sample(*options); });
}

}  // namespace microgpt
