// SPDX-License-Identifier: MIT
#include "report/sweep/sweep_svg.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "support/sweep_reports.h"

namespace microgpt::sweep_svg_test {
namespace {

using testing::sweep_report;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// Seconds are 1, 2, 3, 4: the third is beaten by the second.
const char* const kGrid = R"({"n_embd": [8, 16, 32, 64]})";

TEST(SweepSvg, HasAPointForEachAndJoinsTheBest) {
  const std::string svg = sweep_svg("a < b & c", sweep_report(kGrid, {2.4, 2.2, 2.3, 2.1}));
  EXPECT_TRUE(svg.starts_with("<svg xmlns=")) << svg;
  EXPECT_TRUE(svg.ends_with("</svg>\n")) << svg;
  EXPECT_EQ(count(svg, "a &lt; b &amp; c"), 2U);
  EXPECT_EQ(count(svg, "<circle class=\"best\""), 3U);
  EXPECT_EQ(count(svg, "<circle class=\"point\""), 1U);
  EXPECT_EQ(count(svg, "<polyline"), 1U);
  EXPECT_EQ(count(svg, ">5-gram 2.000<"), 1U);
  for (const char* number : {">1<", ">2<", ">4<"}) EXPECT_GE(count(svg, number), 2U) << "at its point, and in the list";
  EXPECT_EQ(count(svg, "text class=\"best\" x=\"6"), 3U) << "the list";
  EXPECT_EQ(count(svg, "(logarithmic)"), 1U);
}

TEST(SweepSvg, TheSeedIsNoSettingAndComesLast) {
  const std::string svg = sweep_svg("t", sweep_report(R"({"seed": [1, 2], "beta1": [0.5, 0.6]})", {2.4, 2.3, 2.2, 2.1}));
  EXPECT_EQ(count(svg, "text class=\"seed\""), 4U);
  EXPECT_LT(svg.find(">beta1<"), svg.find(">seed<"));
}

// Of two that would touch, the better one has its number.
TEST(SweepSvg, TheBestHasItsNumber) {
  SweepReport report = sweep_report(kGrid, {2.4, 2.3, 2.2, 2.1995});
  report.rows.front().result.seconds = 3.01;
  const std::string svg = sweep_svg("t", report);
  EXPECT_EQ(count(svg, "class=\"number\""), 3U) << svg;
  EXPECT_EQ(count(svg.substr(svg.find("class=\"number\""), 60), ">4<"), 1U) << svg;
}

// Twice the time is the same way to the right, wherever; and a lower loss lies lower.
TEST(SweepSvg, TimeIsLogarithmic) {
  const std::string svg = sweep_svg("t", sweep_report(kGrid, {2.4, 2.2, 2.3, 2.0}));
  double x[3], y[3];
  ASSERT_EQ(
      std::sscanf(svg.c_str() + svg.find("points=\""), "points=\"%lf,%lf %lf,%lf %lf,%lf", x, y, x + 1, y + 1, x + 2, y + 2),
      6);
  EXPECT_NEAR(x[1] - x[0], x[2] - x[1], 0.21);
  EXPECT_GT(x[1], x[0]);
  EXPECT_NEAR(y[2] - y[1], y[1] - y[0], 0.21);
  EXPECT_GT(y[1], y[0]);
}

TEST(SweepSvg, WhatIsFarAboveTheOthersStandsAtTheEdge) {
  const std::string grid = R"({"n_embd": [8, 16, 32, 64, 128, 256]})";
  EXPECT_EQ(count(sweep_svg("t", sweep_report(grid, {2.3, 2.2, 2.25, 2.3, 9.0, 2.1})), "<path class=\"point\""), 1U);
  EXPECT_EQ(count(sweep_svg("t", sweep_report(grid, {2.3, 2.2, 2.25, 2.3, 2.4, 2.1})), "<path"), 0U);
}

TEST(SweepSvg, WhatFailedIsNoPoint) {
  EXPECT_EQ(count(sweep_svg("t", sweep_report(kGrid, {2.4, std::nullopt, 2.3, std::nullopt})), "<circle"), 2U);
  const std::string none = sweep_svg("t", sweep_report(kGrid, {std::nullopt, std::nullopt, std::nullopt, std::nullopt}));
  EXPECT_EQ(count(none, "<circle"), 0U);
  EXPECT_TRUE(none.ends_with("</svg>\n"));
}

TEST(SweepSvg, OnePointIsAPicture) {
  const std::string svg = sweep_svg("t", sweep_report(R"({"n_embd": 8})", {2.0}));
  EXPECT_EQ(count(svg, "<circle class=\"best\""), 1U);
  EXPECT_EQ(count(svg, "nan") + count(svg, "inf"), 0U) << svg;
}

}  // namespace
}  // namespace microgpt::sweep_svg_test
