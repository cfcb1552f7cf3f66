// SPDX-License-Identifier: MIT
#include "io/json.h"

#include <gtest/gtest.h>

#include <functional>

#include "microgpt/error.h"

namespace microgpt::json_test {
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
  const Json value =
      parse_json("f.json", R"({"b": {"x": 1}, "a": {"x": 2.5}, "c": [{"x": -3}, {"x": "é"}, true, null, []]}  )");
  EXPECT_EQ(value,
            Json::object(
                {{"b", Json::object({{"x", 1}})},
                 {"a", Json::object({{"x", 2.5}})},
                 {"c", Json::array({Json::object({{"x", -3}}), Json::object({{"x", "é"}}), true, nullptr, Json::array()})}}));
}

TEST(Json, KeepsTheOrderOfFieldsAndPrintsWhatItRead) {
  const std::string text = R"({"b":1,"a":[0.1,1.0,-7,18446744073709551615,1e-30,"\u00e9\"",null,true,{}]})";
  EXPECT_EQ(dump(parse_json("f.json", text)), text);
  EXPECT_EQ(dump(Json::object({{"a", Json::array({1})}, {"b", Json()}}), 2), "{\n  \"a\": [\n    1\n  ],\n  \"b\": null\n}");
  EXPECT_EQ(dump("é\xFF", std::nullopt, JsonCharacters::utf8), "\"é\uFFFD\"");
}

TEST(Json, NumbersAreEqualByTheirValue) {
  EXPECT_EQ(Json(1), Json(1.0));
  EXPECT_EQ(Json(-1), Json(-1.0));
  EXPECT_FALSE(Json(1) == Json(2.0));
  EXPECT_FALSE(Json(1) == Json(true));
  EXPECT_FALSE(Json() == Json(0));
}

TEST(Json, GrowsByFieldsAndElements) {
  Json object;
  object["a"] = 1;
  object["b"].push_back("x");
  object["a"] = 2;
  object.append(Json::object({{"c", std::optional<double>()}}));
  EXPECT_EQ(dump(object), R"({"a":2,"b":["x"],"c":null})");
  EXPECT_EQ(object.find("d"), nullptr);
  EXPECT_EQ(Json(3).find("d"), nullptr);
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
  const Json value = parse_json("f.json", R"({"a": 1, "b": 2})");
  EXPECT_NO_THROW(require_fields_among("f.json", value, {"a", "b", "c"}));
  EXPECT_EQ(error_of([&] { require_fields_among("f.json", value, {"b"}); }),
            "f.json has the unknown field \"a\"" + std::string(kRemedy));
  EXPECT_EQ(error_of([&] { require_fields_among("f.json", *value.find("a"), {"b"}); }),
            "f.json is no JSON object" + std::string(kRemedy));
}

TEST(Json, QuotesOnOneShortLine) {
  EXPECT_EQ(quote("wte"), "\"wte\"");
  EXPECT_EQ(quote("a\nb\"\x1b\x7fé"), R"("a\nb\"\u001b\u007f\u00e9")");
  EXPECT_EQ(quote(std::string(1000, 'a')), '"' + std::string(79, 'a') + "...\"");
}

}  // namespace
}  // namespace microgpt::json_test
