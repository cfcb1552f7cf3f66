// SPDX-License-Identifier: MIT
#include "training/class_runs.h"

#include <optional>
#include <vector>

#include "parallel/at_once.h"
#include "scoring/evaluation.h"
#include "training/fit_linear.h"

namespace microgpt {

LinearModel fit_linear_model(std::span<const ClassRun> runs, const std::function<void()>& check) {
  std::vector<ClassDocuments> classes;
  for (const ClassRun& each : runs) classes.push_back({&each.run->training(), each.run->own_documents()});
  const TrainingRun& first = *runs.front().run;
  return fit_linear_model(classes, first.tokenizer().vocab_size(), first.options().seed, check);
}

EvidenceByClass evidence_of(std::span<const ClassRun> runs, const LinearModel& linear, HeldOutPart part, std::size_t at_once,
                            const std::function<void()>& check) {
  EvidenceByClass documents(runs.size());
  std::vector<const TokenizedDocuments*> parts;
  for (const ClassRun& each : runs) {
    const std::optional<TokenizedDocuments>& held_out = part == HeldOutPart::test ? each.run->test() : each.run->validation();
    if (!held_out) return documents;
    parts.push_back(&*held_out);
  }
  for (std::size_t c = 0; c < runs.size(); ++c)
    for (std::size_t d = 0; d < parts[c]->size(); ++d)
      documents[c].push_back(
          {parts[c]->positions(d), std::vector<NatsOfPredictors>(runs.size()), linear_evidence(linear, *parts[c], d)});
  EvaluationWatch watch;
  if (check) watch = [&check](std::size_t) { check(); };
  for_each_at_once(runs.size(), at_once, [&](std::size_t model, std::size_t) {
    const Mixture& mixture = runs[model].mixture();
    for (std::size_t c = 0; c < runs.size(); ++c) {
      const std::vector<NatsOfPredictors> nats = document_nats(runs[model].run->engine(), *parts[c], mixture, watch);
      for (std::size_t d = 0; d < nats.size(); ++d) documents[c][d].nats[model] = nats[d];
    }
  });
  return documents;
}

}  // namespace microgpt
