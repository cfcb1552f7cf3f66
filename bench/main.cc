// SPDX-License-Identifier: MIT
// microgpt_benchmark: how fast training and sampling are on this machine, beside what the chip can do and beside others.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <regex>
#include <string>
#include <vector>

#include "bench/child_process.h"
#include "bench/measure.h"
#include "bench/report.h"
#include "io/file.h"
#include "microgpt/error.h"

namespace microgpt::bench {
namespace {

constexpr std::size_t kRounds = 20;
constexpr std::size_t kQuickRounds = 6;
constexpr const char* kQuickShapes = "w16-b16|w64-b16";

struct Options {
  bool quick = false;
  bool no_torch = false;
  std::size_t rounds = 0;
  std::string only;
  std::string python = "/usr/bin/python3";
  std::string microgpt_py;
  std::string json = MICROGPT_SOURCE_DIR "/build/bench/results.json";
};

void add_options(CLI::App& app, Options& options) {
  app.add_flag("--quick", options.quick, "A few workloads and rounds: under a minute");
  app.add_option("--only", options.only, "Only workloads in whose name this regular expression occurs");
  app.add_option("--rounds", options.rounds, "Rounds in which all contestants take their turn")->check(CLI::PositiveNumber);
  app.add_flag("--no-torch", options.no_torch, "Without PyTorch, even where it is installed");
  app.add_option("--python", options.python, "The Python whose torch is the peer")->capture_default_str();
  app.add_option("--microgpt-py", options.microgpt_py, "A microgpt.py that you have, to be timed in CPython")
      ->check(CLI::ExistingFile);
  app.add_option("--json", options.json, "Where all figures go")->capture_default_str();
}

void say(const std::string& line) {
  fmt::print(stderr, "{}\n", line);
  std::fflush(stderr);
}

std::vector<Shape> chosen_shapes(const Options& options) {
  const std::regex only(options.only.empty() && options.quick ? kQuickShapes : options.only);
  std::vector<Shape> chosen;
  std::string names;
  for (const Shape& shape : all_shapes()) {
    names += " " + shape.name;
    if (std::regex_search(shape.name, only)) chosen.push_back(shape);
  }
  if (chosen.empty()) throw Error(fmt::format("no workload's name matches --only {}; there are{}", options.only, names));
  return chosen;
}

MeasureOptions measure_options(const Options& options) {
  const std::size_t rounds = options.quick ? kQuickRounds : kRounds;
  const bool torch = !options.no_torch && has_torch(options.python);
  if (!torch && !options.no_torch) say(fmt::format("{} has no torch: no figures of PyTorch", options.python));
  return {options.rounds > 0 ? options.rounds : rounds, torch ? options.python : ""};
}

CPythonResult time_cpython(const Options& options) {
  say("timing CPython");
  const std::string script = MICROGPT_SOURCE_DIR "/bench/peers/microgpt_py.py";
  const std::string answer = output_of({"python3", script, options.microgpt_py});
  if (answer.empty()) throw Error(fmt::format("{} could not be timed", options.microgpt_py));
  const auto figures = nlohmann::json::parse(answer);
  return {options.microgpt_py, figures.at("seconds_a_step"), figures.at("seconds_a_token")};
}

void measure_all(const std::vector<Shape>& shapes, const MeasureOptions& how, Report& report) {
  for (const Shape& shape : shapes) {
    say(fmt::format("checking and timing {}", shape.name));
    report.workloads.push_back(measure(shape, how, report.peak));
  }
}

// Where something is wrong, what was measured before it is still shown.
void run(const Options& options) {
  const std::vector<Shape> shapes = chosen_shapes(options);
  const MeasureOptions how = measure_options(options);
  OutputFile json(options.json);
  Report report{.machine = this_machine(), .peak = {}, .workloads = {}, .inference = {}, .cpython = {}};
  for (const Target target : available_targets()) report.peak.measure(target);
  std::exception_ptr failure;
  try {
    measure_all(shapes, how, report);
    for (const std::size_t n_embd : kInferenceWidths) {
      say(fmt::format("checking and timing scoring and sampling, width {}", n_embd));
      report.inference.push_back(measure_inference(n_embd, how.rounds, how.torch_python));
    }
    if (!options.microgpt_py.empty()) report.cpython = time_cpython(options);
  } catch (const Error&) {
    failure = std::current_exception();
  }
  json.write(json_of(report).dump(2) + "\n");
  json.close();
  fmt::print("{}\nall figures: {}\n", tables_of(report), options.json);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace
}  // namespace microgpt::bench

int main(int argc, char** argv) {
  microgpt::bench::Options options;
  CLI::App app("How fast microgpt trains and samples on this machine. See bench/README.md.");
  microgpt::bench::add_options(app, options);
  try {
    app.parse(argc, argv);
    microgpt::bench::run(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "microgpt_benchmark: {}\n", error.what());
    return 1;
  }
}
