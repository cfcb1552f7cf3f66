// SPDX-License-Identifier: MIT
// microgpt export: a saved model in formats of other programs.
#include <fmt/format.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/model_arguments.h"
#include "cli/terminal.h"
#include "export/arpa.h"
#include "export/gpt_onnx.h"
#include "export/hub_files.h"
#include "io/atomic_file.h"
#include "io/file.h"
#include "io/folders.h"
#include "microgpt/error.h"
#include "training/run_folder.h"

namespace microgpt {
namespace {

constexpr std::string_view kStandardOutput = "-";

struct ExportOptions {
  std::string folder;
  std::optional<std::string> onnx;
  OnnxOptions graph;
  std::optional<std::string> arpa;
  bool overwrite = false;
};

bool is_graph(const std::string& path) { return path.ends_with(".onnx"); }

void require_flags_that_go_together(const ExportOptions& options) {
  if (!options.onnx && !options.arpa)
    throw UsageError("export: say what to write: --onnx OUT, the GPT, or --arpa FILE, the n-gram");
  for (const auto& path : {options.onnx, options.arpa})
    if (path && path->empty()) throw UsageError("export: the name of the output is empty; name one");
  if (options.onnx == options.arpa)
    throw UsageError(fmt::format("--arpa {}: --onnx goes there; name another file", *options.arpa));
  if (options.graph.with_cache && !options.onnx) throw UsageError("--with-cache goes with --onnx");
  if (options.graph.doubles && !options.onnx) throw UsageError("--double goes with --onnx");
}

void require_nothing_at(const std::string& path, const ExportOptions& options) {
  if (!options.overwrite && std::filesystem::exists(path))
    throw Error(fmt::format("{} is there already: replace it with --overwrite, or choose another name", path));
}

// Its config.json and tokenizer.json would be replaced.
void require_no_saved_model(const std::string& folder) {
  if (std::filesystem::exists(parameters_path(folder)))
    throw Error(fmt::format("{} holds a saved model, which would be lost: name another folder", folder));
}

// The files of the export, which are all there, or else none of them is new.
class Export {
 public:
  explicit Export(const ExportOptions& options) : options_(options) {}

  void add(const std::string& path, std::string_view bytes) { open(path).write(bytes); }

  AtomicFile& open(const std::string& path) {
    require_nothing_at(path, options_);
    return files_.emplace_back(path);
  }

  void commit() {
    for (AtomicFile& file : files_) file.sync();
    for (AtomicFile& file : files_) file.commit();
  }

 private:
  const ExportOptions& options_;
  std::deque<AtomicFile> files_;
};

void add_arpa(const ExportOptions& options, const SavedModel& model, Export& output) {
  const std::optional<NgramModel> ngram = load_baseline(options.folder, model.config);
  if (!ngram) throw Error(fmt::format("{} has no n-gram: leave --arpa out, or train the model again", options.folder));
  if (*options.arpa == kStandardOutput) return write_arpa(*ngram, model.tokenizer, print);
  AtomicFile& file = output.open(*options.arpa);
  write_arpa(*ngram, model.tokenizer, [&](std::string_view piece) { file.write(piece); });
}

// What is in no graph, and what a graph without a cache is not for.
void inform_of_graph(const ExportOptions& options, const SavedModel& model) {
  const std::optional<NgramModel> ngram = load_baseline(options.folder, model.config);
  if (ngram && load_mixture(options.folder, ngram->order()))
    inform(fmt::format("{} is the GPT alone, as with --predictor gpt, and not its mixture with the n-gram", *options.onnx));
  if (!options.graph.with_cache)
    inform(fmt::format("{} is for scoring: --with-cache makes a graph that other programs generate with", *options.onnx));
}

void add_folder(const ExportOptions& options, const SavedModel& model, Export& output) {
  for (const FileBeside& file : hub_files(model, options.graph)) output.add(path_in(*options.onnx, file.name), file.bytes);
}

void run_export(const ExportOptions& options) {
  require_flags_that_go_together(options);
  const SavedModel model = load_model_and_inform(options.folder);
  const bool is_folder = options.onnx && !is_graph(*options.onnx);
  std::optional<NewFolder> folder;
  if (is_folder) {
    require_no_file(*options.onnx);
    require_no_saved_model(*options.onnx);
    folder.emplace(path_in(*options.onnx, "onnx"));
  }
  Export output(options);
  if (is_folder) add_folder(options, model, output);
  if (options.onnx && !is_folder) output.add(*options.onnx, gpt_to_onnx(model, options.graph));
  if (options.arpa) add_arpa(options, model, output);
  output.commit();
  if (folder) folder->keep();
  if (options.onnx) inform_of_graph(options, model);
}

}  // namespace

void describe_export(Command& command) {
  const auto options = std::make_shared<ExportOptions>();
  add_model(command, options->folder).require();
  command.group("Output");
  command.add_text("--onnx", "OUT", into(options->onnx),
                   "Write the GPT as ONNX: a file where OUT ends in .onnx, or a folder as transformers.js loads it");
  command.add_switch("--with-cache", into(options->graph.with_cache),
                     "Give the graph keys and values of the tokens before, to generate token by token (with --onnx)");
  command.add_switch("--double", into(options->graph.doubles), "Compute in double precision (with --onnx)");
  command.add_text("--arpa", "FILE", into(options->arpa),
                   "Write the n-gram as ARPA, which KenLM reads; - writes to standard output");
  command.add_switch("--overwrite", into(options->overwrite), "Replace files that are there");
  command.add_example("microgpt export model --onnx model.onnx", "Write a graph that onnxruntime scores documents with");
  command.add_example("microgpt export model --onnx web --with-cache", "Write a folder that transformers.js generates with");
  command.add_example("microgpt export model --arpa model.arpa", "Write the n-gram for KenLM");
  command.run = [=] { run_export(*options); };
}

}  // namespace microgpt
