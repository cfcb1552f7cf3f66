// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "report/plots/loss_plots.h"

namespace microgpt::loss_svg_test {
namespace {

LossPicture some_picture() {
  return {.title = "a < b & c",
          .mean = LossMean::document,
          .training = {{0, 3.3}, {100, 2.0}},
          .validation = {{0, 3.25}, {50, 2.4}, {100, 2.1}},
          .vocab_size = 27,
          .ngram = Level{2.05, "5-gram"}};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(LossSvg, HasALineAndANameForEachOfFour) {
  const std::string svg = loss_svg(some_picture());
  EXPECT_TRUE(svg.starts_with("<svg xmlns=")) << svg;
  EXPECT_TRUE(svg.ends_with("</svg>\n")) << svg;
  EXPECT_EQ(count(svg, "<polyline"), 2U);
  for (const char* name : {">train 2.000<", ">validation 2.100<", ">random: ln 27<", ">5-gram 2.050<"})
    EXPECT_EQ(count(svg, name), 1U) << name;
  EXPECT_EQ(count(svg, "<line class=\"random\""), 1U);
  EXPECT_EQ(count(svg, "<line class=\"ngram\""), 1U);
}

TEST(LossSvg, TextIsEscaped) { EXPECT_EQ(count(loss_svg(some_picture()), "a &lt; b &amp; c"), 2U); }

// The first and the last point lie at the ends of the axes, and a higher loss lies higher.
TEST(LossSvg, PointsLieWhereTheyBelong) {
  LossPicture picture = some_picture();
  picture.training.clear();
  picture.ngram.reset();
  const std::string svg = loss_svg(picture);
  const std::size_t at = svg.find("points=\"");
  double x[3], y[3];
  ASSERT_EQ(std::sscanf(svg.c_str() + at, "points=\"%lf,%lf %lf,%lf %lf,%lf", x, y, x + 1, y + 1, x + 2, y + 2), 6);
  EXPECT_LT(y[0], y[1]);
  EXPECT_LT(y[1], y[2]);
  EXPECT_NEAR(x[1] - x[0], x[2] - x[1], 0.11);
}

// Lines that end in one place have names that do not touch.
TEST(LossSvg, NamesDoNotTouch) {
  LossPicture picture = some_picture();
  picture.training.back().y = picture.validation.back().y = picture.ngram->y = 2.0;
  const std::string svg = loss_svg(picture);
  std::vector<double> heights;
  for (std::size_t at = svg.find("<text class=\""); at != std::string::npos; at = svg.find("<text class=\"", at + 1)) {
    double x, y;
    char name[32];
    if (std::sscanf(svg.c_str() + at, "<text class=\"%31[a-z]\" x=\"%lf\" y=\"%lf\"", name, &x, &y) == 3 && x > 500)
      heights.push_back(y);
  }
  ASSERT_EQ(heights.size(), 4U);
  std::sort(heights.begin(), heights.end());
  for (std::size_t i = 1; i < heights.size(); ++i) EXPECT_GE(heights[i] - heights[i - 1], 15.0);
}

}  // namespace
}  // namespace microgpt::loss_svg_test
