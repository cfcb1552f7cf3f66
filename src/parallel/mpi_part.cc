#include "parallel/mpi_part.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <filesystem>

namespace microgpt {
namespace {

// Beside the program, however it was called.
std::filesystem::path part_path() { return std::filesystem::read_symlink("/proc/self/exe").parent_path() / kMpiPartFile; }

}  // namespace

const MpiPart* load_mpi_part() {
  const std::string path = part_path().string();
  if (!std::filesystem::exists(path)) return nullptr;
  // Global, as MPI loads parts of its own, which look for its symbols.
  void* const part = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (part == nullptr) throw Error(fmt::format("cannot load the MPI of this program: {}", dlerror()));
  void* const exported = dlsym(part, "microgpt_mpi_part");
  if (exported == nullptr) throw Error(fmt::format("{} is not of this program: build it anew", path));
  return static_cast<const MpiPart*>(exported);
}

}  // namespace microgpt
