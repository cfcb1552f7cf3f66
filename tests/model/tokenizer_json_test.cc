// SPDX-License-Identifier: MIT
#include "model/tokenizer_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "microgpt/error.h"

namespace microgpt::tokenizer_json_test {
namespace {

constexpr const char* kRemedy = "; restore the file from a copy or save the model again";

constexpr const char* kTokenizer = R"({
  "version": "1.0",
  "truncation": null,
  "padding": null,
  "added_tokens": [
    {
      "id": 5,
      "content": "<BOS>",
      "single_word": false,
      "lstrip": false,
      "rstrip": false,
      "normalized": false,
      "special": true
    }
  ],
  "normalizer": null,
  "pre_tokenizer": null,
  "post_processor": {
    "type": "TemplateProcessing",
    "single": [
      {
        "SpecialToken": {
          "id": "<BOS>",
          "type_id": 0
        }
      },
      {
        "Sequence": {
          "id": "A",
          "type_id": 0
        }
      }
    ],
    "pair": [
      {
        "SpecialToken": {
          "id": "<BOS>",
          "type_id": 0
        }
      },
      {
        "Sequence": {
          "id": "A",
          "type_id": 0
        }
      },
      {
        "SpecialToken": {
          "id": "<BOS>",
          "type_id": 0
        }
      },
      {
        "Sequence": {
          "id": "B",
          "type_id": 0
        }
      }
    ],
    "special_tokens": {
      "<BOS>": {
        "id": "<BOS>",
        "ids": [
          5
        ],
        "tokens": [
          "<BOS>"
        ]
      }
    }
  },
  "decoder": {
    "type": "Fuse"
  },
  "model": {
    "type": "BPE",
    "dropout": null,
    "unk_token": "<BOS>",
    "continuing_subword_prefix": null,
    "end_of_word_suffix": null,
    "fuse_unk": false,
    "byte_fallback": false,
    "ignore_merges": false,
    "vocab": {
      "\u0000": 0,
      "\"": 1,
      "a": 2,
      "\u00e9": 3,
      "\ud83d\ude00": 4,
      "<BOS>": 5
    },
    "merges": []
  }
}
)";

constexpr const char* kFormer = R"({
  "type": "characters",
  "characters": "\u0000\"a\u00e9\ud83d\ude00",
  "bos": 5
}
)";

constexpr const char* kFormerOfBytes = R"({
  "type": "bytes",
  "bytes": "\u0000\"a\u007f\u00c3\u00ff",
  "bos": 6
}
)";

// The last place, as names come last in the vocabulary.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.rfind(from);
  return at == std::string::npos ? "nothing to replace" : text.replace(at, from.size(), to);
}

std::string error_of(const std::string& text) {
  try {
    tokenizer_from_json("t.json", text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string message(const std::string& problem) { return "t.json" + problem + kRemedy; }

std::string error_with(const std::string& from, const std::string& to) { return error_of(replaced(kTokenizer, from, to)); }

std::u32string all_bytes() {
  std::u32string bytes;
  for (char32_t byte = 0; byte < 256; ++byte) bytes.push_back(byte);
  return bytes;
}

TEST(TokenizerJson, IsWhatTheDocumentSays) {
  const Tokenizer tokenizer = tokenizer_from_json("t.json", kTokenizer);
  EXPECT_EQ(tokenizer.characters(), std::u32string(U"\0\"a\u00e9\U0001F600", 5));
  EXPECT_EQ(tokenizer.bos(), 5);
  EXPECT_EQ(tokenizer_to_json(tokenizer), kTokenizer);
}

TEST(TokenizerJson, ComesBackWhateverTheCharacters) {
  const std::vector<std::u32string> vocabularies{
      std::u32string(1, U'\0'), U"a", U"\t\n\r ", U"\u0085\u00a0\u2028\ufeff\ufffe\U0001F600\U0010FFFF", U"\"'\\/{}[]<>BOS_",
      U"\u0301\u0327e"};
  for (std::u32string characters : vocabularies) {
    std::sort(characters.begin(), characters.end());
    const Tokenizer tokenizer = Tokenizer::from_characters(characters);
    const Tokenizer read = tokenizer_from_json("t.json", tokenizer_to_json(tokenizer));
    EXPECT_EQ(read.characters(), characters);
    EXPECT_EQ(read.encoding(), Encoding::utf8);
  }
  for (const std::u32string& bytes : {all_bytes(), std::u32string(1, U'\0'), std::u32string(U"\n \u00ad\u00ff")}) {
    const Tokenizer read = tokenizer_from_json("t.json", tokenizer_to_json(Tokenizer::from_characters(bytes, Encoding::bytes)));
    EXPECT_EQ(read.characters(), bytes);
    EXPECT_EQ(read.encoding(), Encoding::bytes);
  }
}

// As in the byte-level tokenizer of GPT-2.
TEST(TokenizerJson, SaysWhetherCaseIsFolded) {
  const std::string text = tokenizer_to_json(Tokenizer::from_characters(U"abc", Encoding::utf8, true));
  EXPECT_NE(text.find("\"Lowercase\""), std::string::npos);
  EXPECT_TRUE(tokenizer_from_json("t.json", text).folds_case());
  EXPECT_FALSE(tokenizer_from_json("t.json", tokenizer_to_json(Tokenizer::from_characters(U"abc"))).folds_case());
  std::string other = text;
  other.replace(other.find("Lowercase"), 9, "Uppercase");
  EXPECT_THROW(tokenizer_from_json("t.json", other), Error);
}

TEST(TokenizerJson, BytesAreTheCharactersThatTheSchemaHasForThem) {
  const std::u32string bytes = U"\n a\u007f\u00ad\u00c3\u00ff";
  const std::string text = tokenizer_to_json(Tokenizer::from_characters(bytes, Encoding::bytes));
  EXPECT_NE(text.find(R"("vocab": {
      "\u010a": 0,
      "\u0120": 1,
      "a": 2,
      "\u0121": 3,
      "\u0143": 4,
      "\u00c3": 5,
      "\u00ff": 6,
      "<BOS>": 7
    })"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("pre_tokenizer": {
    "type": "ByteLevel",
    "add_prefix_space": false,
    "trim_offsets": true,
    "use_regex": false
  })"),
            std::string::npos);
}

// Where another program finds the name of BOS in a text, the text has a character that the model has never seen.
TEST(TokenizerJson, TheNameOfBosCannotBeSpelled) {
  const auto name_for = [](std::u32string characters, Encoding encoding = Encoding::utf8) {
    std::sort(characters.begin(), characters.end());
    return bos_name(Tokenizer::from_characters(std::move(characters), encoding));
  };
  EXPECT_EQ(name_for(U"BOS>"), "<BOS>");
  EXPECT_EQ(name_for(U"BOS>\u00ff", Encoding::bytes), "<BOS>");
  EXPECT_EQ(name_for(U"<BOS>"), "<BOS\U0010FFFF>");
  EXPECT_EQ(name_for(U"<BOS>\U0010FFFF\U0010FFFE"), "<BOS\U0010FFFD>");
  EXPECT_EQ(name_for(U"<BOS>", Encoding::bytes), "<BOS\U0010FFFF>");
  std::u32string bytes = all_bytes();
  bytes.erase(0xF4, 1);
  EXPECT_EQ(name_for(bytes, Encoding::bytes), "<BOS\U0010FFFF>");
  bytes = all_bytes();
  bytes.erase(0xEE, 1);
  EXPECT_EQ(name_for(bytes, Encoding::bytes), "<BOS\uEFFF>");
  EXPECT_EQ(name_for(all_bytes(), Encoding::bytes), "<BOS\U0010FFFF>") << "which all bytes spell, and no text has";
}

TEST(TokenizerJson, SaysWhatIsWrong) {
  EXPECT_EQ(error_with("\"BPE\"", "\"WordLevel\""), message(": model.type is \"WordLevel\", and not \"BPE\""));
  EXPECT_EQ(error_with("[]", "[\"a b\"]"), message(": model.merges is [\"a b\"], and not []"));
  EXPECT_EQ(error_with("\"fuse_unk\": false", "\"fuse_unk\": true"), message(": model.fuse_unk is true, and not false"));
  EXPECT_EQ(error_with("\"unk_token\": \"<BOS>\"", "\"unk_token\": null"),
            message(": model.unk_token is null, and not \"<BOS>\""));
  EXPECT_EQ(error_with("\"dropout\": null,", ""), message(": model has no field \"dropout\""));
  EXPECT_EQ(error_with("\"dropout\"", "\"drop\""), message(": model has the unknown field \"drop\""));
  EXPECT_EQ(error_with("\"version\"", "\"edition\""), message(" has the unknown field \"edition\""));
  EXPECT_EQ(error_with("\"version\": \"1.0\",", ""), message(" has no field \"version\""));
  EXPECT_EQ(error_with("\"Fuse\"", "\"ByteFallback\""), message(": decoder.type is \"ByteFallback\", and not \"Fuse\""));
  EXPECT_EQ(error_with("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}"),
            message(": normalizer.type is \"NFC\", and not \"Lowercase\""));
  EXPECT_EQ(error_with("\"special\": true", "\"special\": false"), message(": added_tokens[0].special is false, and not true"));
  EXPECT_EQ(error_with("\"id\": 5", "\"id\": 4"), message(": added_tokens[0].id is 4, and not 5"));
  EXPECT_EQ(error_with("\"A\"", "\"B\""), message(": post_processor.pair[1].Sequence.id is \"B\", and not \"A\""));
  EXPECT_EQ(error_with("\\ude00", ""), message(" is not valid JSON (line 89, byte 1526)")) << "half a character";
  EXPECT_EQ(error_of("[]"), message(" is no JSON object"));
  EXPECT_EQ(error_of("{}"), message(" has no field \"pre_tokenizer\""));
}

TEST(TokenizerJson, SaysWhatIsWrongWithItsVocabulary) {
  const std::string numbers = "; tokens are the numbers from 0 to 5, each once";
  EXPECT_EQ(error_with("\"a\": 2", "\"a\": 3"), message(": model.vocab: the token of \"\\u00e9\" is 3" + numbers));
  EXPECT_EQ(error_with("\"a\": 2", "\"a\": 6"), message(": model.vocab: the token of \"a\" is 6" + numbers));
  EXPECT_EQ(error_with("\"a\": 2", "\"a\": -2"), message(": model.vocab: the token of \"a\" is -2" + numbers));
  EXPECT_EQ(error_with("\"a\": 2", "\"a\": \"2\""), message(": model.vocab: the token of \"a\" is \"2\"" + numbers));
  EXPECT_EQ(error_with("\"a\": 2", "\"ab\": 2"),
            message(": model.vocab: \"ab\", the token 2, is not the name of one character"));
  EXPECT_EQ(error_with("\"a\": 2", "\"\": 2"), message(": model.vocab: \"\", the token 2, is not the name of one character"));
  EXPECT_EQ(error_with("\"a\"", "\"\\\"\""), message(" has \"\\\"\" twice"));
  EXPECT_EQ(error_with("\"a\": 2", "\"!\": 2"),
            message(": model.vocab: U+0021 comes after U+0022 in the vocabulary; its characters must ascend, each once"));
  EXPECT_EQ(error_with("\"<BOS>\": 5", "\"<EOS>\": 5"), message(": added_tokens[0].content is \"<BOS>\", and not \"<EOS>\""));
}

TEST(TokenizerJson, WhatVersionsBeforeWroteIsRead) {
  const Tokenizer tokenizer = tokenizer_from_json("t.json", kFormer);
  EXPECT_EQ(tokenizer_to_json(tokenizer), kTokenizer);
  const Tokenizer of_bytes = tokenizer_from_json("t.json", kFormerOfBytes);
  EXPECT_EQ(of_bytes.encoding(), Encoding::bytes);
  EXPECT_EQ(of_bytes.encode("\xFF\xC3"), (std::vector<Token>{6, 5, 4, 6}));
}

TEST(TokenizerJson, SaysWhatIsWrongWithWhatVersionsBeforeWrote) {
  const auto former = [](const std::string& from, const std::string& to) { return error_of(replaced(kFormer, from, to)); };
  EXPECT_EQ(error_of(R"({"type": "words", "characters": "a", "bos": 1})"),
            message(": type is \"words\", and not \"characters\" or \"bytes\""));
  EXPECT_EQ(error_of(R"({"type": "bytes", "characters": "a", "bos": 1})"), message(" has the unknown field \"characters\""));
  EXPECT_EQ(former("5", "4"), message(": BOS is the token 4, and not 5, the last"));
  EXPECT_EQ(former("\"bos\": 5", "\"eos\": 5"), message(" has the unknown field \"eos\""));
  EXPECT_EQ(former(",\n  \"bos\": 5", ""), message(" has no field \"bos\""));
  EXPECT_EQ(former("\\\"a", "a\\\""),
            message(": U+0022 comes after U+0061 in the vocabulary; its characters must ascend, each once"));
  EXPECT_EQ(former("\\ude00", ""), message(" is not valid JSON (line 3, byte 65)")) << "half a character";
  const auto of_bytes = [](const std::string& from, const std::string& to) {
    return error_of(replaced(kFormerOfBytes, from, to));
  };
  EXPECT_EQ(of_bytes("\\u00ff", "\\u0100"), message(": U+0100 is no byte; a vocabulary of bytes has numbers from 0 to 255"));
  EXPECT_EQ(of_bytes("\"bytes\": \"", "\"characters\": \""), message(" has the unknown field \"characters\""));
  EXPECT_EQ(of_bytes("\"bytes\",", "\"characters\","), message(" has the unknown field \"bytes\""));
}

TEST(TokenizerJson, TheConfigurationNamesBos) {
  EXPECT_EQ(tokenizer_config_to_json(Tokenizer::from_characters(U"a")), R"({
  "tokenizer_class": "PreTrainedTokenizerFast",
  "bos_token": "<BOS>",
  "eos_token": "<BOS>",
  "unk_token": "<BOS>",
  "add_bos_token": true,
  "clean_up_tokenization_spaces": false
}
)");
}

}  // namespace
}  // namespace microgpt::tokenizer_json_test
