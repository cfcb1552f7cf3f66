// SPDX-License-Identifier: MIT
#include "engine/graph/tape.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "engine/graph/value.h"

namespace microgpt::graph::tape_test {
namespace {

TEST(Tape, ExpressionsAreBuiltAsInPython) {
  Tape tape;
  const Value a{&tape, tape.leaf(3.0)};
  const Value b{&tape, tape.leaf(-2.0)};
  EXPECT_EQ((a + b).data(), 1.0);
  EXPECT_EQ((a * b).data(), -6.0);
  EXPECT_EQ((a / b).data(), 3.0 * std::pow(-2.0, -1.0));
  EXPECT_EQ((a - 0.5).data(), 2.5);
  EXPECT_EQ((-a).data(), -3.0);
  EXPECT_EQ(pow(a, 2.0).data(), 9.0);
  EXPECT_EQ(log(a).data(), std::log(3.0));
  EXPECT_EQ(exp(b).data(), std::exp(-2.0));
  EXPECT_EQ(relu(a).data(), 3.0);
  EXPECT_EQ(relu(b).data(), 0.0);
}

// f and its derivative, which the tape has to find.
struct Function {
  const char* name;
  std::function<Value(Value)> f;
  std::function<double(double)> derivative;
};

TEST(Tape, DerivativesOfEachOperation) {
  const Function functions[] = {
      {"x + x", [](Value x) { return x + x; }, [](double) { return 2.0; }},
      {"x * x", [](Value x) { return x * x; }, [](double x) { return 2 * x; }},
      {"x + 3", [](Value x) { return x + 3.0; }, [](double) { return 1.0; }},
      {"3 * x", [](Value x) { return 3.0 * x; }, [](double) { return 3.0; }},
      {"-x", [](Value x) { return -x; }, [](double) { return -1.0; }},
      {"x / x", [](Value x) { return x / x; }, [](double) { return 0.0; }},
      {"x / 4", [](Value x) { return x / 4.0; }, [](double) { return 0.25; }},
      {"x^-0.5", [](Value x) { return pow(x, -0.5); }, [](double x) { return -0.5 * std::pow(x, -1.5); }},
      {"ln x", [](Value x) { return log(x); }, [](double x) { return 1 / x; }},
      {"e^x", [](Value x) { return exp(x); }, [](double x) { return std::exp(x); }},
      {"relu(x)", [](Value x) { return relu(x); }, [](double) { return 1.0; }},
      {"relu(-x)", [](Value x) { return relu(-x); }, [](double) { return 0.0; }},
      {"relu(0)", [](Value x) { return relu(x + (-x)); }, [](double) { return 0.0; }},
      {"x e^x", [](Value x) { return x * exp(x); }, [](double x) { return (1 + x) * std::exp(x); }},
  };
  for (const Function& function : functions)
    for (const double at : {0.3, 1.0, 2.7}) {
      Tape tape;
      const Value x{&tape, tape.leaf(at)};
      tape.backward(function.f(x).index);
      EXPECT_NEAR(tape.grad(x.index), function.derivative(at), 1e-14) << function.name << " at " << at;
    }
}

TEST(Tape, DepthFirstOrderVisitsChildrenInOrderAndParentsLast) {
  Tape tape;
  const auto a = tape.leaf(1.0);
  const auto b = tape.leaf(2.0);
  const auto c = tape.multiply(a, b);
  const auto d = tape.exp(b);
  const auto unreachable = tape.log(b);
  const auto e = tape.add(d, c);
  const auto f = tape.add(e, c);
  EXPECT_EQ(tape.depth_first_order(f, 0), (std::vector<Tape::Index>{b, d, a, c, e, f}));
  EXPECT_EQ(tape.depth_first_order(f, c), (std::vector<Tape::Index>{d, c, e, f})) << "from a floor on";
  tape.backward(f);
  EXPECT_EQ(tape.grad(unreachable), 0.0);
}

TEST(Tape, BackwardStartsFromZeroEachTime) {
  Tape tape;
  const auto a = tape.leaf(3.0);
  const auto b = tape.multiply(a, a);
  tape.backward(b);
  tape.backward(b);
  EXPECT_EQ(tape.grad(a), 6.0);
}

TEST(Tape, DeepGraphsDoNotExhaustTheStack) {
  Tape tape;
  const auto leaf = tape.leaf(1.0);
  auto sum = leaf;
  for (int i = 0; i < 1'000'000; ++i) sum = tape.add(sum, leaf);
  tape.backward(sum);
  EXPECT_EQ(tape.grad(leaf), 1'000'001.0);
}

TEST(Tape, RewindForgets) {
  Tape tape;
  const auto a = tape.leaf(1.0);
  tape.exp(a);
  tape.rewind(1);
  EXPECT_EQ(tape.size(), 1U);
  EXPECT_EQ(tape.add(a, a), 1U);
}

TEST(Number, HasTheBitsOfValue) {
  Tape tape;
  const double x = 1.7;
  const double y = 0.3;
  const Value vx{&tape, tape.leaf(x)};
  const Value vy{&tape, tape.leaf(y)};
  const Number nx{x};
  const Number ny{y};
  EXPECT_EQ((vx / vy).data(), (nx / ny).data());
  EXPECT_EQ((vx / 7.0).data(), (nx / 7.0).data());
  EXPECT_EQ((vx - 0.1).data(), (nx - 0.1).data());
  EXPECT_EQ((-log(exp(vx) + vy)).data(), (-log(exp(nx) + ny)).data());
  EXPECT_EQ(pow(relu(vx), 2.0).data(), pow(relu(nx), 2.0).data());
}

}  // namespace
}  // namespace microgpt::graph::tape_test
