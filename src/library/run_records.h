// SPDX-License-Identifier: MIT
// What a run of `train` leaves for its readers: log.jsonl, loss.svg, the curve at its end and the model card. Without a folder
// nothing is written.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "microgpt/corpus.h"
#include "microgpt/score.h"
#include "ngram/ngram_model.h"
#include "report/plots/loss_plots.h"
#include "report/plots/thinned_points.h"
#include "report/run/model_card.h"
#include "text/tokenized_documents.h"
#include "training/run_folder.h"
#include "training/run_log.h"
#include "training/training_run.h"

namespace microgpt {

class RunRecords {
 public:
  // `folder` may be null; all must outlive this.
  RunRecords(TrainingRun& run, const Corpus& corpus, const TrainState& state, RunFolder* folder)
      : run_(run), corpus_(corpus), state_(state), folder_(folder) {}

  // Begins the log anew, or where a run goes on with what is in it up to the present step.
  void begin();
  void resume();

  // The loss of a batch, of which the log has the means; and of the batch of a step, before it was taken, of which the pictures
  // have some, too.
  void take_loss(double loss);
  void take_step(std::size_t step, double loss);

  // An entry of the log with the mean of the losses since the last one, which it returns, where there were any. `seconds`: of
  // training, since the run was begun or resumed. Throws Error where the system does not take it.
  std::optional<double> log(const std::optional<MeanLoss>& validation, double seconds);

  // The baseline of the run; of one that goes on it is the one that was saved. Null where there is none.
  const NgramModel* baseline();

  // Throws Diverged as require_no_divergence(), after the picture of what happened is drawn: that, the log and what
  // the run goes on from is left of it. REQUIRES: as there.
  void require_model();

  // Replaces loss.svg, where there is something to draw.
  void draw_picture();

  // The same for the terminal; empty where no step was taken.
  std::string curve(std::size_t columns);

  // How well the run's model predicts, found out when it is asked for first; `watch_of`, which may be null, then makes who is
  // told of each part. REQUIRES: no step follows.
  using WatchOf = std::function<EvaluationWatch(const std::string& part, const TokenizedDocuments& documents)>;
  const RunLosses& losses(const WatchOf& watch_of = {});

  // The mixture of the model with the baseline, where there is one. REQUIRES: as above.
  const Mixture* mixture();

  // Its weights. REQUIRES: there is a mixture.
  const MixtureWeights& mixture_weights() const { return *weights_; }

  // Writes the weights of the mixture, where there is a baseline. REQUIRES: as above.
  void write_mixture();

  // How odd the documents of the test are, where there is one of documents; and writes it. REQUIRES: as above.
  const std::optional<HeldOutSurprise>& held_out();
  void write_held_out();

  // Writes the model card; false where a README.md is there that is none. REQUIRES: as above.
  bool write_card();

  // What must be said of the model (report/run/verdict.h), and into the folder, for who opens it.
  std::string verdict();
  void write_warning();

 private:
  static constexpr std::size_t kMaxPoints = 2048;  // of which the pictures take as many as they can show

  const Evaluation* baseline_on_validation();
  LossPicture picture();

  TrainingRun& run_;
  const Corpus& corpus_;
  const TrainState& state_;
  RunFolder* folder_;
  RunLog log_;
  double seconds_before_ = 0.0;  // of training, before the run was resumed
  double losses_sum_ = 0.0;      // of the steps since the last entry
  std::size_t losses_count_ = 0;
  ThinnedPoints steps_{kMaxPoints};
  std::optional<NgramModel> saved_baseline_;
  std::optional<Evaluation> baseline_on_validation_;
  std::optional<RunLosses> losses_;
  std::optional<MixtureWeights> weights_;
  std::optional<Mixture> mixture_;
  std::optional<HeldOutSurprise> held_out_;
};

}  // namespace microgpt
