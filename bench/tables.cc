// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "bench/report.h"

namespace microgpt::bench {
namespace {

constexpr double kQuiet = 0.3;  // load a core
std::string micro(double seconds) { return fmt::format("{:.{}f}", 1e6 * seconds, seconds < 1e-3 ? 1 : 0); }
std::string percent(double share) { return fmt::format("{:.0f}%", 100.0 * share); }
std::string times(double ratio) { return fmt::format("{:.{}f}x", ratio, ratio < 10.0 ? 2 : 0); }
std::string on_off(PrefixSharing sharing) { return sharing == PrefixSharing::never ? "no" : "yes"; }

std::string heading(std::string_view text) { return fmt::format("\n{}\n", text); }

const FastResult& unshared(const WorkloadResult& w, Target target) {
  return *std::find_if(w.fast.begin(), w.fast.end(),
                       [&](const FastResult& f) { return f.target == target && f.prefix_sharing == PrefixSharing::never; });
}

// The engine as a user gets it on one core.
double our_best(const WorkloadResult& w) {
  const Target best = w.fast.front().target;
  double seconds = unshared(w, best).step.minimum();
  for (const FastResult& f : w.fast)
    if (f.target == best && f.threads == 1) seconds = std::min(seconds, f.step.minimum());
  return seconds;
}

std::string machine_text(const Report& report) {
  const Machine& m = report.machine;
  std::string text = fmt::format("{}, {} cores; {}\n", m.cpu, m.cores, fmt::join(m.caches, ", "));
  text += fmt::format("instruction sets: {}; {}; commit {}{}\n", fmt::join(m.targets, ", "), m.compiler,
                      m.commit.empty() ? "unknown" : m.commit.substr(0, 12), m.modified ? ", modified" : "");
  if (m.load > kQuiet * static_cast<double>(m.cores))
    text += fmt::format("WARNING: other programs are running (load {:.1f}); the minima stand, the medians do not\n", m.load);
  for (const auto& [target, gflops] : report.peak.all())
    text += fmt::format("multiply-add peak of one core, {}: {:.1f} GFLOP/s\n", name_of(target), gflops);
  return text;
}

std::string fast_table(const Report& report) {
  TextTable table({{"workload", kLeft},
                   {"target", kLeft},
                   {"shared", kLeft},
                   {"threads", kRight},
                   {"µs a step", kRight},
                   {"median", kRight},
                   {"µs a sample", kRight},
                   {"GFLOP/s", kRight},
                   {"of peak", kRight},
                   {"sharing gains", kRight}});
  for (const WorkloadResult& w : report.workloads)
    for (const FastResult& f : w.fast) {
      const double seconds = f.step.minimum();
      const bool shared = f.prefix_sharing != PrefixSharing::never;
      const double rate = w.operations / seconds * 1e-9;
      table.add_row({w.shape.name, std::string(name_of(f.target)), on_off(f.prefix_sharing), fmt::format("{}", f.threads),
                     micro(seconds), micro(f.step.median()), micro(seconds / static_cast<double>(w.shape.batch_size)),
                     shared ? "" : fmt::format("{:.1f}", rate), f.share.empty() ? "" : percent(f.share.median()),
                     f.sharing_gains.empty() ? "" : times(f.sharing_gains.median())});
    }
  return heading("The fast engine") + table.str();
}

std::string split_table(const Report& report) {
  std::vector<TextTable::Column> columns{{"workload", kLeft}, {"target", kLeft}, {"shared", kLeft}};
  for (const std::string_view name : kStageNames) columns.push_back({std::string(name), kRight});
  columns.push_back({"sum", kRight});
  columns.push_back({"products of peak", kRight});
  TextTable table(columns);
  for (const WorkloadResult& w : report.workloads)
    for (const SplitResult& s : w.split) {
      std::vector<std::string> row{w.shape.name, std::string(name_of(s.target)), on_off(s.prefix_sharing)};
      for (const double seconds : s.times.seconds) row.push_back(micro(seconds));
      row.push_back(micro(s.times.total()));
      const double products = s.times[Stage::products] + s.times[Stage::weight_gradients];
      const double peak = report.peak.best(s.target) * 1e9;
      const bool known = peak > 0.0 && s.prefix_sharing == PrefixSharing::never;
      row.push_back(known ? percent(w.product_operations / products / peak) : "");
      table.add_row(std::move(row));
    }
  return heading("Where the time goes, µs a step, the least of each stage") + table.str();
}

std::string graph_table(const Report& report) {
  TextTable table({{"workload", kLeft}, {"µs a document", kRight}, {"µs a batch", kRight}, {"fast engine", kRight}});
  bool any = false;
  for (const WorkloadResult& w : report.workloads) {
    if (!w.graph || w.graph->seconds.empty()) continue;
    any = true;
    const double batch = w.graph->seconds_a_batch(w.positions);
    table.add_row({w.shape.name, micro(w.graph->seconds_a_document()), micro(batch), times(batch / our_best(w))});
  }
  return any ? heading("The graph engine, a document a step") + table.str() : "";
}

std::string torch_warning(const TorchFacts& facts) {
  if (facts.fast_blas) return {};
  return fmt::format(
      "  WARNING: PyTorch uses the reference BLAS ({}), which is slow, so that these ratios flatter us.\n"
      "  Install the package libopenblas0-openmp and run this again.\n",
      facts.blas);
}

std::string torch_table(const Report& report) {
  TextTable table({{"workload", kLeft},
                   {"form", kLeft},
                   {"threads", kRight},
                   {"µs a step", kRight},
                   {"median", kRight},
                   {"ratio", kRight}});
  const TorchFacts* facts = nullptr;
  for (const WorkloadResult& w : report.workloads) {
    if (w.torch.empty()) continue;
    facts = &*w.torch_facts;
    const auto fastest = std::min_element(w.torch.begin(), w.torch.end(), [](const TorchResult& a, const TorchResult& b) {
      return a.step.minimum() < b.step.minimum();
    });
    for (const TorchResult& t : w.torch) {
      const double seconds = t.step.minimum();
      table.add_row({w.shape.name, t.form, fmt::format("{}", t.threads), micro(seconds), micro(t.step.median()),
                     times(t.ratio.median()) + (&t == &*fastest ? " *" : "  ")});
    }
  }
  if (facts == nullptr) return {};
  return heading(fmt::format("PyTorch {} ({}), beside ours with as many threads and without sharing; * is its fastest",
                             facts->version, facts->blas)) +
         torch_warning(*facts) + table.str();
}

// It has no scoring of its own, and a token that is scored takes it what one that is sampled does.
std::string cpython_sampling_text(const Report& report) {
  const double theirs = report.cpython->seconds_a_token;
  std::string text = fmt::format("  {}: {} µs a sampled token\n", report.cpython->file, micro(theirs));
  for (const InferenceResult& i : report.inference) {
    if (i.config.n_embd != 16) continue;
    const auto row = [&](std::string_view what, double ours) {
      text += fmt::format("  {}, width 16: {:.3f} µs, {} faster\n", what, 1e6 * ours, times(theirs / ours));
    };
    const double tokens_a_character = static_cast<double>(i.characters + i.documents) / static_cast<double>(i.characters);
    row("a token scored", i.character.minimum() / tokens_a_character);
    for (const SamplingResult& s : i.sampling)
      row(fmt::format("a token sampled, {} streams, first layer {}", s.streams, s.first_layer), s.token.minimum());
  }
  return text;
}

std::string cpython_text(const Report& report) {
  if (!report.cpython) return {};
  const double theirs = report.cpython->seconds_per_step;
  std::string text =
      heading("CPython") + fmt::format("  {}: {} µs a step of one document\n", report.cpython->file, micro(theirs));
  for (const WorkloadResult& w : report.workloads) {
    if (w.shape.documents != Documents::names || w.shape.config.n_embd != 16) continue;
    const double ours = our_best(w) / static_cast<double>(w.shape.batch_size);
    text += fmt::format("  fast engine, {}: {} µs a document, {} faster\n", w.shape.name, micro(ours), times(theirs / ours));
    if (w.graph && !w.graph->seconds.empty())
      text += fmt::format("  graph engine: {} µs a document, {} faster\n", micro(w.graph->seconds_a_document()),
                          times(theirs / w.graph->seconds_a_document()));
  }
  return text + cpython_sampling_text(report);
}

}  // namespace

std::string tables_of(const Report& report) {
  return machine_text(report) + fast_table(report) + split_table(report) + graph_table(report) + torch_table(report) +
         inference_tables(report) + cpython_text(report);
}

}  // namespace microgpt::bench
