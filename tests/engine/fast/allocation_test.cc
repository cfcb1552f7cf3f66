// A training step allocates nothing after the first one. A program of its own, as it replaces the global operator new.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <numeric>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/engine.h"
#include "support/models.h"
#include "training/epochs.h"
#include "training/trainer.h"

namespace {

std::atomic<std::size_t> allocations{0};

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  // aligned_alloc wants a multiple of the alignment.
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

constexpr std::size_t kDefaultAlignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace

void* operator new(std::size_t size) { return allocate(size, kDefaultAlignment); }
void* operator new[](std::size_t size) { return allocate(size, kDefaultAlignment); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocate(size, static_cast<std::size_t>(alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace microgpt {
namespace {

std::size_t allocations_of(const auto& work) {
  const std::size_t before = allocations;
  work();
  return allocations - before;
}

// Where a compiler can see that memory is not used, it need not ask for it.
void* volatile escaped;

template <typename T>
T* escape(T* memory) {
  escaped = memory;
  return memory;
}

TEST(AllocationCounter, Counts) {
  struct alignas(64) Line {
    char bytes[64];
  };
  EXPECT_EQ(allocations_of([] {}), 0U);
  EXPECT_EQ(allocations_of([] { delete escape(new int(1)); }), 1U);
  EXPECT_EQ(allocations_of([] { delete[] escape(new int[100]); }), 1U);
  EXPECT_EQ(allocations_of([] { delete escape(new Line); }), 1U);
  EXPECT_EQ(allocations_of([] { delete[] escape(new Line[3]); }), 1U);
  EXPECT_EQ(allocations_of([] { delete escape(escape(new std::vector<int>(100))); }), 2U);
}

struct Case {
  const char* name;
  std::size_t batch_size;
  PrefixSharing sharing;
  std::size_t num_steps;
  Config config = {};
  bool regularises = false;  // with dropout and clipping
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class AllocationTest : public ::testing::TestWithParam<Case> {};

TEST_P(AllocationTest, NoneAfterTheFirstStep) {
  const Case& c = GetParam();
  const Corpus corpus = embedded_names();
  const Tokenizer tokenizer(corpus);
  std::vector<std::size_t> all(corpus.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Epochs epochs(TokenizedDocuments(corpus, tokenizer, all), {c.batch_size, c.config.block_size, 42});
  Config config = c.config;
  config.vocab_size = tokenizer.vocab_size();
  const auto engine = make_fast_engine(config, {.prefix_sharing = c.sharing});
  engine->load(testing::random_parameters(config, 1, 0.08));
  TrainingOptions options{.num_steps = c.num_steps};
  if (c.regularises) {
    options.dropout = 0.1;
    options.clip = 1.0;
  }
  Trainer trainer(
      *engine, [&](std::size_t step, Batch& batch) { epochs.fill(step, batch); }, options);
  ASSERT_GT(c.num_steps * c.batch_size, corpus.size()) << "no change of epochs";
  EXPECT_GT(allocations_of([&] { trainer.train_step(); }), 0U);
  while (trainer.step() < trainer.num_steps())
    ASSERT_EQ(allocations_of([&] {
                trainer.train_step();
                if (c.regularises) trainer.gradient_norm();
              }),
              0U)
        << "in step " << trainer.step();
}

INSTANTIATE_TEST_SUITE_P(
    Names, AllocationTest,
    ::testing::Values(Case{"Batch16Shared", 16, PrefixSharing::where_it_pays, 2100},
                      Case{"Batch16", 16, PrefixSharing::never, 2100},
                      Case{"Batch64Shared", 64, PrefixSharing::where_it_pays, 2100},
                      Case{"Batch64", 64, PrefixSharing::never, 2100},
                      // Batches that have now one shard and now two, now two and now four, and so on.
                      Case{"Batch54", 54, PrefixSharing::where_it_pays, 2100},
                      Case{"Batch108", 108, PrefixSharing::where_it_pays, 2100, {.n_embd = 4, .n_head = 2}},
                      Case{"Batch216", 216, PrefixSharing::where_it_pays, 2100, {.n_embd = 4, .n_head = 2}},
                      Case{"Batch432", 432, PrefixSharing::never, 500, {.n_embd = 4, .n_head = 2}},
                      Case{"Dropout", 108, PrefixSharing::where_it_pays, 2100, {.n_embd = 4, .n_head = 2}, true},
                      // A context of which documents fill little, and one that cuts them.
                      Case{"LongContext", 16, PrefixSharing::where_it_pays, 2100, {.block_size = 100}},
                      Case{"ShortContext", 64, PrefixSharing::where_it_pays, 2100, {.block_size = 3}}),
    [](const auto& of_case) { return std::string(of_case.param.name); });

}  // namespace
}  // namespace microgpt
