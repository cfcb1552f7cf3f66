// SPDX-License-Identifier: MIT
// microgpt score: the surprise of each line in bits, a record a line.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/line_command.h"
#include "cli/model_arguments.h"
#include "cli/terminal.h"
#include "cli/training_documents.h"
#include "report/numbers.h"
#include "report/oddest.h"
#include "report/records.h"
#include "text/encoded_text.h"

namespace microgpt {
namespace {

constexpr Range kTopCount{1, 1'000'000};
constexpr Range kWindow{1, 1000};

struct ScoreCommandOptions {
  std::string folder;
  LineOptions lines;
  RecordOptions records;
  Per per = Per::character;
  std::size_t window = 1;
  std::optional<std::size_t> top;
  std::optional<double> threshold;
  EngineKind engine = EngineKind::fast;
  std::optional<PredictorKind> predictor;
};

// Prints records as they come, but for those that --threshold and --top leave out.
class ScoreReport : public LineReport {
 public:
  // `trained` are the documents that the model was trained on, or null where that is not known.
  ScoreReport(const ScoreCommandOptions& options, Encoding encoding, const TrainingDocuments* trained)
      : options_(options),
        encoding_(encoding),
        trained_(trained),
        records_(style_of(options.records), {options.per, options.lines.kept.positions, true}) {
    if (options.top) oddest_.emplace(*options.top);
  }

  void begin() override { print(records_.header()); }

  std::string format(const LineChunk& chunk, const ScoredLines& lines) const override {
    std::string out;
    if (oddest_) return out;
    for_each_line(lines, [&](std::size_t line, const DocumentLoss& loss, std::span<const double> nats) {
      if (is_wanted(loss)) records_.record(out, chunk[line], {loss, nats, chunk.first_line() + line});
    });
    return out;
  }

  void take(const LineChunk& chunk, const ScoredLines& lines, const std::string& formatted) override {
    print(formatted);
    count_trained(chunk, lines.by_model.front().size());
    if (oddest_)
      for_each_line(lines, [&](std::size_t line, const DocumentLoss& loss, std::span<const double> nats) {
        rank(chunk[line], {loss, nats, chunk.first_line() + line});
      });
    lines_ = chunk.first_line() + chunk.size();
  }

  // What may be left out must be held until it is known whether it is; all else goes out as it comes.
  void take_piece(std::string_view piece) override {
    if (is_held()) {
      long_line_.append(piece);
      return;
    }
    std::string out;
    if (!in_long_line_) records_.records().begin_text(out);
    in_long_line_ = true;
    records_.records().text(out, piece);
    print(out);
  }

  void end_line(const ScoredLines& line) override {
    const ScoreRecords::Line scored{line.by_model.front().front(), line.positions, lines_++};
    std::string out;
    if (in_long_line_)
      records_.rest(out, scored);
    else if (oddest_)
      rank(long_line_, scored);
    else if (is_wanted(scored.loss))
      records_.record(out, long_line_, scored);
    print(out);
    in_long_line_ = false;
    std::string().swap(long_line_);
  }

  // So that what was learned by heart is not taken for regular.
  void inform_of_trained_lines() const {
    if (trained_lines_ > 0)
      inform_lines(fmt::format("{} was trained on {} of these {};\nnew ones like them would cost more\n", options_.folder,
                               trained_lines_, plural(counted_lines_, "line")));
  }

  void print_oddest() {
    if (!oddest_) return;
    for (const RankedLine& line : oddest_->take()) print(line.record);
  }

 private:
  template <typename Visit>
  static void for_each_line(const ScoredLines& lines, Visit visit) {
    std::size_t at = 0;
    const std::vector<DocumentLoss>& losses = lines.by_model.front();
    for (std::size_t line = 0; line < losses.size(); ++line) {
      const std::size_t count = lines.positions.empty() ? 0 : losses[line].positions;
      visit(line, losses[line], std::span(lines.positions).subspan(at, count));
      at += count;
    }
  }

  void count_trained(const LineChunk& chunk, std::size_t lines) {
    if (trained_ == nullptr) return;
    counted_lines_ += lines;
    for (std::size_t line = 0; line < lines; ++line)
      if (trained_->contain(strip(encoding_, chunk[line]))) ++trained_lines_;
  }

  bool may_leave_out() const { return options_.top || options_.threshold; }
  bool is_held() const { return may_leave_out() || !records_.records().takes_pieces(); }

  // Per character a line without any has no rank.
  bool is_wanted(const DocumentLoss& loss) const {
    if (!may_leave_out()) return true;
    if (options_.per == Per::character && loss.characters == 0) return false;
    return !options_.threshold || oddness(options_.per, loss) >= *options_.threshold;
  }

  void rank(std::string_view text, const ScoreRecords::Line& line) {
    const double odd = oddness(options_.per, line.loss);
    if (!is_wanted(line.loss) || !oddest_->takes(odd)) return;
    std::string record;
    records_.record(record, text, line);
    oddest_->add({odd, line.number, std::move(record)});
  }

  const ScoreCommandOptions& options_;
  Encoding encoding_;
  const TrainingDocuments* trained_;
  std::size_t counted_lines_ = 0;
  std::size_t trained_lines_ = 0;
  ScoreRecords records_;
  std::optional<Oddest> oddest_;
  std::size_t lines_ = 0;      // that came so far
  std::string long_line_;      // that is held
  bool in_long_line_ = false;  // that is printed as it comes
};

void run_score(const ScoreCommandOptions& options) {
  LineOptions lines = options.lines;
  lines.kept.expected = options.per == Per::excess;
  lines.kept.window = options.per == Per::peak ? options.window : 0;
  const LoadedModel model = load_for(options.folder, options.engine, options.predictor);
  // Of a stream that is nobody's file nothing is held in memory.
  std::error_code ignored;
  const bool is_file = std::filesystem::is_regular_file(options.lines.path, ignored);
  const auto trained = is_file ? find_training_documents(options.folder, std::nullopt) : nullptr;
  ScoreReport report(options, model.saved.tokenizer.encoding(), trained.get());
  score_lines(lines, {{&model, options.folder}}, report);
  report.inform_of_trained_lines();
  report.print_oddest();
}

}  // namespace

void describe_score(Command& command) {
  const auto options = std::make_shared<ScoreCommandOptions>();
  add_model(command, options->folder).require();
  add_line_flags(command, options->lines);
  command.group("Output");
  add_record_flags(command, options->records);
  command.group("Scoring");
  add_choice(command, "--per", kPerNames, options->per, "What --top and --threshold compare (docs/records.md: which when)");
  add_integer(command, "--window", kWindow, options->window, "Positions of a peak (--per peak)");
  command.add_switch("--character-bits", into(options->lines.kept.positions),
                     "Print the bits of each character and of the end, too");
  add_integer(command, "--top", kTopCount, into(options->top), "Print only the N oddest lines, the oddest first");
  add_real(command, "--threshold", {0.0}, into(options->threshold),
           "Print only lines that are at least as odd as X (see --per)");
  add_predictor(command, options->predictor);
  add_engine(command, options->engine);
  command.add_example("microgpt score model log.txt --top 10", "Print the ten oddest lines of a file");
  command.add_example("microgpt score model --threshold 4 < log.txt",
                      "Print the lines of standard input that take 4 bits per character or more");
  command.add_example("microgpt score model log.txt --format jsonl --character-bits",
                      "Score every line and every character, as JSON");
  command.run = [=] { run_score(*options); };
}

}  // namespace microgpt
