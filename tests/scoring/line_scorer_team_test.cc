// SPDX-License-Identifier: MIT
#include "scoring/line_scorer_team.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/models.h"

namespace microgpt::line_scorer_team_test {
namespace {

const Config kConfig{.vocab_size = 5, .n_embd = 8, .n_head = 2, .block_size = 6};

class LineScorerTeamTest : public ::testing::Test {
 protected:
  LineScorerTeamTest() {
    for (std::size_t c = 0; c < 20; ++c) {
      chunks_.emplace_back();
      for (std::size_t line = 0; line <= c; ++line) chunks_.back().add(std::string("abcdabcd").substr(line % 3, c % 6));
    }
  }

  std::unique_ptr<Engine> make_engine() const {
    auto engine = make_fast_engine(kConfig);
    engine->load(testing::random_parameters(kConfig, 1));
    return engine;
  }

  LineScorerTeam team(std::size_t threads) {
    return {threads, {{[this] { return make_engine(); }, {nullptr, &tokenizer_}}}, {}};
  }

  static LineScorerTeam::Scored score(LineScorer& scorer, const LineChunk& chunk) {
    return {scorer.score(chunk), std::string(chunk.text())};
  }

  const Tokenizer tokenizer_ = Tokenizer::from_characters(U"abcd");
  std::vector<LineChunk> chunks_;
};

TEST_F(LineScorerTeamTest, GivesInOrderWhatOneScorerGives) {
  const auto engine = make_engine();
  LineScorer alone({{engine.get(), &tokenizer_}}, {});
  for (const std::size_t threads : {1U, 2U, 5U}) {
    LineScorerTeam several = team(threads);
    std::size_t i = 0;
    several.score(chunks_, score, [&](const LineChunk& chunk, const LineScorerTeam::Scored& scored) {
      ASSERT_EQ(&chunk, &chunks_[i]);
      EXPECT_EQ(scored.formatted, chunk.text());
      const ScoredLines expected = alone.score(chunk);
      for (std::size_t line = 0; line < chunk.size(); ++line)
        EXPECT_EQ(scored.lines.by_model[0][line].nats, expected.by_model[0][line].nats);
      ++i;
    });
    EXPECT_EQ(i, chunks_.size());
  }
}

TEST_F(LineScorerTeamTest, TheFirstErrorComesAfterWhatIsBeforeIt) {
  for (const std::size_t threads : {1U, 2U, 5U}) {
    LineScorerTeam several = team(threads);
    std::size_t taken = 0;
    const auto fail_from_7_on = [&](LineScorer& scorer, const LineChunk& chunk) {
      if (chunk.size() > 7) throw std::runtime_error(std::to_string(chunk.size()));
      return score(scorer, chunk);
    };
    const auto run = [&] {
      several.score(chunks_, fail_from_7_on, [&](const LineChunk&, const LineScorerTeam::Scored&) { ++taken; });
    };
    try {
      run();
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "8");
    }
    EXPECT_EQ(taken, 7U);
  }
}

TEST_F(LineScorerTeamTest, AnErrorWithinALineChangesNoOther) {
  const auto engine = make_engine();
  LineScorer alone({{engine.get(), &tokenizer_}}, {});
  const double expected = alone.score(chunks_[7]).by_model[0][3].nats;
  for (const std::size_t threads : {1U, 2U, 5U}) {
    LineScorerTeam several = team(threads);
    const auto fail = [](LineScorer& scorer, const LineChunk&) -> LineScorerTeam::Scored {
      scorer.append("abc");
      throw std::runtime_error("within a line");
    };
    EXPECT_THROW(several.score(chunks_, fail, [](const auto&, const auto&) {}), std::runtime_error);
    EXPECT_EQ(several.scorer().score(chunks_[7]).by_model[0][3].nats, expected);
    several.score(chunks_, score, [&](const LineChunk& chunk, const LineScorerTeam::Scored& scored) {
      if (&chunk != &chunks_[7]) return;
      EXPECT_EQ(scored.lines.by_model[0][3].nats, expected);
    });
  }
}

}  // namespace
}  // namespace microgpt::line_scorer_team_test
