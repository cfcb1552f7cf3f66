// SPDX-License-Identifier: MIT
#include "io/safetensors.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "microgpt/error.h"
#include "text/little_endian.h"

namespace microgpt::safetensors_test {
namespace {

constexpr const char* kRemedy = "; restore the file from a copy or save the model again";

std::string write(std::span<const TensorToWrite> tensors, const SafetensorsMetadata& metadata = {}) {
  std::string bytes;
  write_safetensors("m.safetensors", tensors, metadata, [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

// A file with this header, unpadded, and data of so many zeros.
std::string file_of(std::string_view header, std::size_t data_size) {
  std::string bytes;
  append_little_endian(bytes, std::uint64_t{header.size()});
  bytes += header;
  bytes.append(data_size, '\0');
  return bytes;
}

std::string error_of(const std::string& bytes) {
  try {
    Safetensors::parse("m.safetensors", bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string error_of(std::string_view header, std::size_t data_size) { return error_of(file_of(header, data_size)); }

std::vector<double> values_of(const Safetensors& file, std::string_view name) {
  const StoredTensor* tensor = file.find(name);
  if (tensor == nullptr) return {};
  std::vector<double> values(tensor->size());
  file.copy(*tensor, values);
  return values;
}

const std::vector<double> kValues{1.0,  -0.0, 0.5, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max(),
                                  -3.25};

TEST(Safetensors, IsTheDocumentedFormat) {
  const std::vector<double> a{1.0, -2.5};
  const std::vector<double> b{0.1};
  const std::vector<TensorToWrite> tensors{{"z", 1, 2, Precision::float32, a}, {"a", 1, 1, Precision::float64, b}};
  const std::string header = R"({"__metadata__":{"format":"pt"},"z":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
                             R"("a":{"dtype":"F64","shape":[1,1],"data_offsets":[8,16]}} )";
  ASSERT_EQ(header.size(), 144U);
  std::string expected = std::string("\x90\0\0\0\0\0\0\0", 8) + header;
  expected += std::string("\0\0\x80\x3f\0\0\x20\xc0", 8);
  expected += "\x9a\x99\x99\x99\x99\x99\xb9\x3f";
  EXPECT_EQ(write(tensors, {{"format", "pt"}}), expected);
}

TEST(Safetensors, ReadsWhatItWrote) {
  std::vector<double> exact = kValues;
  exact[0] = 0.1;
  exact[3] = std::numeric_limits<double>::denorm_min();
  exact[4] = std::numeric_limits<double>::max();
  const std::vector<TensorToWrite> tensors{{"wte", 2, 3, Precision::float32, kValues},
                                           {"lm_head", 3, 2, Precision::float64, exact}};
  const auto file = Safetensors::parse("m", write(tensors, {{"step", "3"}}));
  EXPECT_EQ(file.metadata(), (SafetensorsMetadata{{"step", "3"}}));
  ASSERT_EQ(file.tensors().size(), 2U);
  ASSERT_NE(file.find("wte"), nullptr);
  EXPECT_EQ(file.find("wte")->rows, 2U);
  EXPECT_EQ(file.find("wte")->columns, 3U);
  EXPECT_EQ(file.find("wte")->precision, Precision::float32);
  EXPECT_EQ(values_of(file, "wte"), kValues);
  EXPECT_TRUE(std::signbit(values_of(file, "wte")[1]));
  EXPECT_EQ(file.find("lm_head")->precision, Precision::float64);
  EXPECT_EQ(values_of(file, "lm_head"), exact);
  EXPECT_EQ(file.find("wt"), nullptr);
  EXPECT_EQ(file.find("wtf"), nullptr);
}

TEST(Safetensors, WritesLongTensorsWhole) {
  std::vector<double> values(100'003);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  const std::vector<TensorToWrite> tensors{{"long", values.size(), 1, Precision::float64, values}};
  EXPECT_EQ(values_of(Safetensors::parse("m", write(tensors)), "long"), values);
}

TEST(Safetensors, WritesNoElementThatIsNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  struct Case {
    double value;
    Precision precision;
    const char* what;
  };
  for (const auto& [value, precision, what] : {Case{infinity, Precision::float64, "inf, which is not a finite F64"},
                                               Case{-infinity, Precision::float32, "-inf, which is not a finite F32"},
                                               Case{std::nan(""), Precision::float64, "nan, which is not a finite F64"},
                                               Case{1e39, Precision::float32, "1e+39, which is not a finite F32"}}) {
    std::vector<double> values(6);
    values[5] = value;
    const std::vector<TensorToWrite> tensors{{"wte", 2, 3, precision, values}};
    try {
      write(tensors);
      FAIL() << what;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()),
                "cannot write m.safetensors: \"wte\"[1][2] is " + std::string(what) + "; nothing was saved");
    }
  }
}

TEST(Safetensors, ReadsNoElementThatIsNotFinite) {
  const std::string header32 = R"({"wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}})";
  const std::string header64 = R"({"wte":{"dtype":"F64","shape":[2,1],"data_offsets":[0,16]}})";
  const auto error_of_reading = [](const std::string& bytes) -> std::string {
    try {
      values_of(Safetensors::parse("m.safetensors", bytes), "wte");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  std::string bytes = file_of(header32, 4);
  append_little_endian(bytes, std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN()));
  EXPECT_EQ(error_of_reading(bytes), "m.safetensors: \"wte\"[1][0] is nan" + std::string(kRemedy));
  bytes = file_of(header64, 8);
  append_little_endian(bytes, std::bit_cast<std::uint64_t>(-std::numeric_limits<double>::infinity()));
  EXPECT_EQ(error_of_reading(bytes), "m.safetensors: \"wte\"[1][0] is -inf" + std::string(kRemedy));
}

TEST(Safetensors, EveryTruncationIsAnError) {
  const std::vector<TensorToWrite> tensors{{"wte", 2, 3, Precision::float32, kValues}};
  const std::string bytes = write(tensors, {{"format", "pt"}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string error = error_of(bytes.substr(0, size));
    EXPECT_TRUE(error.starts_with("m.safetensors") && error.ends_with(kRemedy)) << size << ": " << error;
  }
  EXPECT_EQ(error_of(bytes), "no error");
  EXPECT_EQ(error_of(bytes + '\0'),
            "m.safetensors: the tensors end at byte 24 of the data, which has 25" + std::string(kRemedy));
}

TEST(Safetensors, HeaderSizesAreNotTrusted) {
  for (const std::uint64_t size : {std::uint64_t{1} << 60, std::numeric_limits<std::uint64_t>::max(), std::uint64_t{1} << 24}) {
    std::string bytes;
    append_little_endian(bytes, size);
    bytes += "{}";
    EXPECT_EQ(error_of(bytes), "m.safetensors: its header has " + std::to_string(size) +
                                   " bytes, more than the 8388608 that are possible" + kRemedy);
  }
  std::string bytes;
  append_little_endian(bytes, std::uint64_t{3});
  EXPECT_EQ(error_of(bytes + "{}"), "m.safetensors is cut off: its header has 3 bytes, and the file 10" + std::string(kRemedy));
}

TEST(Safetensors, SaysWhatIsWrongWithTheHeader) {
  struct Case {
    const char* header;
    const char* error;
  };
  for (const auto& [header, error] : {
           Case{"[]", ": the header is no JSON object"},
           Case{"{", ": the header is not valid JSON (line 1, byte 2)"},
           Case{R"({"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{}}}}}}}}})", ": the header is nested deeper than 8 levels"},
           Case{R"({"wte":{},"wte":{}})", ": the header has \"wte\" twice"},
           Case{R"({"__metadata__":{"n":3}})", ": __metadata__: \"n\" is not a text"},
           Case{R"({"__metadata__":[]})", ": __metadata__ is no JSON object"},
           Case{R"({"wte":[]})", ": the tensor \"wte\" is no JSON object"},
           Case{R"({"wte":{}})", ": the tensor \"wte\" has no field \"dtype\""},
           Case{R"({"wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8],"x":1}})",
                ": the tensor \"wte\" has the unknown field \"x\""},
           Case{R"({"wte":{"dtype":"BF16","shape":[4,1],"data_offsets":[0,8]}})",
                ": the tensor \"wte\" is of the type \"BF16\", and not F32 or F64"},
           Case{R"({"wte":{"dtype":32,"shape":[2,1],"data_offsets":[0,8]}})", ": the tensor \"wte\": \"dtype\" is not a text"},
           Case{R"({"wte":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                ": the tensor \"wte\": \"shape\" is not two whole numbers of 0 or more"},
           Case{R"({"wte":{"dtype":"F32","shape":[-2,-1],"data_offsets":[0,8]}})",
                ": the tensor \"wte\": \"shape\" is not two whole numbers of 0 or more"},
           Case{R"({"wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8.0]}})",
                ": the tensor \"wte\": \"data_offsets\" is not two whole numbers of 0 or more"},
       })
    EXPECT_EQ(error_of(header, 8), std::string("m.safetensors") + error + kRemedy);
}

TEST(Safetensors, OffsetsAndShapesAreNotTrusted) {
  const auto error_with = [](const std::string& shape, const std::string& offsets) {
    return error_of(R"({"wte":{"dtype":"F32","shape":[)" + shape + R"(],"data_offsets":[)" + offsets + "]}}", 16);
  };
  const auto offsets_error = [](const std::string& from, const std::string& to) {
    return "m.safetensors: the tensor \"wte\" is said to be at the bytes " + from + " to " + to + " of the data, which has 16" +
           kRemedy;
  };
  EXPECT_EQ(error_with("2,2", "0,16"), "no error");
  EXPECT_EQ(error_with("2,2", "0,17"), offsets_error("0", "17"));
  EXPECT_EQ(error_with("2,2", "16,0"), offsets_error("16", "0"));
  EXPECT_EQ(error_with("2,2", "18446744073709551600,18446744073709551615"),
            offsets_error("18446744073709551600", "18446744073709551615"));
  // 2^32 * 2^32 * 4 is 0 in 64 bits, and (2^62 + 4) * 4 is 16.
  for (const char* shape : {"2,3", "1,2", "0,4", "4294967296,4294967296", "4611686018427387908,1", "1,4611686018427387908"})
    EXPECT_NE(error_with(shape, "0,16").find("\"wte\" has 16 bytes, and the shape ["), std::string::npos) << shape;
  EXPECT_NE(error_with("3,1", "0,15").find("has 15 bytes"), std::string::npos);
}

TEST(Safetensors, TensorsLieEndToEnd) {
  const auto error_with = [](const std::string& first, const std::string& second) {
    return error_of(R"({"a":{"dtype":"F32","shape":[1,2],"data_offsets":[)" + first +
                        R"(]},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[)" + second + "]}}",
                    16);
  };
  EXPECT_EQ(error_with("0,8", "8,16"), "no error");
  EXPECT_EQ(error_with("8,16", "0,8"), "no error");
  const std::string second = "m.safetensors: the tensor \"b\" begins at byte ";
  EXPECT_EQ(error_with("0,8", "0,8"), second + "0 of the data, and the one before it ends at 8" + kRemedy);
  EXPECT_EQ(error_with("0,8", "4,12"), second + "4 of the data, and the one before it ends at 8" + kRemedy);
  EXPECT_EQ(
      error_of(R"({"a":{"dtype":"F32","shape":[1,1],"data_offsets":[4,8]}})", 8),
      "m.safetensors: the tensor \"a\" begins at byte 4 of the data, and the one before it ends at 0" + std::string(kRemedy));
}

TEST(Safetensors, ErrorsStayOnOneLine) {
  const std::string error = error_of(R"({"a\nb\u0007)" + std::string(100'000, 'x') + R"(":3})", 0);
  EXPECT_EQ(error.find_first_of("\n\a"), std::string::npos);
  EXPECT_LT(error.size(), 300U);
}

}  // namespace
}  // namespace microgpt::safetensors_test
