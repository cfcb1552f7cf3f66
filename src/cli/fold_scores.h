// SPDX-License-Identifier: MIT
// Lines scored by models that have not seen them: of K models, each trained as a saved one was on all folds of the lines but
// one (text/folds.h), that which has not seen the line's.
//
// Memory: the lines, and what a run of training takes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/line_command.h"
#include "engine/make_engine.h"
#include "microgpt/model.h"
#include "scoring/evaluation.h"

namespace microgpt {

struct FoldOptions {
  std::string folder;  // of the model whose settings are those of all
  std::size_t count = 0;
  EngineKind engine = EngineKind::fast;
  std::optional<PredictorKind> predictor = {};
};

// A document as it was scored, and what it costs.
struct FoldLine {
  std::string text;
  std::string record = {};  // with columns, that it is a field of
  std::size_t number = 0;   // of its line, from 0
  DocumentLoss loss = {};
  std::vector<double> nats = {};  // of each position, where they are kept

  const std::string& shown() const { return record.empty() ? text : record; }
};

struct FoldLines {
  std::vector<FoldLine> lines;
  std::vector<std::string> headers = {};  // with columns the record of their names, if there is one
};

// Of all documents, in their order. Shows progress. Throws Error: as the corpus does; a model that was not trained on lines
// from the beginning, or of which that is not known; more folds than different lines. Throws Interrupted.
FoldLines score_by_folds(const LineOptions& lines, const FoldOptions& options);

}  // namespace microgpt
