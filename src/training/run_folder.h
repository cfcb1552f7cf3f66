// SPDX-License-Identifier: MIT
// The folder of a run of `train`: the model and all that the run goes on from.
//
// Before step 0 what does not change is written, and config.json last. After that one file changes, checkpoint.safetensors,
// which is replaced as a whole: that is the moment at which a checkpoint counts. model.safetensors follows from it; a kill
// between the two leaves the model of the checkpoint before, and read_checkpoint() mends that. docs/saved_model.md describes
// the files.
//
// One writer at a time, and the object is that writer: it holds the folder's lock.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_set.h"
#include "io/folders.h"
#include "model/saved_model.h"
#include "ngram/ngram_model.h"
#include "scoring/held_out_surprise.h"
#include "scoring/mixture.h"
#include "training/checkpoint.h"
#include "training/train_state.h"

namespace microgpt {

// How each model card begins, and nothing else is likely to: README.md may be there for another purpose.
inline constexpr std::string_view kModelCardBeginning = "---\nlibrary_name: microgpt\n";

class RunFolder {
 public:
  enum class Purpose {
    begin,   // creates the folder where there is none; unless a run begins there, it is gone in the end
    resume,  // there must be a run that was begun
  };

  // Takes the lock, and removes what killed runs have left. A model that is there is untouched. Throws Error: another run
  // writes there; there is no run to be resumed; the system does not let it.
  RunFolder(std::string folder, Purpose purpose);

  const std::string& path() const { return folder_; }

  // Begins a run: what was there before is replaced. Throws Error where the system does not take it: of a folder without such
  // files nothing is left then.
  void begin(const TrainState& state, const Config& config, const Tokenizer& tokenizer, const NgramModel& baseline,
             const Checkpoint& checkpoint);

  // Goes on with the run by this state, from this checkpoint of it. What tells of its end is removed, but for the log.
  // Throws Error where the system does not take it.
  void go_on(const TrainState& state, const Config& config, const Checkpoint& checkpoint);

  // Replaces what read_state() reads. Throws Error where the system does not take it.
  void write_state(const TrainState& state) const;

  // What the run was begun with. Throws Error: the file is damaged, or not there.
  TrainState read_state() const;

  // The last checkpoint; model.safetensors is then its model. Throws Error: a file is damaged, or belongs to another model.
  Checkpoint read_checkpoint(const Config& config);

  // The files of the log, of the picture of it and of the model card, which are for readers.
  std::string log_path() const;
  void write_picture(const std::string& svg) const;
  std::string card_path() const;

  // Writes README.md, unless there is one that is no model card: then it stays as it is, and the answer is false.
  bool write_card(const std::string& card) const;

  // Whether the picture, a README.md and, of a run with a baseline, the mixture are there, as when a run has ended.
  bool has_records() const;

  // What must be said of the model whenever it is opened, lines that load_warning() reads; or nothing.
  void write_warning(const std::string& text) const;

  // The weights of the mixture of the model and its n-gram, which load_mixture() reads.
  void write_mixture(const MixtureWeights& weights) const;

  // How surprising held-out documents are, which load_held_out() reads.
  void write_held_out(const HeldOutSurprise& surprise) const;

  // Throws Error where the system does not take it; what was not written is named, and the checkpoint of before is whole.
  void save(const Config& config, const Checkpoint& checkpoint);

 private:
  std::string in_folder(const char* file) const;
  void write_beginning(const TrainState& state, const Config& config, const Tokenizer& tokenizer, const NgramModel& baseline,
                       const Checkpoint& checkpoint);
  bool holds_parameters(const Config& config, const TableNumbers& parameters) const;
  void write_record(const std::string& path, const std::string& text) const;
  void save_model_of(const Config& config, const Checkpoint& checkpoint);

  std::string folder_;
  std::optional<NewFolder> new_folder_;    // where a run is to begin
  std::optional<FolderLock> lock_;         // always
  std::optional<std::size_t> model_step_;  // of the parameters in model.safetensors
};

// What is known of a model beside its tokenizer and parameters.
struct ModelRecords {
  std::optional<TrainState> state = {};
  const NgramModel* baseline = nullptr;
  std::optional<MixtureWeights> mixture = {};  // of the baseline
  std::optional<HeldOutSurprise> held_out = {};
  std::string warning = {};
};

// The files of those that are known.
std::vector<FileBeside> files_of(const ModelRecords& records);

// Saves a model with its records, as save_model() does; what there is none of is removed. Throws Error as that; where it would
// lose a run that can be resumed, or files that are of no model. REQUIRES: as save_model().
void save_model_with_records(const std::string& folder, const SavedModel& model, const ModelRecords& records);

// Whether a run can go on there.
bool holds_run(const std::string& folder);

// Throws Error where a run that begins there would replace a model, or files that are not of a run that was killed as it began.
// A README.md that is no model card is in nobody's way.
void require_no_model(const std::string& folder);

// What the run that made the model was begun with, where that is known. Throws Error: the file is damaged.
std::optional<TrainState> load_train_state(const FileSet& files);

// The baseline that was saved with a model, where there is one. Throws Error: the file is damaged, or of another vocabulary.
std::optional<NgramModel> load_baseline(const FileSet& files, const Config& config);

// What must be said of the model; empty where there is nothing. Throws Error: the file cannot be read.
std::string load_warning(const FileSet& files);

// The weights of the mixture of a model and its baseline, of this order; nothing where there are none, as with a model of
// before version 0.3. Throws Error: the file is damaged, or of another baseline.
std::optional<MixtureWeights> load_mixture(const FileSet& files, std::size_t order);

// How odd documents are that the model has not learned, by its usual predictor; nothing where that is not known: nothing was
// held out, it is of a running text, or of before version 0.3. Throws Error: the file is damaged.
std::optional<HeldOutSurprise> load_held_out(const FileSet& files);

}  // namespace microgpt
