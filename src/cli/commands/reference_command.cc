// SPDX-License-Identifier: MIT
// microgpt reference: what microgpt.py prints, byte for byte.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/interruption.h"
#include "cli/terminal.h"
#include "inference/generate.h"
#include "io/file.h"
#include "report/numbers.h"
#include "text/corpus_checks.h"
#include "training/reference_run.h"
#include "training/settings.h"

namespace microgpt {
namespace {

struct ReferenceCommandOptions {
  std::optional<std::string> corpus;
  std::string revision{kFinalRevision.name};
  std::string engine{kExactEngineName};
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

EngineKind find_engine(const std::string& name) {
  if (name == kExactEngineName) return EngineKind::exact;
  if (name == kGraphEngineName) return EngineKind::graph;
  throw UsageError(fmt::format("--engine {}: {} or {} is expected", name, kExactEngineName, kGraphEngineName));
}

void print_step(const Revision& revision, std::size_t step, std::size_t num_steps, double loss, bool at_once) {
  print(fmt::format("step {:4d} / {:4d} | loss {:.4f}{}", step, num_steps, loss, revision.step_line_end));
  if (at_once) flush_output();
}

void train(ReferenceRun& run, const Revision& revision, std::optional<OutputFile>& trace, const Interruption& interruption) {
  const bool watched = is_terminal(stdout);
  Trainer& trainer = run.trainer();
  const std::size_t num_steps = trainer.num_steps();
  ProgressBar progress("training", std::max<std::size_t>(1, num_steps), !watched);
  while (trainer.step() < num_steps) {
    const double loss = trainer.train_step();
    print_step(revision, trainer.step(), num_steps, loss, watched);
    if (trace) trace->write(hex_float(loss) + "\n");
    progress.update(trainer.step(), fmt::format("step {} of {}, loss {:.4f}", trainer.step(), num_steps, loss));
    interruption.check();
  }
}

void print_samples(ReferenceRun& run, const ReferenceCommandOptions& options, const Interruption& interruption) {
  print(fmt::format("\n{}\n", options.run.revision->sample_heading));
  const Tokenizer& tokenizer = run.tokenizer();
  for (std::size_t i = 1; i <= options.num_samples; ++i) {
    const std::vector<Token> sample = generate(run.engine(), tokenizer.bos(), options.temperature, run.random());
    print(fmt::format("sample {:2d}: {}\n", i, tokenizer.decode(sample)));
    interruption.check();
  }
}

void report_cut_documents(const Corpus& corpus, std::size_t block_size) {
  if (const std::size_t cut = count_long_documents(corpus, block_size).longer; cut > 0)
    inform(fmt::format("{} of {} documents have more positions than the context of {}; training cuts them, as microgpt.py does",
                       cut, corpus.size(), block_size));
}

void write_parameters(ReferenceRun& run, OutputFile& file) {
  std::vector<double> parameters(run.table().parameter_count());
  run.engine().store(parameters);
  for (const double parameter : parameters) file.write(hex_float(parameter) + "\n");
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code none_of_them_exists;
  return a == b || std::filesystem::equivalent(a, b, none_of_them_exists);
}

// What is written empties its file first, so it must not be one that is needed.
void require_separate_files(const ReferenceCommandOptions& options) {
  for (const auto& [flag, path] : {std::pair("--trace", options.trace), std::pair("--params", options.params)}) {
    if (!path) continue;
    if (*path == "-") throw UsageError(fmt::format("{} -: name a file; standard output has what microgpt.py prints", flag));
    if (options.corpus && same_file(*path, *options.corpus))
      throw UsageError(fmt::format("{} {}: this is the corpus; name another file", flag, *path));
  }
  if (options.trace && options.params && same_file(*options.trace, *options.params))
    throw UsageError(fmt::format("--params {}: --trace goes there; name another file", *options.params));
}

std::optional<OutputFile> open_if_given(const std::optional<std::string>& path) {
  return path ? std::optional<OutputFile>(*path) : std::nullopt;
}

void run_reference(ReferenceCommandOptions options) {
  options.run.revision = &find_revision(options.revision);
  options.run.engine = find_engine(options.engine);
  options.run.target = target_from_environment();
  require_separate_files(options);
  const Corpus corpus =
      options.corpus ? read_corpus(*options.corpus, {.byte_order_mark = ByteOrderMark::keep}) : embedded_names();
  ReferenceRun run(corpus, options.run);
  std::optional<OutputFile> trace = open_if_given(options.trace);
  std::optional<OutputFile> params = open_if_given(options.params);

  report_cut_documents(corpus, run.engine().config().block_size);
  print(fmt::format("num docs: {}\nvocab size: {}\nnum params: {}\n", corpus.size(), run.tokenizer().vocab_size(),
                    run.table().parameter_count()));
  const Interruption interruption;
  train(run, *options.run.revision, trace, interruption);
  if (trace) trace->close();
  if (params) {
    write_parameters(run, *params);
    params->close();
  }
  print_samples(run, options, interruption);
}

}  // namespace

void describe_reference(Command& command) {
  const auto options = std::make_shared<ReferenceCommandOptions>();
  const auto by_revision = [](auto value_of) {
    std::string text;
    for (const Revision& revision : kRevisions)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", revision.name, value_of(revision));
    return text;
  };
  command.group("Data");
  command.add_text("--corpus", "FILE", into(options->corpus),
                   "Documents, one per line; - reads standard input [the embedded names]");
  command.group("Model");
  add_integer(command, "--n-layer", Config::kNLayer, options->run.n_layer, "Number of layers");
  add_integer(command, "--n-embd", Config::kNEmbd, options->run.n_embd, "Embedding width, a multiple of --n-head");
  add_integer(command, "--n-head", Config::kNHead, options->run.n_head, "Number of attention heads");
  add_integer(command, "--block-size", Config::kBlockSize, into(options->run.block_size),
              fmt::format("Context length in tokens [{}]", by_revision([](const Revision& r) { return r.block_size; })));
  command.group("Training");
  command.add_text("--revision", "NAME", into(options->revision),
                   fmt::format("Revision of microgpt.py to follow: final or first [{}]", options->revision));
  add_integer(
      command, "--num-steps", kStepCount, into(options->run.num_steps),
      fmt::format("Number of training steps [{}]", by_revision([](const Revision& r) { return r.training.num_steps; })));
  add_integer(command, "--seed", kAnySeed, options->run.seed, "Random seed for everything");
  command.group("Output");
  add_real(command, "--temperature", RealRange::above(0.0), options->temperature, "Temperature of the samples");
  add_integer(command, "--num-samples", kSampleCount, options->num_samples, "Number of samples to print");
  command.add_text("--trace", "FILE", into(options->trace), "Write the loss of each step as float.hex() does");
  command.add_text("--params", "FILE", into(options->params), "Write each final parameter as float.hex() does");
  command.group("General");
  command
      .add_text("--engine", "NAME", into(options->engine),
                fmt::format("Engine: {0} or {1}, which compute the same bits [{0}]", kExactEngineName, kGraphEngineName))
      .rare();
  command.add_example("microgpt reference", "Print what microgpt.py prints for the embedded names");
  command.add_example("microgpt reference --corpus names.txt --seed 7", "Use other documents and another seed");
  command.add_example("microgpt reference --revision first --trace losses.txt",
                      "Follow the first revision, and write its losses as exact hexadecimal numbers");
  command.run = [=] { run_reference(*options); };
}

}  // namespace microgpt
