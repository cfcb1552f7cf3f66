// SPDX-License-Identifier: MIT
#include "export/protobuf_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace microgpt::protobuf_writer_test {
namespace {

using namespace std::string_literals;

std::string integer(std::uint32_t field, std::int64_t value) {
  ProtobufWriter writer;
  writer.integer(field, value);
  return writer.take();
}

// The examples of the format's description, and what lies at the bounds.
TEST(ProtobufWriter, AnIntegerTakesSevenBitsAByte) {
  EXPECT_EQ(integer(1, 150), "\x08\x96\x01");
  EXPECT_EQ(integer(1, 0), "\x08\0"s);
  EXPECT_EQ(integer(1, 127), "\x08\x7f");
  EXPECT_EQ(integer(1, 128), "\x08\x80\x01");
  EXPECT_EQ(integer(15, 1), "\x78\x01");
  EXPECT_EQ(integer(16, 1), "\x80\x01\x01");
  EXPECT_EQ(integer(1, -2), "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  EXPECT_EQ(integer(1, std::numeric_limits<std::int64_t>::max()), "\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
  EXPECT_EQ(integer(1, std::numeric_limits<std::int64_t>::min()), "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01");
}

TEST(ProtobufWriter, BytesFollowTheirLength) {
  ProtobufWriter writer;
  writer.bytes(2, "testing");
  EXPECT_EQ(writer.text(), "\x12\x07testing");
  writer.bytes(2, "");
  writer.bytes(2, "\0\xff"s);
  EXPECT_EQ(writer.text(), "\x12\x07testing\x12\0\x12\x02\0\xff"s);
  ProtobufWriter longer;
  longer.bytes(1, std::string(300, 'x'));
  EXPECT_EQ(longer.text(), "\x0a\xac\x02" + std::string(300, 'x'));
}

TEST(ProtobufWriter, AMessageIsBytes) {
  ProtobufWriter inner, outer;
  inner.integer(1, 150);
  outer.message(3, inner);
  EXPECT_EQ(outer.text(), "\x1a\x03\x08\x96\x01");
}

}  // namespace
}  // namespace microgpt::protobuf_writer_test
