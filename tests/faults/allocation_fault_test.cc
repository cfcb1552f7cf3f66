// SPDX-License-Identifier: MIT
// Whichever allocation fails of saving a model, loading it or scoring with it: files are there as a whole, memory is given
// back, and what does not fail says the same to the last bit.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/make_engine.h"
#include "microgpt/error.h"
#include "model/model_json.h"
#include "model/saved_model.h"
#include "ngram/ngram_file.h"
#include "scoring/line_scorer.h"
#include "scoring/line_scorer_team.h"
#include "scoring/mixture.h"
#include "support/closeness.h"
#include "support/counted_new.h"
#include "support/models.h"
#include "support/ngram_documents.h"
#include "support/process.h"

// There is nothing to be learnt from waiting for a disk.
extern "C" int fsync(int) { return 0; }

namespace microgpt::allocation_fault_test {
namespace {

using testing::TemporaryFolder;

const Config kConfig{.vocab_size = 5, .n_embd = 8, .n_head = 2, .block_size = 6};

SavedModel model_of(std::uint64_t seed) {
  return {kConfig, Tokenizer::from_characters(U"abd\u00e9"), testing::random_parameters(kConfig, seed), Precision::float64};
}

bool is_same(const SavedModel& a, const SavedModel& b) {
  return config_to_json(a.config) == config_to_json(b.config) && a.tokenizer.characters() == b.tokenizer.characters() &&
         a.precision == b.precision && !testing::find_different_bits(a.parameters, b.parameters);
}

// What work returns; nothing where it says that there is no memory.
template <typename Work>
std::optional<std::invoke_result_t<Work>> attempt(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
  } catch (const Error& error) {
    EXPECT_NE(std::string_view(error.what()).find("do not fit in memory"), std::string_view::npos) << error.what();
  }
  return std::nullopt;
}

// Does work with its first allocation failing, then with its second, and so on until there is none left to fail. Each time
// `check` gets what work has returned, or nothing where it has failed. After the first `each` of them some are left out.
template <typename Work, typename Check>
void fail_each_allocation(const Work& work, const Check& check, std::size_t each = 5000) {
  attempt(work);  // what is made once and kept is there now
  bool has_failed = true;
  std::size_t failures = 0;
  for (std::size_t n = 1; has_failed && !::testing::Test::HasFailure(); n += 1 + n / each) {
    SCOPED_TRACE(n);
    const std::size_t live = testing::live_allocations();
    std::optional<std::invoke_result_t<Work>> result;
    {
      const testing::FailingAllocation failure(n);
      result = attempt(work);
      has_failed = failure.has_failed();
    }
    if (!result) {
      EXPECT_EQ(testing::live_allocations(), live) << "memory is lost";
      ++failures;
    }
    check(result);
  }
  EXPECT_GT(failures, 10U);
}

// None where there is no folder.
std::set<std::string> files_in(const std::string& folder) {
  std::set<std::string> files;
  std::error_code is_missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, is_missing))
    files.insert(entry.path().filename().string());
  return files;
}

const std::set<std::string> kFiles{"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"};

TEST(AllocationFaults, OfSavingLeaveTheModelBeforeOrTheNewOne) {
  const TemporaryFolder scratch;
  const std::string folder = scratch.path("model");
  const SavedModel older = model_of(1);
  const SavedModel newer = model_of(2);
  const auto save_newer = [&] {
    save_model(folder, newer);
    return true;
  };
  const auto check = [&](const std::optional<bool>& is_saved) {
    EXPECT_EQ(files_in(folder), kFiles);
    const SavedModel found = load_model(folder);
    EXPECT_TRUE(is_same(found, newer) || (!is_saved && is_same(found, older)));
    if (is_same(found, newer)) save_model(folder, older);
  };
  fail_each_allocation(save_newer, check);
}

TEST(AllocationFaults, OfSavingTheFirstModelLeaveNoneOrThatOne) {
  const TemporaryFolder scratch;
  const std::string folder = scratch.path("model");
  const SavedModel model = model_of(1);
  const auto save = [&] {
    save_model(folder, model);
    return true;
  };
  const auto check = [&](const std::optional<bool>& is_saved) {
    const bool is_there = holds_model(folder);
    EXPECT_TRUE(is_there || !is_saved);
    EXPECT_TRUE(!is_there || is_same(load_model(folder), model));
    EXPECT_EQ(files_in(folder), is_there ? kFiles : std::set<std::string>());
    std::filesystem::remove_all(folder);
  };
  fail_each_allocation(save, check);
}

TEST(AllocationFaults, OfLoadingLoseNothing) {
  const TemporaryFolder scratch;
  const std::string folder = scratch.path("model");
  const SavedModel model = model_of(1);
  save_model(folder, model);
  const auto check = [&](const std::optional<SavedModel>& loaded) { EXPECT_TRUE(!loaded || is_same(*loaded, model)); };
  fail_each_allocation([&] { return load_model(folder); }, check);
}

NgramModel ngram_of(std::uint64_t seed) {
  const auto documents = testing::random_documents(seed, 30, 12, kConfig.vocab_size);
  return {NgramCounts(testing::ngram_documents(documents, kConfig.vocab_size)), 3};
}

TEST(AllocationFaults, OfAnNgramLoseNothing) {
  const TemporaryFolder scratch;
  const std::string path = scratch.path("ngram.bin");
  const NgramModel older = ngram_of(1);
  const NgramModel newer = ngram_of(2);
  write_ngram(path, older);
  const auto check_read = [&](const std::optional<NgramModel>& read) {
    EXPECT_TRUE(!read || ngram_to_bytes(*read) == ngram_to_bytes(older));
  };
  fail_each_allocation([&] { return read_ngram(path); }, check_read);
  const auto write_newer = [&] {
    write_ngram(path, newer);
    return true;
  };
  const auto check_written = [&](const std::optional<bool>& is_written) {
    EXPECT_EQ(files_in(std::filesystem::path(path).parent_path()), std::set<std::string>{"ngram.bin"});
    const std::string found = ngram_to_bytes(read_ngram(path));
    EXPECT_TRUE(found == ngram_to_bytes(newer) || (!is_written && found == ngram_to_bytes(older)));
    write_ngram(path, older);
  };
  fail_each_allocation(write_newer, check_written);
}

std::vector<LineChunk> some_chunks() {
  std::vector<LineChunk> chunks(6);
  for (std::size_t c = 0; c < chunks.size(); ++c)
    for (std::size_t line = 0; line <= c; ++line) chunks[c].add(std::string_view("abdabxabdaab").substr(line, 2 * c));
  return chunks;
}

std::unique_ptr<Engine> engine_of(EngineKind kind, const std::vector<double>& parameters) {
  auto engine = make_engine(kind, kConfig);
  engine->load(parameters);
  return engine;
}

class ScoringFaults : public ::testing::TestWithParam<EngineKind> {};

// Alone, beside an n-gram and mixed with it: the scorer and its engine are made anew each time.
TEST_P(ScoringFaults, GiveTheSameBitsOrNone) {
  const SavedModel model = model_of(1);
  const NgramModel ngram = ngram_of(1);
  const Mixture mixture(ngram, default_mixture_weights(ngram.order()));
  const std::vector<LineChunk> chunks = some_chunks();
  const auto score = [&] {
    const auto engine = engine_of(GetParam(), model.parameters);
    const LineModel alone{engine.get(), &model.tokenizer};
    const LineModel mixed{{engine.get(), &mixture}, &model.tokenizer, CorpusKind::lines, &ngram};
    std::vector<double> nats;
    for (const LineModel& scored : {alone, mixed}) {
      LineScorer scorer({scored}, {.positions = true, .parts = true});
      for (const LineChunk& chunk : chunks)
        for (const double loss : scorer.score(chunk).positions) nats.push_back(loss);
    }
    return nats;
  };
  const std::vector<double> expected = score();
  const auto check = [&](const std::optional<std::vector<double>>& nats) {
    EXPECT_TRUE(!nats || !testing::find_different_bits(*nats, expected));
  };
  fail_each_allocation(score, check, GetParam() == EngineKind::graph ? 50 : 5000);
}

INSTANTIATE_TEST_SUITE_P(Engines, ScoringFaults, ::testing::Values(EngineKind::fast, EngineKind::exact, EngineKind::graph),
                         [](const auto& given_engine) { return std::string(name_in(kEngineNames, given_engine.param)); });

// What is handed over before the fault is right, too.
TEST(AllocationFaults, OfATeamGiveTheSameBitsOrNone) {
  const SavedModel model = model_of(1);
  const std::vector<LineChunk> chunks = some_chunks();
  const auto make_engine = [&] { return engine_of(EngineKind::fast, model.parameters); };
  const auto score_chunk = [](LineScorer& scorer, const LineChunk& chunk) {
    return LineScorerTeam::Scored{scorer.score(chunk), std::string(chunk.text())};
  };
  std::vector<double> nats;
  const auto take = [&nats](const LineChunk&, const LineScorerTeam::Scored& scored) {
    for (const DocumentLoss& loss : scored.lines.by_model.front()) nats.push_back(loss.nats);
  };
  const auto score = [&] {
    nats.clear();
    LineScorerTeam team(3, {{make_engine, {nullptr, &model.tokenizer}}}, {});
    team.score(chunks, score_chunk, take);
    return true;
  };
  score();
  const std::vector<double> expected = nats;
  const auto check = [&](const std::optional<bool>& is_scored) {
    ASSERT_LE(nats.size(), expected.size());
    EXPECT_TRUE(nats.size() == expected.size() || !is_scored);
    for (std::size_t i = 0; i < nats.size(); ++i) EXPECT_EQ(nats[i], expected[i]);
  };
  fail_each_allocation(score, check);
}

}  // namespace
}  // namespace microgpt::allocation_fault_test
