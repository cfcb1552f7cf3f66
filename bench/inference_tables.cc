// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "bench/report.h"

namespace microgpt::bench {
namespace {

std::string nano(double seconds) { return fmt::format("{:.0f}", 1e9 * seconds); }
std::string millions_a_second(double seconds) { return fmt::format("{:.2f}", 1e-6 / seconds); }

void add_row(TextTable& table, const InferenceResult& result, const std::string& what, const std::string& who,
             const Series& series, const Series* ratio = nullptr) {
  table.add_row({fmt::format("{}", result.config.n_embd), what, who, nano(series.minimum()), nano(series.median()),
                 millions_a_second(series.minimum()), ratio == nullptr ? "" : fmt::format("{:.1f}x", ratio->median())});
}

void add_rows(TextTable& table, const InferenceResult& result) {
  add_row(table, result, "score", "microgpt", result.character);
  if (result.torch) add_row(table, result, "score", "PyTorch", result.torch->character, &result.torch->score_ratio);
  for (const SamplingResult& s : result.sampling)
    add_row(table, result, "sample", fmt::format("microgpt, {} at a time, first layer {}", s.streams, s.first_layer), s.token);
  if (result.torch) add_row(table, result, "sample", "PyTorch", result.torch->token, &result.torch->sample_ratio);
}

}  // namespace

std::string inference_tables(const Report& report) {
  if (report.inference.empty()) return {};
  TextTable table({{"width", kLeft},
                   {"task", kLeft},
                   {"by", kLeft},
                   {"ns", kRight},
                   {"median", kRight},
                   {"millions a second", kRight},
                   {"ratio", kRight}});
  for (const InferenceResult& result : report.inference) add_rows(table, result);
  std::string text = "\nScoring and sampling, one thread: a character scored, a token sampled\n" + table.str();
  for (const InferenceResult& result : report.inference)
    text += fmt::format("  width {}: the table to look the first layer up in is built in {:.1f} µs, which count\n",
                        result.config.n_embd, 1e6 * result.table.minimum());
  return text;
}

}  // namespace microgpt::bench
