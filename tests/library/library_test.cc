// SPDX-License-Identifier: MIT
// The public library, by its headers alone: a model that is trained, saved, loaded, scored, sampled and explained.
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "microgpt/microgpt.h"
#include "support/process.h"

namespace microgpt::library_test {
namespace {

using testing::TemporaryFolder;

std::vector<std::string_view> words() {
  return {"anna", "emma", "ella", "hannah", "otto", "mia",  "maria", "marta", "nora", "lena",
          "lea",  "ida",  "eva",  "ava",    "ada",  "lara", "sara",  "tara",  "mara", "nina"};
}

Corpus few_words() { return Corpus::from_documents("words", words()); }

TrainOptions short_training() {
  return {.settings = {{"num_steps", 40}, {"n_embd", 16}, {"n_layer", 1}, {"held_out", 0.2}}, .threads = 1};
}

const Model& trained() {
  static const Model model = train(few_words(), short_training());
  return model;
}

bool is_same(const Model& a, const Model& b) {
  return std::equal(a.parameters().begin(), a.parameters().end(), b.parameters().begin(), b.parameters().end());
}

TEST(Formats, AreOfAModel) {
  const std::string graph = onnx_bytes(trained());
  EXPECT_EQ(onnx_bytes(trained()), graph);
  EXPECT_GT(onnx_bytes(trained(), {.with_cache = true}).size(), graph.size());
  EXPECT_GT(onnx_bytes(trained(), {.doubles = true}).size(), graph.size());
  EXPECT_TRUE(arpa_text(trained()).starts_with("\\data\\\nngram 1="));
}

TEST(Formats, OfANgramNeedOne) {
  const TemporaryFolder folder;
  trained().save(folder.path("model"));
  std::filesystem::remove(folder.path("model/ngram.bin"));
  std::filesystem::remove(folder.path("model/mixture.json"));
  const Model alone = Model::load(folder.path("model"));
  EXPECT_THROW(arpa_text(alone), Error);
  EXPECT_FALSE(onnx_bytes(alone).empty());
}

TEST(Model, ComesBackAsItWasSaved) {
  const TemporaryFolder folder;
  const std::string path = folder.path("model");
  trained().save(path);
  const Model loaded = Model::load(path);
  EXPECT_TRUE(is_same(loaded, trained()));
  EXPECT_EQ(loaded.tokenizer().characters(), trained().tokenizer().characters());
  EXPECT_EQ(loaded.predictor(), PredictorKind::mixture);
  EXPECT_EQ(loaded.ngram_order(), trained().ngram_order());
  EXPECT_EQ(loaded.corpus_kind(), CorpusKind::lines);
  Scorer before(trained()), after(loaded);
  for (const std::string_view word : words()) EXPECT_EQ(before.score(word).bits, after.score(word).bits);
  loaded.save(path);  // over itself
  EXPECT_TRUE(is_same(Model::load(path), loaded));
}

TEST(Model, HasItsTensorsByName) {
  const Model& model = trained();
  EXPECT_EQ(model.parameters("wte").size(), model.config().vocab_size * model.config().n_embd);
  EXPECT_EQ(model.parameters("wte").data(), model.parameters().data());
  EXPECT_THROW(model.parameters("wtf"), Error);
  EXPECT_THROW(Model::load("/nowhere"), Error);
}

TEST(Scorer, ManyCostWhatEachCosts) {
  const std::vector<std::string_view> documents{"anna", "", "zoë", "a document that is longer than the context of the model is",
                                                "ida"};
  Scorer alone(trained());
  for (const std::size_t threads : {1U, 2U, 3U}) {
    Scorer scorer(trained(), {.threads = threads});
    const std::vector<Score> scores = scorer.score(documents);
    ASSERT_EQ(scores.size(), documents.size());
    for (std::size_t d = 0; d < documents.size(); ++d) {
      EXPECT_EQ(scores[d].bits, alone.score(documents[d]).bits) << documents[d];
      const auto bits = scorer.position_bits(documents[d]);
      EXPECT_NEAR(std::accumulate(bits.begin(), bits.end(), 0.0), scores[d].bits, 1e-9);
      EXPECT_EQ(bits.size(), scores[d].positions);
    }
    EXPECT_EQ(scores[2].unseen, 2U);
    EXPECT_EQ(scores[2].characters, 3U);
    EXPECT_EQ(scores[1].bits_per_character(), std::numeric_limits<double>::infinity());
  }
}

TEST(Scorer, RefusesWhatIsNoText) {
  Scorer scorer(trained());
  EXPECT_THROW(scorer.score("\xFF"), Error);
  EXPECT_GT(scorer.score("anna").bits, 0.0);
  EXPECT_THROW(Scorer(trained(), {.threads = 1000}), ConfigError);
}

TEST(Scorer, ManyThreadsMayShareAModel) {
  Scorer one(trained());
  std::vector<double> expected;
  for (const std::string_view word : words()) expected.push_back(one.score(word).bits);
  std::vector<std::vector<double>> found(64);
  std::vector<std::thread> threads;
  for (std::vector<double>& bits : found)
    threads.emplace_back([&bits] {
      Scorer scorer(trained());
      for (const std::string_view word : words()) bits.push_back(scorer.score(word).bits);
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<double>& bits : found) EXPECT_EQ(bits, expected);
}

TEST(PredictorsOfAModel, EachPredicts) {
  for (const PredictorKind predictor : {PredictorKind::mixture, PredictorKind::gpt, PredictorKind::ngram}) {
    Scorer scorer(trained(), {.predictor = predictor});
    const double bits = scorer.score("emma").bits;
    EXPECT_GT(bits, 1.0);
    EXPECT_NEAR(explain(trained(), "emma", {.predictor = predictor}).total_nats() / std::log(2.0), bits, 1e-4);
    for (const Sample& each : sample(trained(), {.count = 3, .with_score = true, .predictor = predictor}))
      EXPECT_NEAR(each.score->bits, scorer.score(each.text).bits, 1e-9) << each.text;
  }
}

TEST(Samples, MeetWhatIsAskedFor) {
  const SampleOptions options{
      .count = 5, .temperature = 1.0, .prompt = "m", .contains = "a", .match = "[a-z]+", .unique = true};
  const std::vector<Sample> samples = sample(trained(), options);
  ASSERT_EQ(samples.size(), 5U);
  for (const Sample& each : samples) {
    EXPECT_TRUE(each.text.starts_with("m")) << each.text;
    EXPECT_NE(each.text.find('a'), std::string::npos);
    EXPECT_FALSE(each.score);
  }
  const Corpus corpus = few_words();
  for (const Sample& each : sample(trained(), {.not_in = &corpus}))
    for (const std::string_view word : words()) EXPECT_NE(each.text, word);
}

TEST(Samples, SayWhatIsWrong) {
  EXPECT_THROW(sample(trained(), {.match = "[0-9]+"}), Error) << "no document can";
  EXPECT_THROW(sample(trained(), {.match = "\\b[0-9]+", .budget = 10}), Error) << "none was found";
  EXPECT_EQ(sample(trained(), {.match = "\\b[0-9]+", .budget = 10}, [](const Sample&) {}), 0U);
  EXPECT_THROW(sample(trained(), {.prompt = "ü"}), Error);
  EXPECT_THROW(sample(trained(), {.match = "("}), Error);
  EXPECT_THROW(sample(trained(), {.temperature = -1.0}), ConfigError);
  EXPECT_THROW(sample(trained(), {.top_p = 0.0}), ConfigError);
}

TEST(Explanations, HaveAttentionWhereItIsAskedFor) {
  EXPECT_TRUE(explain(trained(), "emma").heads.empty());
  const Explanation all = explain(trained(), "emma", {.attention = true});
  EXPECT_EQ(all.heads.size(), trained().config().n_head);
  EXPECT_EQ(all.positions.size(), 5U);
  EXPECT_NEAR(all.positions.front().attention.front().front(), 1.0, 1e-6);
  EXPECT_THROW(explain(trained(), "emma", {.attention = true, .head = 99}), ConfigError);
  EXPECT_NE(to_json(all, trained(), "emma").find("\"attention\""), std::string::npos);
}

TEST(Evaluations, AreOfAllPredictorsAndOfWhatWasHeldOut) {
  const Comparison all = evaluate(trained(), few_words());
  EXPECT_EQ(all.model.documents, words().size());
  ASSERT_TRUE(all.ngram && all.mixture);
  const auto held_out = evaluate_held_out(trained(), few_words());
  ASSERT_TRUE(held_out);
  EXPECT_GT(held_out->test.model.documents, 0U);
  EXPECT_LT(held_out->test.model.documents + held_out->validation.model.documents, words().size());
  EXPECT_THROW(evaluate(trained(), Corpus::from_documents("bytes", words(), Encoding::bytes)), Error);
}

TEST(Evaluations, OfWhatWasHeldOutNeedTheCorpusOfTheTraining) {
  std::vector<std::string_view> fewer = words();
  fewer.pop_back();
  EXPECT_THROW(evaluate_held_out(trained(), Corpus::from_documents("fewer", fewer)), Error);
  Corpus grouped = few_words();
  grouped.set_group("^.");
  EXPECT_THROW(evaluate_held_out(trained(), grouped), Error);
}

TEST(Model, ThatIsMovedFromIsStillOne) {
  Model first = trained();
  const Model second = std::move(first);
  EXPECT_EQ(first.predictor(), second.predictor());  // NOLINT(bugprone-use-after-move): what is tested
}

TEST(Model, IsNotSavedOverFilesOfSomethingElse) {
  const TemporaryFolder folder;
  folder.write("log.jsonl", "mine");
  EXPECT_THROW(trained().save(folder.path("")), Error);
  EXPECT_TRUE(std::filesystem::exists(folder.path("log.jsonl")));
}

TEST(Scorer, DoesNotCountWhiteSpaceAtTheEndsOfALine) {
  Scorer scorer(trained());
  EXPECT_EQ(scorer.score(" anna\t").bits, scorer.score("anna").bits);
  EXPECT_EQ(scorer.score({"anna", "otto"}).size(), 2U);
  const std::vector<std::string> strings{"anna"};
  EXPECT_EQ(scorer.score(strings).front().bits, scorer.score("anna").bits);
  std::vector<Score> too_few(1);
  EXPECT_THROW(scorer.score(std::vector<std::string_view>{"a", "b"}, too_few), Error);
}

TEST(Samples, MayBeCancelled) {
  struct Enough {};
  EXPECT_THROW(sample(trained(), {.match = "\\b[0-9]+", .budget = 1'000'000, .check = [] { throw Enough{}; }}), Enough);
}

TEST(Corpora, OfDocumentsInMemoryAreThoseOfTheirLines) {
  const Corpus corpus = few_words();
  ASSERT_EQ(corpus.size(), words().size());
  EXPECT_EQ(corpus[3], "hannah");
  EXPECT_EQ(corpus.sha256(), Corpus::from_lines("lines",
                                                "anna\nemma\nella\nhannah\notto\nmia\nmaria\nmarta\nnora\nlena\nlea\nida\neva\n"
                                                "ava\nada\nlara\nsara\ntara\nmara\nnina\n")
                                 .sha256());
  const std::string_view two_lines = "two\nlines";
  EXPECT_THROW(Corpus::from_documents("words", {&two_lines, 1}), Error);
}

TEST(Training, SaysWhichSettingIsWrong) {
  const auto field_of = [](TrainOptions options) -> std::string {
    try {
      train(few_words(), options);
    } catch (const ConfigError& error) {
      return error.field();
    }
    return "nothing";
  };
  EXPECT_EQ(field_of({.settings = {{"layers", 3}}}), "layers");
  EXPECT_EQ(field_of({.settings = {{"n_layer", 0}}}), "n_layer");
  EXPECT_EQ(field_of({.settings = {{"schedule", "steep"}}}), "schedule");
  EXPECT_EQ(field_of({.settings = {{"encoding", "bytes"}}}), "encoding");
  EXPECT_EQ(field_of({.preset = "huge"}), "preset");
  EXPECT_EQ(field_of({.seconds = 0.0}), "seconds");
  EXPECT_EQ(field_of({.seconds = std::numeric_limits<double>::infinity()}), "seconds");
  EXPECT_EQ(field_of({.settings = {{"num_steps", 5U}}, .seconds = 1.0}), "seconds");
  EXPECT_EQ(field_of({.threads = 99}), "threads");
  EXPECT_EQ(field_of({.settings = {{"n_embd", 64}}, .init = trained()}), "n_embd");
}

TEST(Training, BeginsWithAModelAndLearnsNewCharacters) {
  const std::vector<std::string_view> others{"bob", "bill", "ben", "rob", "bart", "brad", "bob", "abe"};
  const Model model =
      train(Corpus::from_documents("others", others), {.settings = {{"num_steps", 5}, {"held_out", 0.0}}, .init = trained()});
  EXPECT_GT(model.config().vocab_size, trained().config().vocab_size);
  EXPECT_EQ(model.config().n_embd, trained().config().n_embd);
}

struct Cancelled {};

// Counts steps, and cancels after the first report.
class Cancelling final : public TrainObserver {
 public:
  void on_step(std::size_t, double loss) override {
    EXPECT_TRUE(std::isfinite(loss));
    ++steps;
  }
  void check() override {
    if (steps > 0) throw Cancelled{};
  }
  std::size_t steps = 0;
};

TEST(Training, ThatIsCancelledGoesOnToTheSameBits) {
  const TemporaryFolder folder;
  TrainOptions options = short_training();
  options.folder = folder.path("run");
  Cancelling observer;
  EXPECT_THROW(train(few_words(), options, &observer), Cancelled);
  EXPECT_GT(observer.steps, 0U);
  EXPECT_LT(observer.steps, 40U);
  EXPECT_THROW(train(few_words(), options), Error);      // the folder has a model
  EXPECT_THROW(trained().save(*options.folder), Error);  // and a run, which would be lost
  EXPECT_THROW(trained().save(std::string("a\0b", 3)), Error);
  EXPECT_THROW(resume_training(*options.folder, embedded_names()), Error);
  EXPECT_TRUE(is_same(resume_training(*options.folder, few_words()), trained()));
  EXPECT_TRUE(std::filesystem::exists(folder.path("run/README.md")));
  EXPECT_TRUE(is_same(Model::load(*options.folder), trained()));
  EXPECT_TRUE(is_same(resume_training(*options.folder, few_words()), trained()));  // which is finished
  options.overwrite = true;
  EXPECT_TRUE(is_same(train(few_words(), options), trained()));
}

TEST(Training, OfARunningText) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "to be or not to be, that is the question.\n";
  const Model model = train(Corpus::from_text("play", text),
                            {.settings = {{"num_steps", 20}, {"n_embd", 16}, {"n_layer", 1}, {"block_size", 16}}});
  EXPECT_EQ(model.corpus_kind(), CorpusKind::text);
  EXPECT_EQ(sample(model, {.count = 1, .max_length = 60}).front().text.size(), 60U);
}

std::vector<LabelledCorpus> two_classes() {
  const std::vector<std::string_view> numbers{"12", "345", "6789", "120", "77", "8080", "443", "22", "1024", "65535",
                                              "31", "415", "926",  "535", "89", "793",  "238", "46", "264",  "338"};
  return {{"name", few_words()}, {"number", Corpus::from_documents("numbers", numbers)}};
}

const Classifier& trained_classifier() {
  static const Classifier classifier = train_classifier(two_classes(), short_training());
  return classifier;
}

TEST(Classifiers, TellClassesApart) {
  Classifier classifier = trained_classifier();
  EXPECT_TRUE(classifier.is_fitted());
  EXPECT_EQ(classifier.labels(), (std::vector<std::string>{"name", "number"}));
  EXPECT_EQ(classifier.label("anne"), "name");
  EXPECT_EQ(classifier.label("999"), "number");
  EXPECT_GT(classifier.ratio("anne"), 0.0);
  EXPECT_LT(classifier.ratio("999"), 0.0);
  const std::vector<double> probabilities = classifier.probabilities("anne");
  EXPECT_NEAR(probabilities[0] + probabilities[1], 1.0, 1e-9);
  EXPECT_THROW(classifier.probabilities("\xFF"), Error);
}

TEST(Classifiers, AreTheSameForManyAndWhenTheyAreLoaded) {
  const TemporaryFolder folder;
  trained_classifier().save(folder.path("classifier"));
  Classifier alone = trained_classifier();
  for (const std::size_t threads : {1U, 2U}) {
    Classifier loaded = Classifier::load(folder.path("classifier"), threads);
    const std::vector<std::string_view> documents{"anne", "", "999", "anna12"};
    std::vector<double> all(2 * documents.size());
    loaded.probabilities(documents, all);
    for (std::size_t d = 0; d < documents.size(); ++d) EXPECT_EQ(all[2 * d], alone.probabilities(documents[d])[0]);
  }
  EXPECT_THROW(Classifier::load(folder.path("nothing")), Error);
}

TEST(Classifiers, OfTwoModelsKnowNothingOfFrequencies) {
  Classifier pair(trained_classifier().model(0), trained_classifier().model(1));
  EXPECT_FALSE(pair.is_fitted());
  EXPECT_EQ(pair.label("anne"), "positive");
  EXPECT_THROW(pair.save("/tmp/nothing"), Error);
  Classifier same(trained(), trained());
  EXPECT_NEAR(same.probabilities("anne")[0], 0.5, 1e-9);
}

TEST(Classifiers, MayBeCancelledWhileTheyAreTrained) {
  struct Enough {};
  EXPECT_THROW(train_classifier(two_classes(), short_training(), [] { throw Enough{}; }), Enough);
}

TEST(Classifiers, NeedTwoClassesOfDifferentLabels) {
  std::vector<LabelledCorpus> classes = two_classes();
  EXPECT_THROW(train_classifier({classes.data(), 1}), Error);
  EXPECT_THROW(train_classifier(classes, {.preset = "small"}), ConfigError);
  EXPECT_THROW(trained_classifier().model(2), Error);
  classes[1].label = classes[0].label;
  EXPECT_THROW(train_classifier(classes), Error);
}

}  // namespace
}  // namespace microgpt::library_test
