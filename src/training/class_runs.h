// SPDX-License-Identifier: MIT
// The runs of a classifier's classes when they are trained: the linear model of the documents that they were trained on, and
// what they and it say of documents that none was trained on.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "inference/class_weights.h"
#include "scoring/linear_model.h"
#include "scoring/mixture.h"
#include "training/training_run.h"

namespace microgpt {

struct ClassRun {
  TrainingRun* run;
  std::function<const Mixture&()> mixture;  // of the run's GPT and its n-gram; asked for by the thread that works on the run
};

enum class HeldOutPart {
  validation,
  test,
};

// `check` is called now and then, and what it throws ends the fit; nothing: nobody wants to know.
// REQUIRES: two runs or more, of lines and with one vocabulary.
LinearModel fit_linear_model(std::span<const ClassRun> runs, const std::function<void()>& check = {});

// What each says of a part of the documents of all; nothing where nothing is held out. At most `at_once` runs work at the same
// time, and each calls `check` now and then. Throws what that, document_nats() and mixture() throw. REQUIRES: as above.
EvidenceByClass evidence_of(std::span<const ClassRun> runs, const LinearModel& linear, HeldOutPart part, std::size_t at_once,
                            const std::function<void()>& check = {});

}  // namespace microgpt
