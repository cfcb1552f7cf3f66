// SPDX-License-Identifier: MIT
#include "text/batch.h"

#include <gtest/gtest.h>

namespace microgpt::batch_test {
namespace {

TEST(Batch, LaysDocumentsEndToEnd) {
  Batch batch;
  batch.append(std::vector<Token>{9, 1, 2, 9}, 16);
  batch.append(std::vector<Token>{9, 9}, 16);
  EXPECT_EQ(batch.documents(), 2U);
  EXPECT_EQ(batch.positions(), 4U);
  EXPECT_EQ(batch.inputs, (std::vector<Token>{9, 1, 2, 9}));
  EXPECT_EQ(batch.targets, (std::vector<Token>{1, 2, 9, 9}));
  EXPECT_EQ(batch.document_inputs(1).size(), 1U);
  EXPECT_EQ(batch.document_targets(0)[2], 9);
}

TEST(Batch, CutsToTheContext) {
  Batch batch;
  batch.append(std::vector<Token>{9, 1, 2, 3, 9}, 2);
  EXPECT_EQ(batch.inputs, (std::vector<Token>{9, 1}));
  EXPECT_EQ(batch.targets, (std::vector<Token>{1, 2}));
}

TEST(Batch, CanBeFilledAnew) {
  Batch batch;
  batch.append(std::vector<Token>{9, 1, 9}, 16);
  batch.clear();
  EXPECT_EQ(batch.documents(), 0U);
  EXPECT_EQ(batch.positions(), 0U);
  batch.append(std::vector<Token>{9, 9}, 16);
  EXPECT_EQ(batch.offsets, (std::vector<std::size_t>{0, 1}));
}

}  // namespace
}  // namespace microgpt::batch_test
