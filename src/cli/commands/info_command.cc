// SPDX-License-Identifier: MIT
// microgpt info: what a saved model is; what this program is and what it runs on.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/model_arguments.h"
#include "cli/mpirun.h"
#include "cli/terminal.h"
#include "engine/libm_variant.h"
#include "engine/make_engine.h"
#include "io/resource_limits.h"
#include "library/version.h"
#include "parallel/cores.h"
#include "parallel/thread_team.h"
#include "report/model_table.h"
#include "training/run_folder.h"

namespace microgpt {
namespace {

void print_fact(std::string_view name, std::string_view fact) { print(fmt::format("{:<20}{}\n", name, fact)); }

std::string engine_names() {
  std::string names;
  for (const Named<EngineKind>& engine : kEngineNames) names += fmt::format("{}{}", names.empty() ? "" : ", ", engine.name);
  return names;
}

std::string describe_machine_memory() {
  const std::uint64_t all = physical_memory();
  const std::uint64_t usable = usable_memory();
  const auto describe_bytes = [](std::uint64_t bytes) { return describe_memory(static_cast<double>(bytes)); };
  return usable < all ? fmt::format("{} of {}", describe_bytes(usable), describe_bytes(all)) : describe_bytes(all);
}

std::string describe_cores() {
  const std::size_t all = machine_cores();
  const std::size_t usable = usable_cores();
  return usable < all ? fmt::format("{} of {} may be used", usable, all) : fmt::format("{}", all);
}

void print_system() {
  const Target target = target_from_environment();
  print_fact("version", kVersion);
  print_fact("compiler", fmt::format("{}, {}", kCompiler, kBuildType));
  print_fact("engines", engine_names());
  print_fact("instruction set", fmt::format("{} (available: {})", name_of(target), available_target_names()));
  print_fact("cores", describe_cores());
  print_fact("memory", describe_machine_memory());
  print_fact("libm", describe(probe_libm()));
  print_fact("MPI", std::filesystem::exists(mpi_program()) ? "in microgpt_mpi, which runs under mpirun" : "not built");
}

struct InfoOptions {
  std::string folder;
  bool system = false;
  bool json = false;
};

void run_info(const InfoOptions& options) {
  if (options.system) return print_system();
  if (options.folder.empty())
    throw UsageError(
        "info: say what about; microgpt info MODEL describes a saved model, microgpt info --system the program and the "
        "machine");
  const SavedModel model = load_model_and_inform(options.folder);
  const auto state = load_train_state(options.folder);
  const LongDocuments long_documents = state ? state->long_documents : LongDocuments{};
  print(options.json ? model_json(model, long_documents) : model_table(model, long_documents));
}

}  // namespace

void describe_info(Command& command) {
  const auto options = std::make_shared<InfoOptions>();
  Flag& model = add_model(command, options->folder);
  Flag& json = add_json(command, options->json);
  command.add_switch("--system", into(options->system), "Print the version, compiler, instruction sets, cores, libm and MPI")
      .exclude(model)
      .exclude(json);
  command.add_example("microgpt info model", "Describe a saved model");
  command.add_example("microgpt info model --json", "Print the same as JSON");
  command.add_example("microgpt info --system", "Describe the program and this machine, as in a report of a bug");
  command.run = [=] { run_info(*options); };
}

}  // namespace microgpt
