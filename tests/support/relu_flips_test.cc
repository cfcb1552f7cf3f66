// SPDX-License-Identifier: MIT
#include "support/relu_flips.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/fast/agreement.h"
#include "engine/graph/graph_engine.h"
#include "support/closeness.h"
#include "support/models.h"

namespace microgpt::testing::relu_flips_test {
namespace {

const Config kConfig{.vocab_size = 7, .n_layer = 2, .n_embd = 8, .n_head = 2, .block_size = 5};

struct Planted {
  Batch batch = random_batch(kConfig, {3, 5}, 1);
  HiddenUnit unit{.document = 1, .position = 2, .layer = 1, .unit = 11, .argument = 0.0};
  std::vector<double> parameters;

  explicit Planted(double argument) : parameters(with_argument(kConfig, float_parameters(kConfig, 2), batch, unit, argument)) {}
};

TEST(ReluFlips, FindsThePlantedUnit) {
  for (const double argument : {1e-9, -1e-9}) {
    const Planted planted(argument);
    const std::vector<HiddenUnit> found = find_units_near_zero(kConfig, planted.parameters, planted.batch, 1e-8);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].document, planted.unit.document);
    EXPECT_EQ(found[0].position, planted.unit.position);
    EXPECT_EQ(found[0].layer, planted.unit.layer);
    EXPECT_EQ(found[0].unit, planted.unit.unit);
    EXPECT_NEAR(found[0].argument, argument, 1e-13);
  }
}

TEST(ReluFlips, FindsAllUnitsWithinTheMargin) {
  const Planted planted(0.5);
  const std::vector<HiddenUnit> all = find_units_near_zero(kConfig, planted.parameters, planted.batch, 1e9);
  EXPECT_EQ(all.size(), 8 * kConfig.n_layer * kConfig.hidden_dim());
  EXPECT_TRUE(find_units_near_zero(kConfig, planted.parameters, planted.batch, 1e-12).empty());
}

// In single precision 1e-9 and -1e-9 are the same parameters, so one of the two has the other sign than in double precision:
// that gradient is far from the graph's, and is explained by the flip. A gradient that is wrong is not.
TEST(ReluFlips, ExplainAGradientOfTheOtherSign) {
  int flips = 0;
  for (const double argument : {1e-9, -1e-9}) {
    const Planted planted(argument);
    graph::GraphEngine graph(kConfig);
    const auto fast = make_fast_engine(kConfig);
    const Results expected = results_of(graph, planted.parameters, planted.batch);
    Results actual = results_of(*fast, planted.parameters, planted.batch);
    const ParameterTable table(kConfig);
    const bool far = find_far_element(table, actual.gradient, expected.gradient, kEngineTolerance).has_value();
    const Comparand of{kConfig, planted.parameters, planted.batch};
    const Verdict verdict = judge_gradient(of, actual.gradient, expected.gradient);
    EXPECT_EQ(verdict.wrong, std::nullopt);
    EXPECT_EQ(far, !verdict.flips.empty()) << verdict.flips;
    if (far) {
      EXPECT_NE(verdict.flips.find("layer 1, unit 11 at position 2 of document 1"), std::string::npos) << verdict.flips;
    }
    flips += far ? 1 : 0;
    actual.gradient[table.find("wpe").offset] *= 1.01;
    EXPECT_NE(judge_gradient(of, actual.gradient, expected.gradient).wrong, std::nullopt);
  }
  EXPECT_EQ(flips, 1);
}

}  // namespace
}  // namespace microgpt::testing::relu_flips_test
