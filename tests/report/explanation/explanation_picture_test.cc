// SPDX-License-Identifier: MIT
// An explanation as pictures, as JSON, and where attention looks.
#include "report/explanation/explanation_picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/graph/graph_engine.h"
#include "inference/explain_document.h"
#include "report/explanation/explanation_html.h"
#include "report/explanation/explanation_json.h"
#include "report/explanation/explanation_svg.h"
#include "report/explanation/explanation_table.h"
#include "report/text_table.h"
#include "support/models.h"

namespace microgpt::explanation_picture_test {
namespace {

class ExplanationPicture : public ::testing::Test {
 protected:
  ExplanationPicture() { engine_.load(testing::random_parameters(engine_.config(), 1)); }

  Explanation explain_with_attention(const std::string& document) {
    Explanation explanation = explain(engine_, tokenizer_, document);
    explain_attention(engine_, tokenizer_, document, explanation);
    return explanation;
  }
  std::string svg_of(const std::string& document, std::size_t alternatives = 3) {
    return explanation_svg(explain(engine_, tokenizer_, document, alternatives), tokenizer_);
  }

  const Tokenizer tokenizer_{Corpus::from_lines("test", "a b<&")};
  graph::GraphEngine engine_{Config{.vocab_size = 6, .n_embd = 4, .n_head = 2, .block_size = 4}};
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    widest = std::max(widest, display_width(text.substr(begin, end - begin)));
  return widest;
}

TEST_F(ExplanationPicture, HasACellAndABarForEachPosition) {
  const std::string svg = svg_of("abba");
  EXPECT_EQ(count(svg, "<g>"), 5U);
  EXPECT_EQ(count(svg, "class=\"bar "), 5U);
  EXPECT_EQ(count(svg, "class=\"letter"), 5U);
  EXPECT_EQ(count(svg, "class=\"other"), 15U);
  EXPECT_EQ(count(svg, "class=\"letter short"), 1U) << "the end";
  EXPECT_EQ(count(svg, "http"), 1U) << "the name space alone: it needs nothing from elsewhere";
  EXPECT_TRUE(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
  EXPECT_EQ(count(svg_of("abba", 0), "class=\"other"), 0U);
  EXPECT_EQ(count(svg_of("", 5), "class=\"other"), 5U);
}

TEST_F(ExplanationPicture, LongDocumentsAreDrawnSmall) {
  const std::string document(kMaxDrawnLarge, 'a');
  EXPECT_EQ(count(svg_of(document.substr(1)), "class=\"value\""), 2 * kMaxDrawnLarge);
  const std::string svg = svg_of(document);
  EXPECT_EQ(count(svg, "class=\"value\"") + count(svg, "class=\"other"), 0U);
  EXPECT_EQ(count(svg, "likeliest others"), kMaxDrawnLarge + 1) << "under the pointer";
  EXPECT_EQ(count(explanation_html(explain(engine_, tokenizer_, document), tokenizer_), "class=\"cells small\""), 1U);
}

TEST_F(ExplanationPicture, EscapesWhatMeansSomethingInXmlAndNamesWhatHasNoShape) {
  const Explanation explanation = explain(engine_, tokenizer_, "a<&é\n b\x01");
  for (const std::string& picture : {explanation_svg(explanation, tokenizer_), explanation_html(explanation, tokenizer_)}) {
    EXPECT_NE(picture.find("&lt;&amp;é  bU+0001"), std::string::npos) << "the heading";
    EXPECT_EQ(picture.find("<&"), std::string::npos);
    EXPECT_EQ(picture.find('\x01'), std::string::npos);
    EXPECT_NE(picture.find(">U+000A</"), std::string::npos);
    EXPECT_NE(picture.find(">␣</"), std::string::npos);
    EXPECT_NE(picture.find(">unseen</"), std::string::npos);
  }
}

TEST_F(ExplanationPicture, BarsThatAreTooLongAreCut) {
  EXPECT_EQ(count(svg_of("ab"), "class=\"cut\""), 0U);
  EXPECT_EQ(count(svg_of("aéb"), "class=\"cut\""), 1U);
}

TEST_F(ExplanationPicture, ThePageHasThePictureAndTheNumbers) {
  const std::string page = explanation_html(explain_with_attention("ab"), tokenizer_);
  EXPECT_EQ(count(page, "class=\"cell\""), 3U);
  EXPECT_EQ(count(page, "class=\"card\""), 3U);
  EXPECT_EQ(count(page, "<caption>"), 2U);
  EXPECT_EQ(count(page, "<td style=\"--w: "), 2U * (1 + 2 + 3));
  EXPECT_EQ(count(page, "http") + count(page, "<script") + count(page, "url("), 0U) << "it needs nothing from elsewhere";
  for (const char* part : {"P(target)", "the mean of the 3 losses", "(P - 1)", "</html>\n"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(count(explanation_html(explain(engine_, tokenizer_, "ab"), tokenizer_), "Attention"), 0U);
}

TEST_F(ExplanationPicture, ThePageHasTheProductOfTheProbabilities) {
  Explanation explanation = explain(engine_, tokenizer_, "ab");
  const std::vector<double> probabilities{0.5, 0.0489, 0.2};
  for (std::size_t i = 0; i < probabilities.size(); ++i) explanation.positions[i].nats = -std::log(probabilities[i]);
  const std::string page = explanation_html(explanation, tokenizer_);
  EXPECT_NE(page.find("0.5 × 0.0489 × 0.2 = 0.00489, and −ln of that is 5.321, the sum; divided by 3 it is 1.774, the mean."),
            std::string::npos)
      << page;
  Explanation longer = explain(engine_, tokenizer_, std::string(1000, 'a'));
  for (PositionLoss& p : longer.positions) p.nats = std::log(27.0);
  const std::string long_page = explanation_html(longer, tokenizer_);
  EXPECT_NE(long_page.find("0.03704 × … × 0.03704 = 1.6028e-1433, and −ln of that is 3299.133, the sum; divided by 1001 "),
            std::string::npos)
      << "a product that no double holds";
}

TEST_F(ExplanationPicture, AttentionIsATriangle) {
  const Explanation explanation = explain_with_attention("a b");
  const std::string table = attention_table(explanation, {}, 80);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 2 + 2 * (1 + 2 + 4));
  EXPECT_NE(table.find("\n      BOS   a   ␣   b\n  BOS 100\n    a "), std::string::npos) << table;
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
  EXPECT_NE(attention_table(explanation, {.color = true}, 80).find('\x1b'), std::string::npos);
  Explanation one = explain(engine_, tokenizer_, "a b");
  explain_attention(engine_, tokenizer_, "a b", one, 1);
  EXPECT_EQ(table.substr(table.find("  head 1")), attention_table(one, {}, 80).substr(table.find("  head 0")));
}

// Gives it heads, of which each says what a position takes of another one.
void take(Explanation& explanation, const std::vector<std::function<double(std::size_t, std::size_t)>>& heads) {
  explanation.heads.clear();
  for (std::size_t h = 0; h < heads.size(); ++h) explanation.heads.push_back(h);
  for (std::size_t i = 0; i < explanation.positions.size(); ++i) {
    explanation.positions[i].attention.assign(heads.size(), {});
    for (std::size_t h = 0; h < heads.size(); ++h)
      for (std::size_t t = 0; t <= i; ++t) explanation.positions[i].attention[h].push_back(heads[h](i, t));
  }
}

TEST_F(ExplanationPicture, AHeadThatLooksOnlyAtOnePlaceIsASentence) {
  Explanation explanation = explain(engine_, tokenizer_, "abb");
  const auto first = [](std::size_t i, std::size_t t) { return t == 0 ? (i == 2 ? 0.973 : 1.0) : 0.0; };
  const auto itself = [](std::size_t i, std::size_t t) { return t == i ? 1.0 : 0.0; };
  const auto before = [](std::size_t i, std::size_t t) { return i == 0 || t + 1 == i ? 1.0 : 0.0; };
  const auto other = [](std::size_t i, std::size_t t) { return t == i % 2 || i == 0 ? 0.996 : 0.004; };
  take(explanation, {first, itself, before, other});
  const std::string svg = explanation_svg(explanation, tokenizer_), page = explanation_html(explanation, tokenizer_);
  for (const std::string& picture : {svg, page}) {
    EXPECT_NE(picture.find("ead 0 looks only at position 0, BOS: 97% or more"), std::string::npos) << picture;
    EXPECT_NE(picture.find("ead 1 looks only at the position itself: 100%"), std::string::npos);
    EXPECT_NE(picture.find("ead 2 looks only at the position before: 100%"), std::string::npos);
    EXPECT_EQ(picture.find("ead 3 looks only"), std::string::npos);
  }
  EXPECT_EQ(count(page, "<caption>"), 1U) << page;
  EXPECT_EQ(count(page, "<td style=\"--w: 100\">100</td>"), 4U);
  EXPECT_EQ(count(page.substr(page.find("<h2>Attention")), "<td></td>"), 6U) << "what rounds to 0";
  EXPECT_EQ(count(svg, "<rect class=\"weight\""), 4U);
  EXPECT_EQ(count(svg, ">0</text>"), 0U);
}

TEST_F(ExplanationPicture, PicturesShowAttentionOfEachLayer) {
  graph::GraphEngine engine{Config{.vocab_size = 6, .n_layer = 3, .n_embd = 4, .n_head = 2, .block_size = 4}};
  engine.load(testing::random_parameters(engine.config(), 1));
  Explanation explanation = explain(engine, tokenizer_, "ab");
  EarlierAttention earlier;
  explain_attention(engine, tokenizer_, "ab", explanation, {}, &earlier);
  earlier[1][2][1] = {0.11, 0.22, 0.67};
  const std::string svg = explanation_svg(explanation, tokenizer_, earlier);
  const std::string page = explanation_html(explanation, tokenizer_, earlier);
  for (const std::string& picture : {svg, page}) {
    for (const char* layer : {">layer 0<", ">layer 1<", ">layer 2<"}) EXPECT_EQ(count(picture, layer), 1U) << layer;
    EXPECT_EQ(count(picture, ">head 1<"), 3U);
  }
  EXPECT_EQ(count(page, "<td style=\"--w: "), 3U * 2U * (1 + 2 + 3));
  EXPECT_EQ(count(svg, "<rect class=\"weight\""), 3U * 2U * (1 + 2 + 3));
  const std::size_t cell = page.find(">11</td><td style=\"--w: 22\">22</td><td style=\"--w: 67\">67</td>");
  EXPECT_GT(cell, page.find(">layer 1<"));
  EXPECT_LT(cell, page.find(">layer 2<"));
  EXPECT_EQ(count(explanation_svg(explain(engine, tokenizer_, "ab"), tokenizer_), "Attention"), 0U) << "not asked for";
  EXPECT_EQ(count(explanation_svg(explanation, tokenizer_), "Attention of the last layer"), 1U);
}

// A window of four that moves on by two: what it does not reach is left free, and what nobody sees is left out.
TEST_F(ExplanationPicture, AttentionOfLongDocumentsComesInParts) {
  const Explanation explanation = explain_with_attention("abababab");
  const std::string narrow = attention_table(explanation, {}, 30);
  EXPECT_LE(widest_line(narrow.substr(narrow.find("  head"))), 29U) << narrow;
  EXPECT_EQ(count(narrow, "head 0, of positions "), 2U);
  EXPECT_NE(narrow.find("head 1, of positions 6 to 8\n"), std::string::npos) << narrow;
  const std::string wide = attention_table(explanation, {}, 80);
  EXPECT_EQ(count(wide, "of positions"), 0U);
  const std::size_t last = wide.rfind("    b ");
  EXPECT_EQ(wide.substr(last, 6 + 4 * 6 - 1), "    b" + std::string(4 * 6, ' ')) << wide;
  EXPECT_FALSE(attention_table(explanation, {}, 1).empty()) << "too narrow for anything";
}

TEST_F(ExplanationPicture, TheGradientIsThatOfTheLargestLoss) {
  Explanation explanation = explain(engine_, tokenizer_, "abé");
  const auto largest = std::max_element(explanation.positions.begin(), explanation.positions.begin() + 2,
                                        [](const PositionLoss& a, const PositionLoss& b) { return a.nats < b.nats; });
  explanation.positions.pop_back();
  const std::string note = gradient_note(explanation, tokenizer_);
  EXPECT_NE(note.find("At position " + std::to_string(largest - explanation.positions.begin())), std::string::npos) << note;
  explanation.positions.erase(explanation.positions.begin(), explanation.positions.begin() + 2);
  EXPECT_EQ(gradient_note(explanation, tokenizer_), "") << "nothing is there that the model knows";
}

TEST_F(ExplanationPicture, WhatIsInfiniteIsSaidToBe) {
  Explanation explanation = explain(engine_, tokenizer_, "ab");
  explanation.positions[1].nats = std::numeric_limits<double>::infinity();
  explanation.positions[1].probability = 0.0;
  const auto json = nlohmann::json::parse(explanation_json(explanation, tokenizer_, "ab"));
  for (const char* field : {"loss_sum", "loss_mean", "bits_sum", "bits_mean"}) EXPECT_EQ(json.at(field), "inf") << field;
  EXPECT_EQ(json.at("positions").at(1).at("nats"), "inf");
  EXPECT_EQ(json.at("positions").at(1).at("bits"), "inf");
  EXPECT_EQ(json.at("positions").at(1).at("gradient_at_target"), -1.0);
  EXPECT_NE(explanation_summary(explanation).find("inf nats"), std::string::npos);
  for (const std::string& picture : {explanation_svg(explanation, tokenizer_), explanation_html(explanation, tokenizer_)}) {
    EXPECT_NE(picture.find(">inf<"), std::string::npos);
    EXPECT_EQ(picture.find("nan"), std::string::npos);
  }
}

TEST(Percent, HasTwoDigits) {
  EXPECT_EQ(percent(1.0), "100%");
  EXPECT_EQ(percent(0.1259), "13%");
  EXPECT_EQ(percent(0.0996), "10%");
  EXPECT_EQ(percent(0.0489), "4.9%");
  EXPECT_EQ(percent(0.0001), "<0.1%");
}

}  // namespace
}  // namespace microgpt::explanation_picture_test
