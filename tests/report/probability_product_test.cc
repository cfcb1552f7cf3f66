// SPDX-License-Identifier: MIT
#include "report/probability_product.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace microgpt::probability_product_test {
namespace {

TEST(ProbabilityProduct, HasFiveDigits) {
  EXPECT_EQ(product_text(0.0), "1");
  EXPECT_EQ(product_text(-std::log(0.00010887)), "0.00010887");
  EXPECT_EQ(product_text(-std::log(3.125e-9)), "3.125e-9");
  EXPECT_EQ(product_text(-std::log(2.5e-12)), "2.5e-12");
}

// The sum of a thousand losses has no product that a double holds.
TEST(ProbabilityProduct, IsNeverZeroWhereTheSumIsFinite) {
  EXPECT_EQ(product_text(1000.0 * std::log(27.0)), "4.3275e-1432");
  EXPECT_EQ(product_text(1e6), "3.2968e-434295");
  EXPECT_EQ(product_text(400.0 * std::log(10.0) - 1e-9), "1e-400") << "and not 10e-401";
  for (double nats = 690.0; nats < 760.0; nats += 0.25) EXPECT_NE(product_text(nats).find("e-3"), std::string::npos) << nats;
  EXPECT_EQ(product_text(std::numeric_limits<double>::infinity()), "0");
}

TEST(ProbabilityProduct, IsOneFunctionOnBothSidesOfItsLimit) {
  EXPECT_EQ(product_text(-std::log(1.5e-300)), "1.5e-300");
  EXPECT_EQ(product_text(-std::log(1.5e-300) + std::log(10.0)), "1.5e-301");
}

TEST(ProbabilityProduct, TheSentenceHasTheFirstFactorsAndTheLast) {
  const std::vector<std::string> factors{"0.5", "0.25", "0.5", "0.25"};
  const double nats = 6.0 * std::log(2.0);
  const std::string rest = " = 0.015625, and −ln of that is 4.159, the sum; divided by 4 it is 1.040, the mean.";
  EXPECT_EQ(product_sentence(factors, nats, 8), "0.5 × 0.25 × 0.5 × 0.25" + rest);
  EXPECT_EQ(product_sentence(factors, nats, 3), "0.5 × 0.25 × 0.5 × 0.25" + rest);
  EXPECT_EQ(product_sentence(factors, nats, 1), "0.5 × … × 0.25" + rest);
  EXPECT_EQ(product_sentence(std::vector<std::string>{"0.5"}, std::log(2.0), 8), "0.5: −ln of that is 0.693, the loss.");
  EXPECT_EQ(product_sentence(std::vector<std::string>{"0.5", "0"}, std::numeric_limits<double>::infinity(), 8),
            "0.5 × 0 = 0, and −ln of that is ∞, the sum; divided by 2 it is ∞, the mean.");
}

}  // namespace
}  // namespace microgpt::probability_product_test
