// SPDX-License-Identifier: MIT
#include "bench/report.h"

namespace microgpt::bench {
namespace {

using nlohmann::json;

json json_of(const Series& series) {
  if (series.empty()) return nullptr;
  return {{"minimum", series.minimum()}, {"median", series.median()}};
}

json json_of(const Machine& m) {
  return {{"cpu", m.cpu},           {"cores", m.cores},   {"caches", m.caches},     {"instruction_sets", m.targets},
          {"compiler", m.compiler}, {"commit", m.commit}, {"modified", m.modified}, {"load", m.load}};
}

json json_of(const Shape& s) {
  return {{"vocab_size", s.config.vocab_size},
          {"n_layer", s.config.n_layer},
          {"n_embd", s.config.n_embd},
          {"n_head", s.config.n_head},
          {"block_size", s.config.block_size},
          {"batch_size", s.batch_size},
          {"documents", s.documents == Documents::names ? "names" : "windows"}};
}

json json_of(const FastResult& f) {
  json entry{{"target", name_of(f.target)},
             {"prefix_sharing", f.prefix_sharing != PrefixSharing::never},
             {"threads", f.threads},
             {"seconds_a_step", json_of(f.step)}};
  if (!f.share.empty()) entry["share_of_peak"] = f.share.median();
  if (!f.sharing_gains.empty()) entry["sharing_gains"] = f.sharing_gains.median();
  return entry;
}

json json_of(const SplitResult& s) {
  json stages;
  for (std::size_t i = 0; i < kStages; ++i) stages[std::string(kStageNames[i])] = s.times.seconds[i];
  return {
      {"target", name_of(s.target)}, {"prefix_sharing", s.prefix_sharing != PrefixSharing::never}, {"seconds_a_step", stages}};
}

json json_of(const WorkloadResult& w) {
  json entry{{"name", w.shape.name},
             {"shape", json_of(w.shape)},
             {"positions_a_step", w.positions},
             {"operations_a_step", w.operations}};
  for (const FastResult& f : w.fast) entry["fast"].push_back(json_of(f));
  for (const SplitResult& s : w.split) entry["stages"].push_back(json_of(s));
  if (w.graph && !w.graph->seconds.empty())
    entry["graph"] = {{"seconds_a_document", w.graph->seconds_a_document()},
                      {"seconds_a_batch", w.graph->seconds_a_batch(w.positions)}};
  for (const TorchResult& t : w.torch)
    entry["torch"].push_back(
        {{"form", t.form}, {"threads", t.threads}, {"seconds_a_step", json_of(t.step)}, {"ratio", t.ratio.median()}});
  if (w.torch_facts)
    entry["torch_facts"] = {
        {"version", w.torch_facts->version}, {"blas", w.torch_facts->blas}, {"fast_blas", w.torch_facts->fast_blas}};
  return entry;
}

json json_of(const InferenceResult& i) {
  json entry{
      {"n_embd", i.config.n_embd}, {"seconds_a_scored_character", json_of(i.character)}, {"table_seconds", json_of(i.table)}};
  for (const SamplingResult& s : i.sampling)
    entry["sampling"].push_back({{"first_layer", s.first_layer},
                                 {"streams", s.streams},
                                 {"documents", s.documents},
                                 {"seconds_a_token", json_of(s.token)}});
  if (i.torch)
    entry["torch"] = {{"version", i.torch->facts.version},
                      {"blas", i.torch->facts.blas},
                      {"seconds_a_scored_character", json_of(i.torch->character)},
                      {"seconds_a_sampled_token", json_of(i.torch->token)},
                      {"score_ratio", i.torch->score_ratio.median()},
                      {"sample_ratio", i.torch->sample_ratio.median()}};
  return entry;
}

}  // namespace

json json_of(const Report& report) {
  json all{{"machine", json_of(report.machine)}, {"peak_gflops", json::object()}, {"workloads", json::array()}};
  for (const auto& [target, gflops] : report.peak.all()) all["peak_gflops"][std::string(name_of(target))] = gflops;
  for (const WorkloadResult& w : report.workloads) all["workloads"].push_back(json_of(w));
  for (const InferenceResult& i : report.inference) all["inference"].push_back(json_of(i));
  if (report.cpython)
    all["cpython"] = {{"file", report.cpython->file},
                      {"seconds_a_step", report.cpython->seconds_per_step},
                      {"seconds_a_token", report.cpython->seconds_a_token}};
  return all;
}

}  // namespace microgpt::bench
