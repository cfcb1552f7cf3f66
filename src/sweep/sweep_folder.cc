// SPDX-License-Identifier: MIT
#include "sweep/sweep_folder.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

#include "io/atomic_file.h"
#include "io/file.h"
#include "io/json.h"
#include "microgpt/error.h"
#include "model/saved_model.h"

namespace microgpt {
namespace {

// More than any such file has, as no grid has more configurations, and more than any line of the results.
constexpr std::size_t kMaxPlanSize = std::size_t{1} << 24;
constexpr std::size_t kMaxLineSize = std::size_t{1} << 16;

constexpr const char* kPlanFile = "sweep.json";
constexpr const char* kResultsFile = "results.jsonl";
constexpr const char* kTableFile = "results.csv";
constexpr const char* kSweepPictureFile = "sweep.svg";

const std::string& prepared(const std::string& folder, SweepFolder::Purpose purpose) {
  if (purpose == SweepFolder::Purpose::begin) {
    require_writable_folder(folder);
    return folder;
  }
  if (!std::filesystem::exists(folder)) fail_to("read", folder, ENOENT);
  require_no_file(folder);
  if (!holds_sweep(folder) && holds_model(folder))
    throw Error(fmt::format("{0} holds a run, and no sweep: go on with it by microgpt train --resume {0}", folder));
  if (!holds_sweep(folder))
    throw Error(fmt::format("{} holds no sweep to go on with: it has no {}, which is written last; begin one with -o", folder,
                            kPlanFile));
  return folder;
}

}  // namespace

bool holds_sweep(const std::string& folder) { return std::filesystem::exists(path_in(folder, kPlanFile)); }

std::optional<std::string> file_in_the_way(const std::string& folder) {
  for (const char* file : {kResultsFile, kTableFile, kSweepPictureFile}) {
    const std::string path = path_in(folder, file);
    const bool is_of_a_beginning =
        file == kResultsFile && std::filesystem::is_regular_file(path) && std::filesystem::is_empty(path);
    if (std::filesystem::exists(path) && !is_of_a_beginning) return path;
  }
  return std::nullopt;
}

SweepFolder::SweepFolder(std::string folder, Purpose purpose) : folder_(std::move(folder)) {
  if (purpose == Purpose::begin) new_folder_.emplace(folder_);
  lock_.emplace(prepared(folder_, purpose));
  if (purpose == Purpose::resume) lock_->keep();
  remove_temporary_files(folder_);
}

std::string SweepFolder::in_folder(const char* file) const { return path_in(folder_, file); }

void SweepFolder::begin(const SweepPlan& plan) {
  const bool is_first = !holds_sweep(folder_) && !file_in_the_way(folder_);
  try {
    write_beginning(plan);
  } catch (...) {
    if (is_first)
      for (const char* file : {kPlanFile, kResultsFile}) remove_file(in_folder(file));
    throw;
  }
  lock_->keep();
  if (new_folder_) new_folder_->keep();
}

void SweepFolder::write_beginning(const SweepPlan& plan) const {
  for (const char* file : {kPlanFile, kTableFile, kSweepPictureFile}) remove_file(in_folder(file));
  sync_folder(folder_);  // before results are gone that the plan stands for
  write_atomically(in_folder(kResultsFile), "");
  const Json object =
      Json::object({{"base", parse_json(kPlanFile, train_state_to_json(plan.base))}, {"grid", grids_to_json(plan.grids)}});
  write_atomically(in_folder(kPlanFile), dump(object, 2) + "\n");
}

SweepPlan SweepFolder::read_plan() const {
  const std::string path = in_folder(kPlanFile);
  try {
    const Json value = parse_json(path, read_file(path, kMaxPlanSize));
    require_fields_among(path, value, {"base", "grid"});
    return {train_state_from_json(path + ": base", dump(json_field(path, value, "base"))),
            grids_from_json(path, json_field(path, value, "grid"))};
  } catch (const Damaged& error) {
    throw Error(error.problem() + "; restore the file from a copy, or begin the sweep again with --overwrite");
  }
}

std::vector<NumberedResult> SweepFolder::read_results(std::size_t configurations) {
  const std::string path = in_folder(kResultsFile);
  std::vector<NumberedResult> results;
  if (!std::filesystem::exists(path)) write_atomically(path, "");
  const std::string text = read_file(path, (configurations + 1) * kMaxLineSize);
  std::set<std::size_t> seen;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin)) {
    const std::string where = fmt::format("{}: line {}", path, results.size() + 1);
    results.push_back(parse_result_line(where, std::string_view(text).substr(begin, end - begin)));
    const std::size_t number = results.back().configuration;
    if (number >= configurations || !seen.insert(number).second)
      throw Error(fmt::format("{} is of configuration {}, of which there {}; take that line out", where, number + 1,
                              number >= configurations ? "is none" : "is one before"));
  }
  if (begin < text.size()) write_atomically(path, text.substr(0, begin));
  return results;
}

void SweepFolder::add(const NumberedResult& result) {
  try {
    if (!failure_.empty()) throw Error(failure_);
    append(in_folder(kResultsFile), result_line(result), Durability::at_once);
  } catch (const Error& error) {
    failure_ = error.what();
    throw Error(fmt::format("{}; configuration {} is not kept, and those before it are: mend that, and go on with --resume {}",
                            error.what(), result.configuration + 1, folder_));
  }
}

void SweepFolder::write_report(const char* file, const std::string& text) const {
  try {
    write_atomically(in_folder(file), text);
  } catch (const Error& error) {
    throw Error(fmt::format("{}; all results are kept: mend that, and write it with --resume {}", error.what(), folder_));
  }
}

void SweepFolder::write_table(const std::string& csv) const { write_report(kTableFile, csv); }

void SweepFolder::write_picture(const std::string& svg) const { write_report(kSweepPictureFile, svg); }

}  // namespace microgpt
