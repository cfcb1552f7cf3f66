// SPDX-License-Identifier: MIT
#include "bench/torch_peer.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/file.h"
#include "microgpt/error.h"
#include "training/trainer.h"

namespace microgpt::bench {
namespace {

using nlohmann::json;

constexpr double kLossTolerance = 1e-4;
constexpr std::size_t kCheckedSteps = 5;
constexpr double kTorchSegmentSeconds = 8e-3;
constexpr double kMaxStepsOfSegment = 16;

json documents_of(const Batch& batch) {
  json documents = json::array();
  for (std::size_t d = 0; d < batch.documents(); ++d) {
    const auto inputs = batch.document_inputs(d);
    json tokens(std::vector<Token>(inputs.begin(), inputs.end()));
    tokens.push_back(batch.document_targets(d).back());
    documents.push_back(std::move(tokens));
  }
  return documents;
}

json specification(const Workload& workload, std::string_view form) {
  const AdamOptions adam;
  json batches = json::array();
  for (const Batch& batch : workload.batches()) batches.push_back(documents_of(batch));
  return {
      {"config", json_of_config(workload.config())},
      {"adam",
       {{"learning_rate", workload.shape().learning_rate},
        {"beta1", adam.beta1},
        {"beta2", adam.beta2},
        {"epsilon", adam.epsilon}}},
      {"form", form},
      {"batches", batches},
  };
}

void write(const std::string& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.close();
}

// Raw float32, as this machine keeps them.
std::string bytes_of(const std::vector<double>& parameters) {
  const std::vector<float> floats(parameters.begin(), parameters.end());
  return {reinterpret_cast<const char*>(floats.data()), floats.size() * sizeof(float)};
}

std::vector<double> our_losses(Workload& workload) {
  const auto engine = make_fast_engine(workload.config());
  engine->load(workload.parameters());
  const TrainingOptions options{.num_steps = std::size_t{1} << 62, .learning_rate = workload.shape().learning_rate};
  Trainer trainer(
      *engine, [&](std::size_t step, Batch& batch) { workload.fill(step, batch); }, options);
  std::vector<double> losses;
  for (std::size_t i = 0; i < kCheckedSteps; ++i) losses.push_back(trainer.train_step());
  return losses;
}

std::string joined(const json& names) {
  std::string text;
  for (const json& name : names) text += (text.empty() ? "" : ", ") + name.get<std::string>();
  return text;
}

}  // namespace

json json_of_config(const Config& config) {
  return {{"vocab_size", config.vocab_size}, {"n_layer", config.n_layer},       {"n_embd", config.n_embd},
          {"n_head", config.n_head},         {"block_size", config.block_size}, {"activation", "relu"}};
}

PeerProcess::Folder::Folder() {
  std::string path = (std::filesystem::temp_directory_path() / "microgpt-bench-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw Error(fmt::format("cannot make a folder {}", path));
  path_ = path;
}

PeerProcess::Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

PeerProcess::PeerProcess(const std::string& python, const std::string& script, const std::vector<double>& parameters,
                         json specification) {
  const std::string file = folder_.path() / "specification.json";
  specification["parameters"] = (folder_.path() / "parameters").string();
  write(specification["parameters"], bytes_of(parameters));
  write(file, specification.dump());
  process_.emplace(std::vector<std::string>{python, MICROGPT_SOURCE_DIR "/bench/peers/" + script, file});
  const json facts = json::parse(ask("", "ready "));
  facts_ = {facts.at("torch"), facts.at("threads"), joined(facts.at("blas")), facts.at("fast_blas")};
}

std::string PeerProcess::ask(const std::string& command, std::string_view beginning) {
  if (!command.empty()) process_->write_line(command);
  const std::string line = process_->read_line();
  if (!line.starts_with(beginning)) throw Error(fmt::format("the peer in PyTorch says \"{}\"", line));
  return line.substr(beginning.size());
}

TorchPeer::TorchPeer(const std::string& python, const Workload& workload, std::string_view form)
    : form_(form), process_(python, "torch_peer.py", workload.parameters(), specification(workload, form)) {}

std::vector<double> TorchPeer::losses(std::size_t steps) {
  return json::parse(process_.ask(fmt::format("check {}", steps), "losses ")).get<std::vector<double>>();
}

void TorchPeer::check(Workload& workload) {
  const std::vector<double> ours = our_losses(workload);
  const std::vector<double> theirs = losses(ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (!(std::abs(ours[i] - theirs.at(i)) <= kLossTolerance))
      throw Error(fmt::format("{}: the loss of step {} is {} here and {} in PyTorch ({}): there is nothing to compare",
                              workload.shape().name, i + 1, ours[i], theirs[i], form_));
}

double TorchPeer::measure_seconds_per_step(std::size_t threads) {
  std::size_t& steps = steps_of_threads_[threads];
  if (steps == 0)
    steps = static_cast<std::size_t>(
        std::clamp(kTorchSegmentSeconds / measure_seconds_per_step(threads, 1), 1.0, kMaxStepsOfSegment));
  return measure_seconds_per_step(threads, steps);
}

double TorchPeer::measure_seconds_per_step(std::size_t threads, std::size_t steps) {
  return std::stod(process_.ask(fmt::format("time {} {}", threads, steps), "seconds ")) / static_cast<double>(steps);
}

bool has_torch(const std::string& python) {
  return !output_of({"sh", "-c", "\"$0\" -c 'import torch; print(torch.__version__)' 2>/dev/null", python}).empty();
}

}  // namespace microgpt::bench
