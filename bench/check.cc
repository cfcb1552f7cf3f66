// SPDX-License-Identifier: MIT
#include "bench/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "engine/engine.h"
#include "engine/graph/graph_engine.h"
#include "microgpt/error.h"
#include "tests/support/closeness.h"

namespace microgpt::bench {
namespace {

constexpr double kGradientTolerance = 1e-5;       // of each tensor's largest gradient, and of the loss
constexpr double kMaxGraphNodes = 2e7;            // of the graph: some seconds
constexpr std::size_t kShortDocument = 36;        // yet longer than what the kernels for short ones take
constexpr double kMaxGraphNodesOfDocument = 6e7;  // of a short document
constexpr double kMaxScalarOperations = 3e8;

struct Result {
  double loss;
  std::vector<double> gradient;
};

Result result_of(Engine& engine, const Workload& workload, const Batch& batch) {
  const std::vector<double> parameters = workload.parameters();
  engine.load(parameters);
  Result result{engine.loss_and_gradient(batch), std::vector<double>(parameters.size())};
  engine.store_gradient(result.gradient);
  return result;
}

std::size_t short_document(const Config& config) {
  const double most = std::max(1.0, kMaxGraphNodesOfDocument / graph::count_nodes(config, 1));
  return std::min(kShortDocument, static_cast<std::size_t>(most));
}

// The documents of the first batch whose graphs are not too large together; at least one, cut where it must be.
Batch first_documents(const Workload& workload) {
  const Batch& all = workload.batches().front();
  Batch batch;
  double nodes = 0.0;
  for (std::size_t d = 0; d < all.documents(); ++d) {
    const auto inputs = all.document_inputs(d);
    std::vector<Token> tokens(inputs.begin(), inputs.end());
    tokens.push_back(all.document_targets(d).back());
    nodes += graph::count_nodes(workload.config(), inputs.size());
    if (nodes > kMaxGraphNodes && d > 0) break;
    batch.append(tokens, nodes > kMaxGraphNodes ? short_document(workload.config()) : workload.config().block_size);
  }
  return batch;
}

[[noreturn]] void fail(const Workload& workload, Target target, PrefixSharing sharing, const std::string& problem) {
  throw Error(fmt::format("{}, {}, prefix sharing {}: {}: there is nothing to time", workload.shape().name, name_of(target),
                          sharing == PrefixSharing::never ? "off" : "on", problem));
}

void compare_with_graph(const Workload& workload, Target target, PrefixSharing sharing, const Result& actual,
                        const Result& expected) {
  if (!(std::abs(actual.loss - expected.loss) <= kGradientTolerance * expected.loss))
    fail(workload, target, sharing, fmt::format("the loss is {} and not {}", actual.loss, expected.loss));
  const ParameterTable table(workload.config());
  if (const auto far = testing::find_far_element(table, actual.gradient, expected.gradient, kGradientTolerance))
    fail(workload, target, sharing, "the gradient: " + *far);
}

// Compares all instruction sets with the first one, and with the graph's result where there is one.
void check_targets(const Workload& workload, const Batch& batch, PrefixSharing sharing, bool scalar, const Result* graph) {
  std::optional<Result> first;
  for (const Target target : available_targets()) {
    if (target == Target::scalar && !scalar) continue;
    const Result result = result_of(*make_fast_engine(workload.config(), {target, sharing}), workload, batch);
    if (graph != nullptr) compare_with_graph(workload, target, sharing, result, *graph);
    if (!first) first = result;
    auto different = testing::find_different_bits(result.gradient, first->gradient);
    if (!different) different = testing::find_different_bits({&result.loss, 1}, {&first->loss, 1});
    if (different) fail(workload, target, sharing, "not the same bits as on another instruction set: " + *different);
  }
}

}  // namespace

void check(const Workload& workload) {
  const Batch few = first_documents(workload);
  const Result graph = result_of(*make_graph_engine(workload.config()), workload, few);
  for (const PrefixSharing sharing : {PrefixSharing::never, PrefixSharing::where_it_pays}) {
    check_targets(workload, few, sharing, true, &graph);
    check_targets(workload, workload.batches().front(), sharing, workload.operations() <= kMaxScalarOperations, nullptr);
  }
}

}  // namespace microgpt::bench
