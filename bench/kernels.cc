// SPDX-License-Identifier: MIT
// microgpt_kernel_benchmark: each kernel by itself on each instruction set, under Google Benchmark.
//
// A case is checked against a plain loop before it is timed; one that is wrong is reported as an error and not timed.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench/kernel_cases.h"
#include "simd/target.h"

namespace microgpt::bench {
namespace {

constexpr double kMaxScalarWork = 1e6;  // what takes longer says nothing of `scalar` that smaller cases do not

void run_case(benchmark::State& state, const KernelCase& kernel, Target target) {
  const Kernels kernels{fast::kernels_for(target), optimizer_kernels_for(target)};
  const PreparedKernel prepared = kernel.prepare(kernels);
  prepared.run(kernels);
  if (const double error = prepared.error(); !(error <= kKernelTolerance))
    return state.SkipWithError(fmt::format("wrong: differs from the plain loop by {}", error).c_str());
  for (auto _ : state) {
    prepared.run(kernels);
    benchmark::ClobberMemory();
  }
  using benchmark::Counter;
  if (kernel.operations > 0.0) state.counters["FLOP/s"] = Counter(kernel.operations, Counter::kIsIterationInvariantRate);
  if (kernel.bytes > 0.0)
    state.counters["bytes/s"] = Counter(kernel.bytes, Counter::kIsIterationInvariantRate, Counter::kIs1024);
}

std::vector<KernelCase> all_cases() {
  std::vector<KernelCase> cases;
  add_product_cases(cases);
  add_attention_cases(cases);
  add_row_cases(cases);
  add_parameter_cases(cases);
  return cases;
}

void register_all() {
  for (const KernelCase& kernel : all_cases())
    for (const Target target : available_targets()) {
      if (target == Target::scalar && kernel.operations + kernel.bytes > kMaxScalarWork) continue;
      const std::string name = fmt::format("{}/{}", kernel.name, name_of(target));
      benchmark::RegisterBenchmark(name.c_str(),
                                   [kernel, target](benchmark::State& state) { run_case(state, kernel, target); });
    }
}

}  // namespace
}  // namespace microgpt::bench

int main(int argc, char** argv) {
  microgpt::bench::register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
