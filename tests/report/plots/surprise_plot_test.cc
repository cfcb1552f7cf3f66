// SPDX-License-Identifier: MIT
// The losses of given probabilities as a picture and as a page.
#include "report/plots/surprise_plot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "report/plots/surprise_page.h"

namespace microgpt::surprise_plot_test {
namespace {

SurprisePlot plot_of(const std::vector<double>& probabilities, bool is_document = true) {
  SurprisePlot plot{{}, 27, is_document};
  for (const double p : probabilities) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", p);
    plot.probabilities.push_back({text, p, "so likely"});
  }
  return plot;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Place {
  double x, y;
};

std::vector<Place> places_of(const std::string& svg, const std::string& begin, const std::string& format) {
  std::vector<Place> places;
  for (std::size_t at = svg.find(begin); at != std::string::npos; at = svg.find(begin, at + 1)) {
    Place place{};
    if (std::sscanf(svg.c_str() + at, (begin + format).c_str(), &place.x, &place.y) == 2) places.push_back(place);
  }
  return places;
}

std::vector<Place> dots_in(const std::string& svg) { return places_of(svg, "<circle class=\"dot\" ", "cx=\"%lf\" cy=\"%lf\""); }

TEST(SurprisePlot, HasADotWithItsLossForEachProbability) {
  const std::string svg = surprise_svg(plot_of({0.5, 0.25, 0.125}));
  EXPECT_TRUE(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
  EXPECT_EQ(dots_in(svg).size(), 3U);
  for (const char* label : {">P 0.5: 0.693 nats, 1.000 bits</text>", ">P 0.25: 1.386 nats, 2.000 bits</text>",
                            ">P 0.125: 2.079 nats, 3.000 bits</text>", ">mean 1.386 nats, 2.000 bits</text>",
                            ">guessing: ln 27 = 3.296 nats</text>"})
    EXPECT_EQ(count(svg, label), 1U) << label << svg;
  EXPECT_EQ(count(svg, "<line class=\"mean\"") + count(svg, "<line class=\"random\""), 2U);
  EXPECT_TRUE(contains(svg, "0.5 × 0.25 × 0.125 = 0.015625, and −ln of that is 4.159, the sum; divided by 3 it is 1.386"));
  EXPECT_EQ(count(svg, "http"), 1U) << "the name space alone: it needs nothing from elsewhere";
}

TEST(SurprisePlot, DescribesItselfToWhoCannotSeeIt) {
  const std::string svg = surprise_svg(plot_of({0.5, 0.25}));
  const std::size_t begin = svg.find("<desc id=\"desc\">");
  ASSERT_NE(begin, std::string::npos);
  const std::string description = svg.substr(begin, svg.find("</desc>") - begin);
  EXPECT_TRUE(contains(description, "P 0.25: 1.386 nats, 2.000 bits. P 0.5: 0.693 nats")) << description;
  EXPECT_TRUE(contains(description, "The mean of 2 is 1.040 nats")) << description;
  EXPECT_TRUE(contains(svg, "aria-labelledby=\"title desc\"") && contains(svg, "<title id=\"title\">"));
}

// The dots lie on the curve: equal steps of the loss are equal steps down, and P goes from left to right.
TEST(SurprisePlot, DotsLieWhereTheyBelong) {
  const std::vector<Place> dots = dots_in(surprise_svg(plot_of({0.5, 0.25, 0.125, 1.0})));
  ASSERT_EQ(dots.size(), 4U);
  EXPECT_NEAR(dots[1].y - dots[0].y, dots[2].y - dots[1].y, 0.21);
  EXPECT_NEAR(dots[3].y - dots[2].y, dots[2].y - dots[1].y, 0.21);
  EXPECT_NEAR(dots[2].x - dots[1].x, 2 * (dots[1].x - dots[0].x), 0.31);
  EXPECT_NEAR(dots[3].x - dots[2].x, 4 * (dots[1].x - dots[0].x), 0.51);
}

TEST(SurprisePlot, LabelsDoNotTouch) {
  const std::string svg = surprise_svg(plot_of({1, 0.999, 0.998, 0.997, 0.996, 0.995, 0.994, 0.5, 1.0 / 27, 0.038, 1e-9, 0}));
  std::vector<double> heights;
  for (const char* name : {"label", "mean", "random"})
    for (const Place& place : places_of(svg, std::string("<text class=\"") + name + "\" ", "x=\"%lf\" y=\"%lf\"")) {
      heights.push_back(place.y);
      EXPECT_GT(place.y, 50.0);
      EXPECT_LT(place.y, 400.0);
    }
  ASSERT_EQ(heights.size(), 12U + 2U);
  std::sort(heights.begin(), heights.end());
  for (std::size_t i = 1; i < heights.size(); ++i) EXPECT_GE(heights[i] - heights[i - 1], 17.0);
}

TEST(SurprisePlot, WhatLiesAboveTheAxisIsATriangle) {
  const std::string svg = surprise_svg(plot_of({0.5, 1e-30, 0.0}));
  EXPECT_EQ(dots_in(svg).size(), 1U);
  EXPECT_EQ(count(svg, "<path class=\"dot\""), 2U);
  EXPECT_TRUE(contains(svg, ">P 0: ∞ nats, ∞ bits</text>") && contains(svg, ">mean ∞ nats, ∞ bits</text>")) << svg;
  EXPECT_TRUE(contains(svg, "Triangle: above the axis."));
  EXPECT_EQ(count(svg, "<line class=\"mean\""), 0U) << "it is nowhere";
  EXPECT_FALSE(contains(svg, "nan") || contains(svg, "inf"));
  EXPECT_FALSE(contains(surprise_svg(plot_of({0.5})), "Triangle"));
}

TEST(SurprisePlot, EqualOnesAreOneDotAndManyHaveNoLabels) {
  const std::string svg = surprise_svg(plot_of({0.5, 0.5, 0.25}));
  EXPECT_EQ(dots_in(svg).size(), 2U);
  EXPECT_TRUE(contains(svg, ">P 0.5 (2 times): 0.693 nats, 1.000 bits</text>")) << svg;
  std::vector<double> many;
  for (int i = 1; i <= 200; ++i) many.push_back(i / 200.0);
  const std::string crowded = surprise_svg(plot_of(many));
  EXPECT_EQ(dots_in(crowded).size(), 200U);
  EXPECT_EQ(count(crowded, "<text class=\"label\""), 0U);
  EXPECT_EQ(count(crowded, "<title>P 0.5: 0.693 nats, 1.000 bits</title>"), 1U) << "under the pointer";
  EXPECT_TRUE(contains(crowded, "Point at a dot"));
}

TEST(SurprisePlot, ExamplesHaveNoMean) {
  const SurprisePlot examples = plot_of({1.0, 0.5, 0.0}, false);
  EXPECT_FALSE(contains(surprise_svg(examples), ">mean "));
  EXPECT_FALSE(contains(surprise_html(examples), "<tfoot>"));
}

TEST(SurprisePlot, ThePageHasThePictureAndTheSum) {
  const SurprisePlot plot = plot_of({0.5, 0.25, 0.125});
  const std::string page = surprise_html(plot);
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
  EXPECT_TRUE(contains(page, surprise_svg(plot)));
  EXPECT_TRUE(contains(page, "<td>0.25</td><td>1.3863</td><td>2.0000</td><td>so likely</td>")) << page;
  EXPECT_TRUE(contains(page, "<td>0.015625</td><td>4.1589</td><td>6.0000</td><td>the product")) << page;
  EXPECT_TRUE(contains(page, "<td>0.25</td><td>1.3863</td><td>2.0000</td><td>the mean of 3: perplexity e^1.3863 = 4</td>"));
  EXPECT_EQ(count(page, "http"), 1U) << "the name space alone";
  EXPECT_EQ(count(page, "<script") + count(page, "url("), 0U);
  EXPECT_TRUE(contains(surprise_html(plot_of(std::vector<double>(1000, 1.0 / 32))), "<td>7.0")) << "2^-5000, and not 0";
}

}  // namespace
}  // namespace microgpt::surprise_plot_test
