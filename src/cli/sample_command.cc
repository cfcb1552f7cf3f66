// microgpt sample: new documents from a saved model, one a line.
#include <fmt/format.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/model_arguments.h"
#include "cli/terminal.h"
#include "inference/sampler.h"
#include "microgpt/engine.h"

namespace microgpt {
namespace {

struct Options {
  std::string folder;
  std::size_t num_samples = 10;
  double temperature = 0.5;
  std::string prompt;
  std::size_t seed = 42;
};

// The tokens of the prompt, without BOS.
std::vector<Token> encode_prompt(const SavedModel& model, const std::string& prompt) {
  require_encoding(model.tokenizer, "--prompt", prompt);
  std::vector<Token> tokens = model.tokenizer.encode(prompt);
  tokens.erase(tokens.begin());
  tokens.pop_back();
  if (tokens.size() >= model.config.block_size)
    throw UsageError(
        fmt::format("--prompt: {} characters leave no room in the context of {}", tokens.size(), model.config.block_size));
  return tokens;
}

void run_sample(const Options& options) {
  const OpenModel model = open_model(options.folder, EngineKind::fast);
  const std::vector<Token> prompt = encode_prompt(model.saved, options.prompt);
  const Interruption interruption;
  sample_documents(*model.engine, model.saved.tokenizer.bos(), options.num_samples,
                   {.temperature = options.temperature, .seed = options.seed, .prompt = prompt},
                   [&](std::span<const Token> tokens) {
                     print(model.saved.tokenizer.decode(tokens) + "\n");
                     interruption.check();
                   });
}

}  // namespace

void add_sample_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("sample", "Make up new documents with a saved model, one a line");
  const auto options = std::make_shared<Options>();
  add_model(*command, options->folder)->required();
  add_integer(
      *command, "-n,--num-samples", kSampleCount, [=](std::size_t n) { options->num_samples = n; },
      fmt::format("How many documents [{}]", options->num_samples));
  add_real(
      *command, "--temperature", {0.0}, [=](double x) { options->temperature = x; },
      fmt::format("Low is likely, high is daring, 0 always takes the likeliest [{}]", options->temperature));
  command->add_option("--prompt", options->prompt, "How each document begins")->type_name("TEXT");
  add_integer(
      *command, "--seed", kAnySeed, [=](std::size_t n) { options->seed = n; },
      fmt::format("Seed of all random numbers [{}]", options->seed));
  command->callback([=] { run_sample(*options); });
}

}  // namespace microgpt
