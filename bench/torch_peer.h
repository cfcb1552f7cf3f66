// SPDX-License-Identifier: MIT
// PyTorch beside us: bench/peers/torch_peer.py in a process of its own, with the same parameters and batches.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/child_process.h"
#include "bench/workload.h"

namespace microgpt::bench {

// How the peer lays out a batch: the fastest form that was found, and the one that users of PyTorch usually write.
inline constexpr std::string_view kTorchForms[] = {"packed", "padded"};

struct TorchFacts {
  std::string version;
  std::size_t threads = 1;
  std::string blas;
  bool fast_blas = false;
};

// A script of bench/peers/ that answers line by line.
class PeerProcess {
 public:
  // With these parameters, in a file that `specification` then names. Returns once it is ready. Throws Error where it is not.
  PeerProcess(const std::string& python, const std::string& script, const std::vector<double>& parameters,
              nlohmann::json specification);

  const TorchFacts& facts() const { return facts_; }

  // Its answer to a command without the beginning that it must have. Throws Error where it says something else.
  std::string ask(const std::string& command, std::string_view beginning);

 private:
  // A folder for what the peer reads, removed with it.
  class Folder {
   public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

   private:
    std::filesystem::path path_;
  };

  Folder folder_;
  std::optional<ChildProcess> process_;
  TorchFacts facts_;
};

nlohmann::json json_of_config(const Config& config);

class TorchPeer {
 public:
  // Returns once it is ready. Throws Error where it is not.
  TorchPeer(const std::string& python, const Workload& workload, std::string_view form);

  const TorchFacts& facts() const { return process_.facts(); }
  const std::string& form() const { return form_; }

  // Throws Error where its losses are not within 1e-4 of our engine's, step by step from the initial parameters.
  void check(Workload& workload);

  // Of a short segment, as ours are, so that both have a fair chance of a quiet moment; it takes some of the batches, and the
  // smallest time may be that of short ones, in the peer's favour.
  double measure_seconds_per_step(std::size_t threads);

 private:
  std::vector<double> losses(std::size_t steps);
  double measure_seconds_per_step(std::size_t threads, std::size_t steps);

  std::string form_;
  PeerProcess process_;
  std::map<std::size_t, std::size_t> steps_of_threads_;  // in a segment
};

// Whether this Python is there and has torch.
bool has_torch(const std::string& python);

}  // namespace microgpt::bench
