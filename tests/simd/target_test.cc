// SPDX-License-Identifier: MIT
#include "simd/target.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/fast/kernels/kernels.h"

namespace microgpt::target_test {
namespace {

TEST(Target, EveryMachineHasScalarAndItIsTheLastChoice) {
  ASSERT_FALSE(available_targets().empty());
  EXPECT_EQ(available_targets().back(), Target::scalar);
  EXPECT_EQ(best_target(), available_targets().front());
}

TEST(Target, IsFoundByItsName) {
  std::string names;
  for (const Target target : available_targets()) {
    EXPECT_EQ(find_target(name_of(target)), target);
    names += (names.empty() ? "" : ", ") + std::string(name_of(target));
  }
  EXPECT_EQ(available_target_names(), names);
  for (const char* none : {"", "AVX2", "sse4", "avx"}) EXPECT_EQ(find_target(none), std::nullopt) << none;
}

// Comparing targets would say nothing if two of them were the same functions.
TEST(Target, EachHasKernelsOfItsOwn) {
  std::set<const fast::Kernels*> tables;
  std::set<void (*)(const fast::ProductCall&)> products;
  for (const Target target : available_targets()) {
    EXPECT_TRUE(tables.insert(&fast::kernels_for(target)).second) << name_of(target);
    EXPECT_TRUE(products.insert(fast::kernels_for(target).product).second) << name_of(target);
  }
}

}  // namespace
}  // namespace microgpt::target_test
