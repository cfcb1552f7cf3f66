// SPDX-License-Identifier: MIT
// Prints the losses of two short runs, one of each revision, on both engines; the second has two layers. Linked with the
// library, or with a mutant.
#include <fmt/format.h>

#include <cstdio>

#include "report/numbers.h"
#include "training/reference_run.h"

int main() {
  const microgpt::Corpus corpus = microgpt::embedded_names();
  for (const microgpt::EngineKind engine : {microgpt::EngineKind::graph, microgpt::EngineKind::exact})
    for (const microgpt::Revision& revision : microgpt::kRevisions) {
      microgpt::ReferenceOptions options;
      options.engine = engine;
      options.target = microgpt::find_target("avx2").value_or(microgpt::available_targets().back());  // mutants have no other
      options.revision = &revision;
      options.num_steps = 60;
      options.n_layer = &revision == &microgpt::kFinalRevision ? 1 : 2;
      microgpt::ReferenceRun run(corpus, options);
      while (run.trainer().step() < run.trainer().num_steps())
        std::puts(microgpt::hex_float(run.trainer().train_step()).c_str());
    }
}
