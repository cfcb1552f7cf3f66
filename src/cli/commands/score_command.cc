// SPDX-License-Identifier: MIT
// microgpt score: the surprise of each line in bits, a record a line.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/fold_scores.h"
#include "cli/line_command.h"
#include "cli/model_arguments.h"
#include "cli/terminal.h"
#include "cli/training_documents.h"
#include "report/numbers.h"
#include "report/oddest.h"
#include "report/records.h"
#include "text/encoded_text.h"
#include "training/run_folder.h"

namespace microgpt {
namespace {

constexpr Range kTopCount{1, 1'000'000};
constexpr Range kWindow{1, 1000};
constexpr Range kFolds{2, 100};

struct ScoreCommandOptions {
  std::string folder;
  LineOptions lines;
  RecordOptions records;
  std::optional<Per> per;
  std::optional<std::size_t> window;
  std::optional<std::size_t> top;
  std::optional<double> threshold;
  std::optional<double> false_alarms;
  bool unique = false;
  std::optional<std::size_t> folds;
  EngineKind engine = EngineKind::fast;
  std::optional<PredictorKind> predictor;
};

// A line that came once or more.
struct UniqueLine {
  std::string shown;
  DocumentLoss loss;
  std::vector<double> nats;
  std::size_t number;  // of the first
  std::size_t count = 0;
};

// Prints records as they come, but for those that --threshold and --top leave out, and those that wait for the end.
class ScoreReport : public LineReport {
 public:
  // `trained` are the documents that the model was trained on, and `held_out` is how surprising others are; null where that is
  // not known.
  ScoreReport(const ScoreCommandOptions& options, Per per, Encoding encoding, const TrainingDocuments* trained,
              const HeldOutSurprise* held_out)
      : options_(options),
        per_(per),
        encoding_(encoding),
        trained_(trained),
        held_out_(held_out),
        records_(style_of(options.records, options.lines.layout),
                 {per, options.lines.kept.positions, true, held_out, options.unique}) {
    if (options.top) oddest_.emplace(*options.top);
  }

  void begin() override {
    if (!records_.records().appends()) print(records_.header());
  }
  void take_header(std::string_view record) override { print(records_.header_after(record)); }

  std::string format(const LineChunk& chunk, const ScoredLines& lines) const override {
    std::string out;
    if (oddest_ || options_.unique) return out;
    for_each_line(lines, [&](std::size_t line, const DocumentLoss& loss, std::span<const double> nats) {
      if (is_wanted(loss)) records_.record(out, chunk.shown(line), {loss, nats, chunk.number(line)});
    });
    return out;
  }

  void take(const LineChunk& chunk, const ScoredLines& lines, const std::string& formatted) override {
    print(formatted);
    count_trained(chunk, lines.by_model.front().size());
    if (oddest_ || options_.unique)
      for_each_line(lines, [&](std::size_t line, const DocumentLoss& loss, std::span<const double> nats) {
        keep(chunk[line], chunk.shown(line), {loss, nats, chunk.number(line)});
      });
    if (chunk.size() > 0) lines_ = chunk.number(chunk.size() - 1) + 1;
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
    if (in_long_line_) {
      std::string out;
      records_.rest(out, scored);
      print(out);
    } else {
      take_line(long_line_, long_line_, scored);
    }
    in_long_line_ = false;
    std::string().swap(long_line_);
  }

  // The next line, where all is known of it.
  void take_line(std::string_view text, std::string_view shown, const ScoreRecords::Line& line) {
    if (oddest_ || options_.unique) return keep(text, shown, line);
    std::string out;
    if (is_wanted(line.loss)) records_.record(out, shown, line);
    print(out);
  }

  // So that what was learned by heart is not taken for regular.
  void inform_of_trained_lines() const {
    if (trained_lines_ > 0)
      inform_lines(
          fmt::format("{} was trained on {} of these {};\nnew ones like them would cost more; --folds 5 scores each line "
                      "by a model that has not seen it\n",
                      options_.folder, trained_lines_, plural(counted_lines_, "line")));
  }

  // What waited for the end.
  void print_kept() {
    for (const UniqueLine& line : unique_) {
      const ScoreRecords::Line scored{line.loss, line.nats, line.number, line.count};
      if (oddest_) {
        rank(line.shown, scored);
        continue;
      }
      std::string record;
      records_.record(record, line.shown, scored);
      print(record);
    }
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

  bool may_leave_out() const { return options_.top || options_.threshold || options_.false_alarms; }
  bool is_held() const { return may_leave_out() || options_.unique || !records_.records().takes_pieces(); }

  // Per character a line without any has no rank.
  bool is_wanted(const DocumentLoss& loss) const {
    if (!may_leave_out()) return true;
    if (per_ == Per::character && loss.characters == 0) return false;
    if (options_.false_alarms && held_out_->p_value(loss) > *options_.false_alarms) return false;
    return !options_.threshold || oddness(per_, loss, held_out_) >= *options_.threshold;
  }

  void keep(std::string_view text, std::string_view shown, const ScoreRecords::Line& line) {
    if (!options_.unique) return rank(shown, line);
    if (!is_wanted(line.loss)) return;
    const auto [found, is_new] = number_of_text_.try_emplace(std::string(text), unique_.size());
    if (is_new)
      unique_.push_back({std::string(shown), line.loss, {line.position_nats.begin(), line.position_nats.end()}, line.number});
    ++unique_[found->second].count;
  }

  void rank(std::string_view text, const ScoreRecords::Line& line) {
    const double odd = oddness(per_, line.loss, held_out_);
    if (!is_wanted(line.loss) || !oddest_->takes(odd)) return;
    std::string record;
    records_.record(record, text, line);
    oddest_->add({odd, line.number, std::move(record)});
  }

  const ScoreCommandOptions& options_;
  Per per_;
  Encoding encoding_;
  const TrainingDocuments* trained_;
  const HeldOutSurprise* held_out_;
  std::size_t counted_lines_ = 0;
  std::size_t trained_lines_ = 0;
  ScoreRecords records_;
  std::optional<Oddest> oddest_;
  std::vector<UniqueLine> unique_;  // in the order of the input
  std::unordered_map<std::string, std::size_t> number_of_text_;
  std::size_t lines_ = 0;      // that came so far
  std::string long_line_;      // that is held
  bool in_long_line_ = false;  // that is printed as it comes
};

// How surprising documents are that the model has not learned, as what predicts usually says; nothing where that is not known.
std::optional<HeldOutSurprise> find_held_out(const ScoreCommandOptions& options) {
  const bool predicts_usually = !options.predictor || options.predictor == PredictorKind::mixture;
  return predicts_usually ? load_held_out(options.folder) : std::nullopt;
}

// Throws Error where p-values are asked for and there is nothing to compare with, or too little for the rate.
void require_p_values(const ScoreCommandOptions& options, const std::optional<HeldOutSurprise>& held_out) {
  if (!held_out)
    throw Error(fmt::format("{}: there are no held-out documents to compare with: {}", options.folder,
                            options.predictor ? "leave --predictor out" : "train with some held out, or take --per excess"));
  if (options.false_alarms && *options.false_alarms < held_out->least_p_value())
    throw Error(
        fmt::format("--false-alarms {}: {} held-out documents cannot tell a rate below {:.4f}; take that, or more of them",
                    *options.false_alarms, held_out->documents().size(), std::ceil(1e4 * held_out->least_p_value()) / 1e4));
}

// What lines are ranked by where nothing is named. Lines of any length compare by their p-values, and by what the model expects
// where these are not known (bench/oddities.py); a threshold is in bits per character.
Per usual_per(const ScoreCommandOptions& options, bool has_held_out) {
  if (options.false_alarms) return Per::p_value;
  if (!options.top || options.threshold) return Per::character;
  return has_held_out ? Per::p_value : Per::excess;
}

void require_flags_that_go_together(const ScoreCommandOptions& options) {
  if (options.false_alarms && options.per.value_or(Per::p_value) != Per::p_value)
    throw UsageError("--false-alarms is a rate of p-values: leave --per out");
  if (options.threshold && (options.false_alarms || options.per == Per::p_value))
    throw UsageError("--threshold does not go with p-values: name a rate, --false-alarms X");
  if (options.folds && options.lines.unseen == Unseen::error)
    throw UsageError("--folds does not go with --unseen error: its models know the characters of all lines");
  if (options.window && options.per != Per::peak) throw UsageError("--window is of peaks: name --per peak");
}

LineOptions lines_of(const ScoreCommandOptions& options, Per per) {
  LineOptions lines = options.lines;
  lines.kept.expected = per == Per::excess;
  lines.kept.window = per == Per::peak ? options.window.value_or(1) : 0;
  return lines;
}

// Each line is held out of the model that scores it, so that all lines say how surprising such lines are.
void run_score_by_folds(const ScoreCommandOptions& options) {
  const Per per = options.per.value_or(usual_per(options, true));
  const FoldLines lines =
      score_by_folds(lines_of(options, per), {options.folder, *options.folds, options.engine, options.predictor});
  std::vector<DocumentLoss> losses;
  for (const FoldLine& line : lines.lines) losses.push_back(line.loss);
  const HeldOutSurprise held_out(losses, HeldOutSurprise::Asked::these);
  if (per == Per::p_value) require_p_values(options, held_out);
  ScoreReport report(options, per, Encoding::utf8, nullptr, &held_out);
  report.begin();
  for (const std::string& header : lines.headers) report.take_header(header);
  for (const FoldLine& line : lines.lines) report.take_line(line.text, line.shown(), {line.loss, line.nats, line.number});
  report.print_kept();
}

void run_score(const ScoreCommandOptions& options) {
  require_flags_that_go_together(options);
  if (options.folds) return run_score_by_folds(options);
  const LoadedModel model = load_for(options.folder, options.engine, options.predictor);
  std::optional<HeldOutSurprise> held_out;
  if (options.top || options.per == Per::p_value || options.false_alarms) held_out = find_held_out(options);
  const Per per = options.per.value_or(usual_per(options, held_out.has_value()));
  if (per == Per::p_value) require_p_values(options, held_out);
  // Of a stream that is nobody's file nothing is held in memory.
  std::error_code ignored;
  const bool is_file = std::filesystem::is_regular_file(options.lines.path, ignored);
  const auto trained = is_file ? find_training_documents(options.folder, std::nullopt) : nullptr;
  ScoreReport report(options, per, model.saved.tokenizer.encoding(), trained.get(), held_out ? &*held_out : nullptr);
  score_lines(lines_of(options, per), {{&model, options.folder}}, report);
  report.print_kept();
  report.inform_of_trained_lines();
}

}  // namespace

void describe_score(Command& command) {
  const auto options = std::make_shared<ScoreCommandOptions>();
  add_model(command, options->folder).require();
  add_line_flags(command, options->lines);
  command.group("Output");
  add_record_flags(command, options->records);
  command.group("Scoring");
  add_choice_function(command, "--per", kPerNames, into(options->per),
                      "What --top and --threshold compare (docs/records.md: which when)",
                      " [p_value with --top, if documents were held out, or excess; otherwise character]");
  add_integer(command, "--window", kWindow, into(options->window), "Positions of a peak (--per peak) [1]");
  command.add_switch("--character-bits", into(options->lines.kept.positions),
                     "Print the bits of each character and of the end, too");
  command.add_switch("--unique", into(options->unique), "Print each different line once, with its count, when all are read");
  add_integer(command, "--top", kTopCount, into(options->top), "Print only the N oddest lines, the oddest first");
  add_real(command, "--threshold", {0.0}, into(options->threshold),
           "Print only lines that are at least as odd as X (see --per)");
  add_real(command, "--false-alarms", {0.0, 1.0}, into(options->false_alarms),
           "Print only lines that are odder for their length than all but a share of X of held-out documents");
  add_integer(command, "--folds", kFolds, into(options->folds),
              "Train N models like MODEL, and score each line by one that has not seen it or a near-copy of it");
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
