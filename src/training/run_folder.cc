// SPDX-License-Identifier: MIT
#include "training/run_folder.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

#include "io/atomic_file.h"
#include "io/file.h"
#include "io/json.h"
#include "microgpt/error.h"
#include "model/saved_model.h"
#include "ngram/ngram_file.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxStateSize = std::size_t{1} << 16;  // more than any such file has
constexpr const char* kStateFile = "train_state.json";
constexpr const char* kBaselineFile = "ngram.bin";
constexpr const char* kCheckpointFile = "checkpoint.safetensors";
constexpr const char* kMixtureFile = "mixture.json";
constexpr const char* kHeldOutFile = "held_out.json";
constexpr std::size_t kMaxHeldOutSize = std::size_t{1} << 20;
constexpr const char* kFormerShare = "ngram_share";  // all that version 0.2 wrote there, of another mixture
constexpr const char* kLossPictureFile = "loss.svg";
constexpr const char* kLogFile = "log.jsonl";
constexpr const char* kWarningFile = "warning.txt";
constexpr const char* kCardFile = "README.md";

// What is written before the first step, the first one first, and what comes later, but for the card.
constexpr std::array kFilesOfBeginning{kStateFile,          kBaselineFile,    kCheckpointFile,
                                       "model.safetensors", "tokenizer.json", "tokenizer_config.json"};
constexpr std::array kRecordFiles{kMixtureFile, kHeldOutFile, kWarningFile, kLossPictureFile, kLogFile};

// Other than one of version 0.2.
bool holds_mixture(const FileSet& files) {
  return files.has(kMixtureFile) &&
         parse_json(files.path(kMixtureFile), files.read(kMixtureFile, kMaxStateSize)).find(kFormerShare) == nullptr;
}

const std::string& prepared(const std::string& folder, RunFolder::Purpose purpose) {
  if (purpose == RunFolder::Purpose::begin) {
    require_writable_folder(folder);
    return folder;
  }
  if (!std::filesystem::exists(folder)) fail_to("read", folder, ENOENT);
  require_no_file(folder);
  if (!holds_model(folder))
    throw Error(
        fmt::format("{} holds no run to go on with: it has no config.json, which is written last; begin one with -o", folder));
  if (!std::filesystem::exists(path_in(folder, kCheckpointFile)))
    throw Error(fmt::format("{0} holds a model that was saved, and no run to go on with: begin one with --init {0}", folder));
  return folder;
}

bool is_state(const std::string& path) {
  try {
    train_state_from_json(path, read_file(path, kMaxStateSize));
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_model_card(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  std::string beginning(kModelCardBeginning.size(), '\0');
  return file != nullptr && std::fread(beginning.data(), 1, beginning.size(), file.get()) == beginning.size() &&
         beginning == kModelCardBeginning;
}

// The first of the files that a run would replace, if they are not of one that was killed as it began.
std::optional<std::string> file_in_the_way_of_run(const std::string& folder) {
  const auto find = [&](std::span<const char* const> files) -> std::optional<std::string> {
    for (const char* file : files)
      if (const std::string path = path_in(folder, file); std::filesystem::exists(path)) return path;
    return std::nullopt;
  };
  if (is_model_card(path_in(folder, kCardFile))) return path_in(folder, kCardFile);
  if (auto record = find(kRecordFiles)) return record;
  return is_state(path_in(folder, kStateFile)) ? std::nullopt : find(kFilesOfBeginning);
}

// The step whose parameters the checkpoint's model has.
std::size_t model_step(const Checkpoint& checkpoint) {
  return checkpoint.progress.best_step.value_or(checkpoint.progress.step);
}

}  // namespace

bool holds_run(const std::string& folder) {
  return holds_model(folder) && std::filesystem::exists(path_in(folder, kStateFile));
}

void require_no_model(const std::string& folder) {
  if (holds_model(folder))
    throw Error(fmt::format("{} holds a model already: replace it with --overwrite, or name another folder", folder));
  if (const auto path = file_in_the_way_of_run(folder))
    throw Error(fmt::format("{} is there already: replace it with --overwrite, or name another folder", *path));
}

std::vector<FileBeside> files_of(const ModelRecords& records) {
  std::vector<FileBeside> files;
  if (records.state) files.push_back({kStateFile, train_state_to_json(*records.state)});
  if (records.baseline != nullptr) files.push_back({kBaselineFile, ngram_to_bytes(*records.baseline)});
  if (records.mixture) files.push_back({kMixtureFile, mixture_to_json(*records.mixture)});
  if (records.held_out) files.push_back({kHeldOutFile, held_out_to_json(*records.held_out)});
  if (!records.warning.empty()) files.push_back({kWarningFile, records.warning});
  return files;
}

void save_model_with_records(const std::string& folder, const SavedModel& model, const ModelRecords& records) {
  if (std::filesystem::exists(path_in(folder, kCheckpointFile)))
    throw Error(
        fmt::format("{} holds a run that can be resumed, and would be lost: name another folder, or remove that one", folder));
  if (const auto path = holds_model(folder) ? std::nullopt : file_in_the_way_of_run(folder))
    throw Error(fmt::format("{} is there already, and would be replaced: name another folder, or remove it", *path));
  std::vector<const char*> removed(kRecordFiles.begin(), kRecordFiles.end());
  removed.insert(removed.end(), {kStateFile, kBaselineFile});
  if (is_model_card(path_in(folder, kCardFile))) removed.push_back(kCardFile);
  save_model(folder, model, files_of(records), removed);
}

RunFolder::RunFolder(std::string folder, Purpose purpose) : folder_(std::move(folder)) {
  if (purpose == Purpose::begin) new_folder_.emplace(folder_);
  lock_.emplace(prepared(folder_, purpose));
  if (purpose == Purpose::resume) lock_->keep();
  remove_temporary_files(folder_);
}

std::string RunFolder::in_folder(const char* file) const { return path_in(folder_, file); }

void RunFolder::begin(const TrainState& state, const Config& config, const Tokenizer& tokenizer, const NgramModel& baseline,
                      const Checkpoint& checkpoint) {
  const bool is_first = !holds_model(folder_) && !file_in_the_way_of_run(folder_);
  try {
    write_beginning(state, config, tokenizer, baseline, checkpoint);
  } catch (...) {
    if (is_first) {
      remove_model(folder_);
      for (const char* file : kFilesOfBeginning) remove_file(in_folder(file));
    }
    throw;
  }
  lock_->keep();
  if (new_folder_) new_folder_->keep();
  model_step_ = model_step(checkpoint);
}

void RunFolder::write_beginning(const TrainState& state, const Config& config, const Tokenizer& tokenizer,
                                const NgramModel& baseline, const Checkpoint& checkpoint) {
  remove_model(folder_);
  for (const char* file : kRecordFiles) remove_file(in_folder(file));
  if (is_model_card(card_path())) remove_file(card_path());  // of another model
  write_atomically(in_folder(kStateFile), train_state_to_json(state));
  write_ngram(in_folder(kBaselineFile), baseline);
  write_checkpoint(in_folder(kCheckpointFile), ParameterTable(config), checkpoint);
  save_model(folder_, {config, tokenizer, all_of(ParameterTable(config), checkpoint.model()), checkpoint.precision});
}

// The records first: with a checkpoint of the last step they would say that all is done.
void RunFolder::go_on(const TrainState& state, const Config& config, const Checkpoint& checkpoint) {
  for (const char* file : {kMixtureFile, kHeldOutFile, kLossPictureFile, kWarningFile}) remove_file(in_folder(file));
  if (is_model_card(card_path())) remove_file(card_path());
  sync_folder(folder_);
  write_state(state);
  save(config, checkpoint);
}

void RunFolder::write_state(const TrainState& state) const {
  write_atomically(in_folder(kStateFile), train_state_to_json(state));
}

TrainState RunFolder::read_state() const {
  const std::string path = in_folder(kStateFile);
  return train_state_from_json(path, read_file(path, kMaxStateSize));
}

Checkpoint RunFolder::read_checkpoint(const Config& config) {
  Checkpoint checkpoint = microgpt::read_checkpoint(in_folder(kCheckpointFile), ParameterTable(config));
  if (!holds_parameters(config, checkpoint.model())) save_model_of(config, checkpoint);
  model_step_ = model_step(checkpoint);
  return checkpoint;
}

// A file that is damaged holds none, and can be made anew.
bool RunFolder::holds_parameters(const Config& config, const TableNumbers& parameters) const {
  try {
    const std::vector<double> held = load_model(folder_).parameters;
    const ParameterTable table(config);
    bool are_same = held.size() == table.parameter_count();
    for_each_tensor(table, parameters, [&](std::size_t i, std::span<const double> numbers) {
      are_same = are_same && std::equal(numbers.begin(), numbers.end(), &held[table.tensors()[i].offset]);
    });
    return are_same;
  } catch (const Error&) {
    return false;
  }
}

void RunFolder::write_mixture(const MixtureWeights& weights) const {
  write_record(in_folder(kMixtureFile), mixture_to_json(weights));
}

void RunFolder::write_held_out(const HeldOutSurprise& surprise) const {
  write_record(in_folder(kHeldOutFile), held_out_to_json(surprise));
}

void RunFolder::write_warning(const std::string& text) const {
  if (text.empty()) return remove_file(in_folder(kWarningFile));
  write_record(in_folder(kWarningFile), text);
}

void RunFolder::write_record(const std::string& path, const std::string& text) const {
  try {
    write_atomically(path, text);
  } catch (const Error& error) {
    throw Error(
        fmt::format("{}; the model is whole: mend that, and go on with microgpt train --resume {}", error.what(), folder_));
  }
}

std::string RunFolder::log_path() const { return in_folder(kLogFile); }

std::string RunFolder::card_path() const { return in_folder(kCardFile); }

void RunFolder::write_picture(const std::string& svg) const { write_record(in_folder(kLossPictureFile), svg); }

bool RunFolder::write_card(const std::string& card) const {
  if (std::filesystem::exists(card_path()) && !is_model_card(card_path())) return false;
  write_record(card_path(), card);
  return true;
}

bool RunFolder::has_records() const {
  const auto has = [](const std::string& path) { return std::filesystem::exists(path); };
  return has(in_folder(kLossPictureFile)) && has(card_path()) && (!has(in_folder(kBaselineFile)) || holds_mixture(folder_));
}

void RunFolder::save(const Config& config, const Checkpoint& checkpoint) {
  try {
    write_checkpoint(in_folder(kCheckpointFile), ParameterTable(config), checkpoint);
  } catch (const Error& error) {
    throw Error(
        fmt::format("{}; step {} is not saved, and the checkpoint before it is whole: mend that, and go on with "
                    "microgpt train --resume {}",
                    error.what(), checkpoint.progress.step, folder_));
  }
  if (model_step_ == model_step(checkpoint)) return;
  save_model_of(config, checkpoint);
  model_step_ = model_step(checkpoint);
}

void RunFolder::save_model_of(const Config& config, const Checkpoint& checkpoint) {
  try {
    save_parameters(folder_, config, checkpoint.model(), checkpoint.precision);
  } catch (const Error& error) {
    throw Error(fmt::format("{}; the checkpoint of step {} is whole: mend that, and go on with microgpt train --resume {}",
                            error.what(), checkpoint.progress.step, folder_));
  }
}

std::optional<MixtureWeights> load_mixture(const FileSet& files, std::size_t order) {
  if (!holds_mixture(files)) return std::nullopt;
  return mixture_from_json(files.path(kMixtureFile), files.read(kMixtureFile, kMaxStateSize), order);
}

std::optional<HeldOutSurprise> load_held_out(const FileSet& files) {
  if (!files.has(kHeldOutFile)) return std::nullopt;
  return held_out_from_json(files.path(kHeldOutFile), files.read(kHeldOutFile, kMaxHeldOutSize));
}

std::string load_warning(const FileSet& files) {
  return files.has(kWarningFile) ? files.read(kWarningFile, kMaxStateSize) : "";
}

std::optional<TrainState> load_train_state(const FileSet& files) {
  if (!files.has(kStateFile)) return std::nullopt;
  return train_state_from_json(files.path(kStateFile), files.read(kStateFile, kMaxStateSize));
}

std::optional<NgramModel> load_baseline(const FileSet& files, const Config& config) {
  if (!files.has(kBaselineFile)) return std::nullopt;
  NgramModel baseline = ngram_from_bytes(files.path(kBaselineFile), files.read(kBaselineFile));
  if (baseline.vocab_size() != config.vocab_size)
    throw damaged(fmt::format("{} is of {} tokens with BOS, and the model of {}", files.path(kBaselineFile),
                              baseline.vocab_size(), config.vocab_size));
  return baseline;
}

}  // namespace microgpt
