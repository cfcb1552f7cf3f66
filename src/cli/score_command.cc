// SPDX-License-Identifier: MIT
// microgpt score: the surprise of each line in bits, a record a line.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/line_command.h"
#include "cli/model_arguments.h"
#include "cli/terminal.h"
#include "report/score_records.h"
#include "scoring/oddest.h"

namespace microgpt {
namespace {

constexpr Range kTopCount{1, 1'000'000};

struct ScoreOptions {
  std::string folder;
  LineOptions lines;
  RecordFormat format = RecordFormat::tsv;
  Per per = Per::character;
  std::optional<std::size_t> top;
  std::optional<double> threshold;
  EngineKind engine = EngineKind::fast;
};

// Prints records as they come, but for those that --threshold and --top leave out.
class ScoreReport : public LineReport {
 public:
  explicit ScoreReport(const ScoreOptions& options)
      : options_(options), records_(options.format, options.per, options.lines.keeps_positions) {
    if (options.top) oddest_.emplace(*options.top);
  }

  void begin() override { print(records_.header()); }

  std::string format(const LineChunk& chunk, const ScoredLines& lines) const override {
    std::string out;
    if (oddest_) return out;
    for_each_line(lines, [&](std::size_t line, const DocumentLoss& loss, std::span<const double> nats) {
      if (is_wanted(loss)) records_.record(out, chunk[line], loss, nats);
    });
    return out;
  }

  void take(const LineChunk& chunk, const ScoredLines& lines, const std::string& formatted) override {
    print(formatted);
    if (!oddest_) return;
    for_each_line(lines, [&](std::size_t line, const DocumentLoss& loss, std::span<const double> nats) {
      rank(chunk[line], loss, nats);
    });
  }

  // What may be left out must be held until it is known whether it is; all else goes out as it comes.
  void take_piece(std::string_view piece) override {
    if (may_leave_out()) {
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
    const DocumentLoss& loss = line.by_model.front().front();
    std::string out;
    if (in_long_line_)
      records_.rest(out, loss, line.positions);
    else if (oddest_)
      rank(long_line_, loss, line.positions);
    else if (is_wanted(loss))
      records_.record(out, long_line_, loss, line.positions);
    print(out);
    in_long_line_ = false;
    std::string().swap(long_line_);
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

  bool may_leave_out() const { return options_.top || options_.threshold; }

  // Per character a line without any has no rank.
  bool is_wanted(const DocumentLoss& loss) const {
    if (!may_leave_out()) return true;
    if (options_.per == Per::character && loss.characters == 0) return false;
    return !options_.threshold || bits_per(options_.per, loss) >= *options_.threshold;
  }

  void rank(std::string_view text, const DocumentLoss& loss, std::span<const double> nats) {
    const std::size_t line = lines_++;
    const double bits = bits_per(options_.per, loss);
    if (!is_wanted(loss) || !oddest_->takes(bits)) return;
    std::string record;
    records_.record(record, text, loss, nats);
    oddest_->add({bits, line, std::move(record)});
  }

  const ScoreOptions& options_;
  ScoreRecords records_;
  std::optional<Oddest> oddest_;
  std::size_t lines_ = 0;
  std::string long_line_;      // that is held
  bool in_long_line_ = false;  // that is printed as it comes
};

void run_score(const ScoreOptions& options) {
  const LoadedModel model = load_for(options.folder, options.engine);
  ScoreReport report(options);
  score_lines(options.lines, {{&model, options.folder}}, report);
  report.print_oddest();
}

}  // namespace

void describe_score(Command& command) {
  const auto options = std::make_shared<ScoreOptions>();
  add_model(command, options->folder).require();
  add_line_flags(command, options->lines);
  add_choice(command, "--format", kRecordFormatNames, options->format, "Of the records: tab-separated, or JSON, one a line");
  add_choice(command, "--per", kPerNames, options->per, "What --top and --threshold compare is bits per");
  command.add_switch("--character-bits", into(options->lines.keeps_positions),
                     "With the bits of each character, and of the end");
  add_integer(command, "--top", kTopCount, into(options->top), "Only the so many oddest lines, from the oddest down");
  add_real(command, "--threshold", {0.0}, into(options->threshold), "Only lines of at least so many bits");
  add_engine(command, options->engine);
  command.run = [=] { run_score(*options); };
}

}  // namespace microgpt
