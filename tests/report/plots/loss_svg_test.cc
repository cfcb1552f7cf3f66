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

std::vector<Point> marks_in(const std::string& svg, const char* format) {
  std::vector<Point> marks;
  for (std::size_t at = svg.find("\n  <"); at != std::string::npos; at = svg.find("\n  <", at + 1)) {
    Point mark{};
    if (std::sscanf(svg.c_str() + at + 3, format, &mark.x, &mark.y) == 2 && mark.y > 70.0) marks.push_back(mark);  // no legend
  }
  return marks;
}

std::vector<Point> dots_in(const std::string& svg) { return marks_in(svg, "<circle class=\"step\" cx=\"%lf\" cy=\"%lf\""); }
std::vector<Point> triangles_in(const std::string& svg) { return marks_in(svg, "<path class=\"above\" d=\"M%lf %lf"); }
std::vector<Point> rings_in(const std::string& svg) { return marks_in(svg, "<circle class=\"kept\" cx=\"%lf\" cy=\"%lf\""); }

// The height of the horizontal line of a class.
double level_in(const std::string& svg, const std::string& name) {
  double y = 0.0;
  const std::size_t at = svg.find("<line class=\"" + name);
  if (at != std::string::npos) std::sscanf(svg.c_str() + svg.find("y1=", at), "y1=\"%lf\"", &y);
  return y;
}

TEST(LossSvg, ShowsSomeOfTheSteps) {
  LossPicture picture = some_picture();
  EXPECT_TRUE(dots_in(loss_svg(picture)).empty());
  EXPECT_EQ(loss_svg(picture).find("a batch before"), std::string::npos);
  for (int step = 0; step <= 100; ++step) picture.steps.push_back({static_cast<double>(step), 3.0 - step * 0.01});
  std::vector<Point> dots = dots_in(loss_svg(picture));
  ASSERT_EQ(dots.size(), 101U);
  EXPECT_NE(loss_svg(picture).find(">a batch before it is trained on<"), std::string::npos);
  for (std::size_t i = 1; i < dots.size(); ++i) {
    EXPECT_GT(dots[i].x, dots[i - 1].x);
    EXPECT_GT(dots[i].y, dots[i - 1].y);
  }
  picture.steps.clear();
  for (int step = 0; step < 2000; ++step) picture.steps.push_back({static_cast<double>(step), 3.0});
  dots = dots_in(loss_svg(picture));
  EXPECT_EQ(dots.size(), 200U);
  EXPECT_NEAR(dots[1].x - dots[0].x, dots[199].x - dots[198].x, 0.21);
}

TEST(LossSvg, RingsTheKeptStep) {
  LossPicture picture = some_picture();
  EXPECT_TRUE(rings_in(loss_svg(picture)).empty());
  picture.validation[1].y = picture.ngram->y;
  picture.kept = picture.validation[1];
  const std::string svg = loss_svg(picture);
  const std::vector<Point> rings = rings_in(svg);
  ASSERT_EQ(rings.size(), 1U);
  EXPECT_NEAR(rings[0].y, level_in(svg, "ngram"), 0.11);
  picture.steps = {{0, 3.0}, {50, 3.0}, {100, 3.0}};
  EXPECT_NEAR(rings[0].x, dots_in(loss_svg(picture))[1].x, 0.11);
  EXPECT_NE(svg.find(">kept: step 50, 2.050<"), std::string::npos) << svg;
}

// However high it goes, what came before looks as it did.
TEST(LossSvg, ADivergingLossDoesNotFlattenTheRest) {
  for (const double far : {6.0, 1e3, 1e9}) {
    LossPicture picture = some_picture();
    for (int step = 0; step < 100; ++step) picture.steps.push_back({static_cast<double>(step), step < 50 ? 2.5 : far});
    picture.training.push_back({120, far});
    picture.validation.push_back({120, far});
    const std::string svg = loss_svg(picture);
    EXPECT_GT(level_in(svg, "ngram") - level_in(svg, "random"), 100.0) << far;
    EXPECT_EQ(dots_in(svg).size(), 50U);
    const std::vector<Point> triangles = triangles_in(svg);
    ASSERT_GT(triangles.size(), 20U);
    for (const Point& triangle : triangles) EXPECT_EQ(triangle.y, triangles.front().y);
    for (const Point& dot : dots_in(svg)) EXPECT_GT(dot.y, triangles.front().y);
    EXPECT_NE(svg.find(">above the axis<"), std::string::npos);
  }
  EXPECT_TRUE(triangles_in(loss_svg(some_picture())).empty());
  EXPECT_EQ(loss_svg(some_picture()).find("above the axis"), std::string::npos);
}

// The grid stands at round numbers, wherever the axis begins.
TEST(LossSvg, NumbersAreRound) {
  LossPicture picture = some_picture();
  picture.training.back().y = picture.validation.back().y = 1.9;
  picture.ngram.reset();
  const std::string svg = loss_svg(picture);
  for (const char* number : {">2.0<", ">2.5<", ">3.0<"}) EXPECT_EQ(count(svg, number), 1U) << number << svg;
  EXPECT_EQ(count(svg, ">1.8<") + count(svg, ">2.3<"), 0U);
}

// A model that begins far above random guessing, as microgpt.py's with many features does, has not diverged.
TEST(LossSvg, ShowsAHighLossOfTheBeginning) {
  LossPicture picture = some_picture();
  picture.training.front().y = picture.validation.front().y = 8.3;
  EXPECT_TRUE(triangles_in(loss_svg(picture)).empty());
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
