// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "text/hashes.h"

namespace microgpt::siphash_test {
namespace {

constexpr SipHashKey kPaperKey{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};

std::string paper_message(std::size_t size) {
  std::string message;
  for (std::size_t i = 0; i < size; ++i) message.push_back(static_cast<char>(i));
  return message;
}

TEST(SipHash, GivesThePapersExample) { EXPECT_EQ(siphash(paper_message(15), kPaperKey), 0xa129ca6149be45e5U); }

// The reference implementation's answers, also OpenSSL's: every length of the last word, and words before it.
TEST(SipHash, IsRightForEveryLength) {
  const std::uint64_t answers[] = {0x726fdb47dd0e0e31U, 0x74f839c593dc67fdU, 0x0d6c8009d9a94f5aU, 0x85676696d7fb7e2dU,
                                   0xcf2794e0277187b7U, 0x18765564cd99a68dU, 0xcbc9466e58fee3ceU, 0xab0200f58b01d137U,
                                   0x93f5f5799a932462U, 0x9e0082df0ba9e4b0U, 0x7a5dbbc594ddb9f3U, 0xf4b32f46226bada7U,
                                   0x751e8fbc860ee5fbU, 0x14ea5627c0843d90U, 0xf723ca908e7af2eeU, 0xa129ca6149be45e5U,
                                   0x3f2acc7f57c29bdbU, 0x699ae9f52cbe4794U, 0x4bc1b3f0968dd39cU};
  for (std::size_t size = 0; size < std::size(answers); ++size)
    EXPECT_EQ(siphash(paper_message(size), kPaperKey), answers[size]) << size;
}

TEST(SipHash, CountsLengthsModulo256AndReadsBytesAsUnsigned) {
  EXPECT_EQ(siphash(std::string(300, 'a'), {1, 2}), 0x9ba0a3e1b1178e43U);
  EXPECT_EQ(siphash("\xFF\x80", {1, 2}), 0xd8fbeea75ded34e9U);
}

}  // namespace
}  // namespace microgpt::siphash_test
