#include "io/json.h"

#include <gtest/gtest.h>

#include <functional>

#include "microgpt/error.h"

namespace microgpt {
namespace {

constexpr const char* kRemedy = "; restore the file from a copy or save the model again";

std::string error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string error_of(std::string_view text) {
  return error_of([&] { parse_json("f.json", text); });
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(Json, ReadsWhatIsValid) {
  const auto value = parse_json("f.json", R"({"a": {"x": 1}, "b": {"x": 2}, "c": [{"x": 3}, {"x": "é"}]}  )");
  EXPECT_EQ(value["a"]["x"], 1);
  EXPECT_EQ(value["c"][1]["x"], "é");
}

TEST(Json, SaysWhereItIsNotValid) {
  const std::string invalid = "f.json is not valid JSON (line ";
  EXPECT_EQ(error_of(""), invalid + "1, byte 1)" + kRemedy);
  EXPECT_EQ(error_of("{\"a\": }"), invalid + "1, byte 7)" + kRemedy);
  EXPECT_EQ(error_of("{\n\"a\":\n}\n"), invalid + "3, byte 8)" + kRemedy);
  EXPECT_EQ(error_of("{} {}"), invalid + "1, byte 4)" + kRemedy);
  EXPECT_EQ(error_of("\"\xFF\""), invalid + "1, byte 2)" + kRemedy) << "invalid UTF-8";
  EXPECT_EQ(error_of("1e999"), "f.json is not valid JSON (a number is too large)" + std::string(kRemedy));
}

TEST(Json, RefusesAFieldThatIsThereTwice) {
  EXPECT_EQ(error_of(R"({"a": 1, "b": 2, "a": 3})"), "f.json has \"a\" twice" + std::string(kRemedy));
  EXPECT_EQ(error_of(R"({"b": {"c": {}, "a": 1}, "a": {"c": 1, "c": 2}})"), "f.json has \"c\" twice" + std::string(kRemedy));
  EXPECT_EQ(error_of(R"({"a": {"a": {"a": 1}}, "b": {"a": 1}})"), "no error") << "in different objects";
}

TEST(Json, RefusesDeepNesting) {
  EXPECT_EQ(error_of(repeat("[", kMaxJsonDepth) + repeat("]", kMaxJsonDepth)), "no error");
  const std::string deep = "f.json is nested deeper than 8 levels" + std::string(kRemedy);
  EXPECT_EQ(error_of(repeat("[", kMaxJsonDepth + 1) + repeat("]", kMaxJsonDepth + 1)), deep);
  EXPECT_EQ(error_of(repeat("{\"a\":", 1'000'000)), deep);
  EXPECT_EQ(error_of(repeat("[", 10'000'000)), deep);
}

TEST(Json, FieldsHaveTheirTypes) {
  const auto value =
      parse_json("f.json", R"({"n": 18446744073709551615, "text": "a", "minus": -1, "real": 1.0, "none": null})");
  EXPECT_EQ(integer_field("f.json", value, "n"), 18446744073709551615U);
  EXPECT_EQ(text_field("f.json", value, "text"), "a");
  for (const char* key : {"text", "minus", "real", "none"})
    EXPECT_EQ(error_of([&] { integer_field("f.json", value, key); }),
              "f.json: \"" + std::string(key) + "\" is not a whole number of 0 or more" + kRemedy);
  EXPECT_EQ(error_of([&] { text_field("f.json", value, "n"); }), "f.json: \"n\" is not a text" + std::string(kRemedy));
  EXPECT_EQ(error_of([&] { text_field("f.json", value, "other"); }), "f.json has no field \"other\"" + std::string(kRemedy));
}

TEST(Json, OnlyKnownFieldsPass) {
  const auto value = parse_json("f.json", R"({"a": 1, "b": 2})");
  EXPECT_NO_THROW(require_fields_among("f.json", value, {"a", "b", "c"}));
  EXPECT_EQ(error_of([&] { require_fields_among("f.json", value, {"b"}); }),
            "f.json has the unknown field \"a\"" + std::string(kRemedy));
  EXPECT_EQ(error_of([&] { require_fields_among("f.json", value["a"], {"b"}); }),
            "f.json is no JSON object" + std::string(kRemedy));
}

TEST(Json, QuotesOnOneShortLine) {
  EXPECT_EQ(quote("wte"), "\"wte\"");
  EXPECT_EQ(quote("a\nb\"\x1b\x7fé"), R"("a\nb\"\u001b\u007f\u00e9")");
  EXPECT_EQ(quote(std::string(1000, 'a')), '"' + std::string(79, 'a') + "...\"");
}

}  // namespace
}  // namespace microgpt
