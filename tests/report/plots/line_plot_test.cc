// SPDX-License-Identifier: MIT
#include "report/plots/line_plot.h"

#include <gtest/gtest.h>

namespace microgpt::line_plot_test {
namespace {

LinePlot falling_line() {
  LinePlot plot;
  plot.title = "title";
  plot.x_label = "x";
  plot.x_min = 0;
  plot.x_max = 1;
  plot.y_min = 0;
  plot.y_max = 1;
  plot.y_ticks = {0, 1};
  plot.x_ticks = {0, 1};
  plot.curve = {{0, 1}, {1, 0}};
  plot.width = 4;
  plot.height = 2;
  return plot;
}

TEST(LinePlot, DrawsADiagonal) {
  EXPECT_EQ(falling_line().str(),
            "title\n"
            "  1.00┤⠑⢄\n"
            "  0.00┤  ⠑⢄\n"
            "      └┴──┴\n"
            "       0  1   x\n");
}

// A dot is one in its character, and the line has its own: nobody takes one for the other.
TEST(LinePlot, TellsDotsFromTheLine) {
  LinePlot plot = falling_line();
  plot.width = 6;
  plot.curve = {{0, 0.75}, {1, 0.75}};
  for (int i = 0; i <= 100; ++i) {
    plot.dots.push_back({i / 100.0, 0.62});
    plot.dots.push_back({i / 100.0, 0.01});
    plot.dots.push_back({i / 100.0, 0.15});
  }
  EXPECT_EQ(plot.str(),
            "title\n"
            "  1.00┤⣤⣤⣤⣤⣤⣤\n"
            "  0.00┤⡀⡀⡀⡀⡀⡀\n"
            "      └┴────┴\n"
            "       0    1   x\n");
}

TEST(LinePlot, DrawsLevelsWithTheirLabels) {
  LinePlot plot = falling_line();
  plot.curve.clear();
  plot.levels = {{1.0, "level"}};
  EXPECT_NE(plot.str().find("  1.00┤⠁ ⠁  level\n"), std::string::npos) << plot.str();
}

TEST(LinePlot, LeavesOutWhatLiesOutside) {
  LinePlot plot = falling_line();
  plot.curve = {{0, 5}, {1, 5}};
  plot.levels = {{-1.0, "level"}};
  EXPECT_NE(plot.str().find("  1.00┤\n"), std::string::npos) << plot.str();
  EXPECT_EQ(plot.str().find("level"), std::string::npos);
}

}  // namespace
}  // namespace microgpt::line_plot_test
