// SPDX-License-Identifier: MIT
#include "microgpt/config.h"

#include <gtest/gtest.h>

#include "microgpt/error.h"

namespace microgpt::config_test {
namespace {

std::string error_of(const Config& config) {
  try {
    validate(config);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Config, TheDefaultIsThatOfMicrogpt) {
  const Config config;
  EXPECT_EQ(error_of(config), "no error");
  EXPECT_EQ(config.head_dim(), 4U);
  EXPECT_EQ(config.hidden_dim(), 64U);
}

TEST(Config, TheEndsOfTheRangesAreAllowed) {
  EXPECT_EQ(error_of({.vocab_size = 2, .n_layer = 1, .n_embd = 1, .n_head = 1, .block_size = 1}), "no error");
  EXPECT_EQ(error_of({.n_layer = 1024}), "no error");
  EXPECT_EQ(error_of({.n_embd = 4096, .n_head = 4096}), "no error");
  EXPECT_EQ(error_of({.block_size = 65536}), "no error");
}

TEST(Config, WhatIsOutOfRangeIsNamedWithTheRange) {
  EXPECT_EQ(error_of({.n_layer = 0}), "n_layer 0 is out of range: it must be from 1 to 1024");
  EXPECT_EQ(error_of({.n_layer = 1025}), "n_layer 1025 is out of range: it must be from 1 to 1024");
  EXPECT_EQ(error_of({.n_embd = 0}), "n_embd 0 is out of range: it must be from 1 to 16384");
  EXPECT_EQ(error_of({.n_embd = 16385}), "n_embd 16385 is out of range: it must be from 1 to 16384");
  EXPECT_EQ(error_of({.n_head = 0}), "n_head 0 is out of range: it must be from 1 to 16384");
  EXPECT_EQ(error_of({.block_size = 0}), "block_size 0 is out of range: it must be from 1 to 65536");
  EXPECT_EQ(error_of({.block_size = 65537}), "block_size 65537 is out of range: it must be from 1 to 65536");
  EXPECT_EQ(error_of({.vocab_size = 1}), "vocab_size 1 is out of range: it must be from 2 to 1112065");
}

TEST(Config, HeadsMustDivideTheWidth) {
  EXPECT_EQ(error_of({.n_embd = 17, .n_head = 4}), "n_embd 17 is not a multiple of n_head 4");
  EXPECT_EQ(error_of({.n_embd = 4, .n_head = 8}), "n_embd 4 is not a multiple of n_head 8");
}

TEST(Config, TooManyParametersAreCounted) {
  EXPECT_NE(error_of({.n_layer = 1024, .n_embd = 16384, .n_head = 1}).find("makes 3298536030208 parameters"),
            std::string::npos);
}

}  // namespace
}  // namespace microgpt::config_test
