// microgpt sample: new documents from a saved model, one a line.
#include <fmt/format.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/target.h"
#include "cli/terminal.h"
#include "inference/sampler.h"
#include "microgpt/engine.h"
#include "model/saved_model.h"
#include "text/utf8.h"

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
  if (model.tokenizer.encoding() == Encoding::utf8 && find_invalid_utf8(prompt))
    throw UsageError("--prompt: this is not UTF-8");
  std::vector<Token> tokens = model.tokenizer.encode(prompt);
  tokens.erase(tokens.begin());
  tokens.pop_back();
  if (tokens.size() >= model.config.block_size)
    throw UsageError(
        fmt::format("--prompt: {} characters leave no room in the context of {}", tokens.size(), model.config.block_size));
  return tokens;
}

void run_sample(const Options& options) {
  const Target target = target_from_environment();
  const SavedModel model = load_model(options.folder);
  const std::vector<Token> prompt = encode_prompt(model, options.prompt);
  const std::unique_ptr<Engine> engine = make_fast_engine(model.config, {.target = target});
  engine->load(model.parameters);
  const Interruption interruption;
  sample_documents(*engine, model.tokenizer.bos(), options.num_samples,
                   {.temperature = options.temperature, .seed = options.seed, .prompt = prompt},
                   [&](std::span<const Token> tokens) {
                     print(model.tokenizer.decode(tokens) + "\n");
                     interruption.check();
                   });
}

}  // namespace

void add_sample_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("sample", "Make up new documents with a saved model, one a line");
  const auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->folder, "The folder of the model")->required()->type_name("");
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
