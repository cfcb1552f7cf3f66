// An explanation as pictures: SVG, a page, and where attention looks.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/graph/graph_engine.h"
#include "inference/explain.h"
#include "report/attention_table.h"
#include "report/explanation_html.h"
#include "report/explanation_svg.h"
#include "report/explanation_table.h"
#include "support/models.h"

namespace microgpt {
namespace {

class ExplanationPicture : public ::testing::Test {
 protected:
  ExplanationPicture() { engine_.load(testing::random_parameters(engine_.config(), 1)); }

  Explanation explain_with_attention(const std::string& document) {
    Explanation explanation = explain(engine_, tokenizer_, document);
    explain_attention(engine_, tokenizer_, document, explanation);
    return explanation;
  }

  const Tokenizer tokenizer_{Corpus::from_lines("test", "ab<&")};
  GraphEngine engine_{Config{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4}};
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(ExplanationPicture, HasACellAndABarForEachPosition) {
  const std::string svg = explanation_svg(explain(engine_, tokenizer_, "abba"), tokenizer_);
  EXPECT_EQ(count(svg, "<g>"), 5U);
  EXPECT_EQ(count(svg, "class=\"bar "), 5U);
  EXPECT_EQ(count(svg, ">end</text>"), 1U);
  EXPECT_EQ(count(svg, "http"), 1U) << "the name space alone: it needs nothing from elsewhere";
  EXPECT_TRUE(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
}

TEST_F(ExplanationPicture, EscapesWhatMeansSomethingInXml) {
  for (const std::string& picture : {explanation_svg(explain(engine_, tokenizer_, "a<&é"), tokenizer_),
                                     explanation_html(explain(engine_, tokenizer_, "a<&é"), tokenizer_)}) {
    EXPECT_NE(picture.find("&lt;&amp;"), std::string::npos);
    EXPECT_EQ(picture.find("<&"), std::string::npos);
    EXPECT_NE(picture.find("unseen"), std::string::npos);
  }
}

TEST_F(ExplanationPicture, ThePageHasThePictureAndTheNumbers) {
  const Explanation explanation = explain_with_attention("ab");
  const std::string page = explanation_html(explanation, tokenizer_);
  EXPECT_EQ(count(page, "<svg"), 1U);
  for (const char* part : {"P(target)", "the mean of the 3 losses", "P - 1 = ", "head 1", "</html>\n"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
}

// A window of four that moves on by two: what it does not reach is left free.
TEST_F(ExplanationPicture, AttentionIsATriangleOrWhatTheWindowShows) {
  const Explanation explanation = explain_with_attention("abab");
  EXPECT_EQ(explanation.positions[4].attention_begin, 2U);
  EXPECT_EQ(explanation.positions[4].attention.size(), 2U);
  EXPECT_EQ(explanation.positions[4].attention[0].size(), 3U);
  const std::string table = attention_table(explanation, {});
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 2 + 2 * (1 + 2 + 5));
  EXPECT_NE(table.find("\n  BOS 100\n"), std::string::npos) << table;
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
  EXPECT_NE(attention_table(explanation, {.color = true}).find('\x1b'), std::string::npos);
}

TEST_F(ExplanationPicture, TheGradientIsThatOfTheLargestLoss) {
  const Explanation explanation = explain(engine_, tokenizer_, "ab");
  const auto largest = std::max_element(explanation.positions.begin(), explanation.positions.end(),
                                        [](const PositionLoss& a, const PositionLoss& b) { return a.nats < b.nats; });
  const std::string note = gradient_note(explanation, tokenizer_);
  EXPECT_NE(note.find("At position " + std::to_string(largest - explanation.positions.begin())), std::string::npos) << note;
  Explanation unseen = explain(engine_, tokenizer_, "é");
  unseen.positions.pop_back();
  EXPECT_EQ(gradient_note(unseen, tokenizer_), "") << "nothing is there that the model knows";
}

}  // namespace
}  // namespace microgpt
