// SPDX-License-Identifier: MIT
#include "engine/libm_variant.h"

#include <gtest/gtest.h>

#include "support/process.h"

namespace microgpt::libm_variant_test {
namespace {

TEST(LibmVariant, IsReportedByInfo) {
  EXPECT_NE(testing::run_microgpt({"info", "--system"}).out.find(describe(probe_libm())), std::string::npos);
}

// glibc can be told to choose its other variant; the probe has to notice. Where there is only one, there is nothing to see.
TEST(LibmVariant, ProbeTellsTheVariantsApart) {
  if (probe_libm() != LibmVariant::glibc_fma) GTEST_SKIP() << "this machine's libm is not the variant with FMA";
  const auto result = testing::run_microgpt({"info", "--system"}, "", {"GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4"});
  EXPECT_NE(result.out.find(describe(LibmVariant::glibc_generic)), std::string::npos) << result.out;
}

}  // namespace
}  // namespace microgpt::libm_variant_test
