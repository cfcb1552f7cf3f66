// microgpt reference: what microgpt.py prints, byte for byte.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/terminal.h"
#include "inference/generate.h"
#include "io/file.h"
#include "report/hex_float.h"
#include "training/reference_run.h"

namespace microgpt {
namespace {

struct Options {
  std::optional<std::string> corpus;
  std::string revision{kFinalRevision.name};
  std::string engine = "graph";
  ReferenceOptions run;
  double temperature = 0.5;
  std::size_t num_samples = 20;
  std::optional<std::string> trace;
  std::optional<std::string> params;
};

const Revision& find_revision(const std::string& name) {
  for (const Revision& revision : kRevisions)
    if (revision.name == name) return revision;
  throw UsageError(fmt::format("--revision {}: final or first is expected", name));
}

void print_step(const Revision& revision, std::size_t step, std::size_t num_steps, double loss, bool at_once) {
  print(fmt::format("step {:4d} / {:4d} | loss {:.4f}{}", step, num_steps, loss, revision.step_line_end));
  if (at_once) flush_output();
}

void train(ReferenceRun& run, const Revision& revision, std::optional<OutputFile>& trace) {
  const bool watched = is_terminal(stdout);
  Trainer& trainer = run.trainer();
  const std::size_t num_steps = trainer.num_steps();
  const Interruption interruption;
  ProgressBar progress("training", std::max<std::size_t>(1, num_steps), !watched);
  while (trainer.step() < num_steps) {
    interruption.check();
    const double loss = trainer.train_step();
    print_step(revision, trainer.step(), num_steps, loss, watched);
    if (trace) trace->write(hex_float(loss) + "\n");
    progress.update(trainer.step(), fmt::format("step {} of {}, loss {:.4f}", trainer.step(), num_steps, loss));
  }
}

void print_samples(ReferenceRun& run, const Options& options) {
  print(fmt::format("\n{}\n", options.run.revision->sample_heading));
  const Tokenizer& tokenizer = run.tokenizer();
  const Interruption interruption;
  for (std::size_t i = 1; i <= options.num_samples; ++i) {
    interruption.check();
    const std::vector<Token> sample = generate(run.engine(), tokenizer.bos(), options.temperature, run.random());
    print(fmt::format("sample {:2d}: {}\n", i, tokenizer.decode(sample)));
  }
}

void write_parameters(ReferenceRun& run, OutputFile& file) {
  std::vector<double> parameters(run.table().parameter_count());
  run.engine().store(parameters);
  for (const double parameter : parameters) file.write(hex_float(parameter) + "\n");
}

std::optional<OutputFile> open_if_given(const std::optional<std::string>& path) {
  return path ? std::optional<OutputFile>(*path) : std::nullopt;
}

void run_reference(Options options) {
  options.run.revision = &find_revision(options.revision);
  if (options.engine != "graph") throw UsageError(fmt::format("--engine {}: graph is expected", options.engine));
  const Corpus corpus = options.corpus ? read_corpus(*options.corpus, ByteOrderMark::keep) : embedded_names();
  ReferenceRun run(corpus, options.run);
  std::optional<OutputFile> trace = open_if_given(options.trace);
  std::optional<OutputFile> params = open_if_given(options.params);

  print(fmt::format("num docs: {}\nvocab size: {}\nnum params: {}\n", corpus.size(), run.tokenizer().vocab_size(),
                    run.table().parameter_count()));
  train(run, *options.run.revision, trace);
  if (trace) trace->close();
  if (params) {
    write_parameters(run, *params);
    params->close();
  }
  print_samples(run, options);
}

}  // namespace

void add_reference_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("reference", "Print what microgpt.py prints, byte for byte");
  const auto options = std::make_shared<Options>();
  command->add_option("--corpus", options->corpus, "Documents, one a line; - is standard input [the embedded names]")
      ->type_name("FILE");
  command->add_option("--revision", options->revision, "Which microgpt.py: final or first [final]")->type_name("NAME");
  add_integer(
      *command, "--seed", kAnySeed, [=](std::size_t n) { options->run.seed = n; }, "Seed of all random numbers [42]");
  add_integer(
      *command, "--num-steps", kStepCount, [=](std::size_t n) { options->run.num_steps = n; },
      "Training steps [final 1000, first 500]");
  add_integer(
      *command, "--n-layer", Config::kNLayer, [=](std::size_t n) { options->run.n_layer = n; }, "Layers [1]");
  add_integer(
      *command, "--n-embd", Config::kNEmbd, [=](std::size_t n) { options->run.n_embd = n; },
      "Width, a multiple of --n-head [16]");
  add_integer(
      *command, "--n-head", Config::kNHead, [=](std::size_t n) { options->run.n_head = n; }, "Attention heads [4]");
  add_integer(
      *command, "--block-size", Config::kBlockSize, [=](std::size_t n) { options->run.block_size = n; },
      "Longest context [final 16, first 8]");
  add_positive_real(
      *command, "--temperature", [=](double x) { options->temperature = x; }, "Of the samples [0.5]");
  add_integer(
      *command, "--num-samples", kSampleCount, [=](std::size_t n) { options->num_samples = n; }, "How many to print [20]");
  command->add_option("--engine", options->engine, "What computes: graph [graph]")->type_name("NAME");
  command->add_option("--trace", options->trace, "Write each step's loss as float.hex() does")->type_name("FILE");
  command->add_option("--params", options->params, "Write each final parameter as float.hex() does")->type_name("FILE");
  command->callback([=] { run_reference(*options); });
}

}  // namespace microgpt
