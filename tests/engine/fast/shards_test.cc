// SPDX-License-Identifier: MIT
#include "engine/fast/shards.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/fast/kernels/kernels.h"
#include "support/models.h"

namespace microgpt::fast::shards_test {
namespace {

constexpr std::size_t kParameters = 4192;

TEST(Shards, TheirNumberFollowsFromThePositions) {
  EXPECT_EQ(shard_count(1, kParameters), 1U);
  EXPECT_EQ(shard_count(114, kParameters), 1U);  // 16 names
  EXPECT_EQ(shard_count(255, kParameters), 1U);
  EXPECT_EQ(shard_count(456, kParameters), 2U);  // 64 names
  EXPECT_EQ(shard_count(100'000, kParameters), kMaxShards);
  EXPECT_LE(kMaxShards, 16U);
  std::size_t last = 1;
  for (std::size_t positions = 1; positions < 10'000; ++positions) {
    const std::size_t count = shard_count(positions, kParameters);
    ASSERT_TRUE(std::has_single_bit(count) && count >= last && count <= 16) << positions;
    ASSERT_TRUE(count == 1 || positions / count >= kMinShardPositions) << positions;
    ASSERT_TRUE(count == 16 || positions / (2 * count) < kMinShardPositions) << positions;
    last = count;
  }
  EXPECT_EQ(last, kMaxShards);
}

TEST(Shards, ALargeModelHasFew) {
  constexpr std::size_t kLarge = kMaxSmallParameters + 1;
  EXPECT_EQ(shard_count(10'000, kMaxSmallParameters), 16U);
  EXPECT_EQ(shard_count(2047, kLarge), 1U);
  EXPECT_EQ(shard_count(12 * 256, kLarge), 2U);
  EXPECT_EQ(shard_count(1'000'000, kLarge), kMaxLargeShards);
  EXPECT_EQ(tree_buffers(2), 1U) << "more shards take a gradient more";
  for (std::size_t positions = 2048; positions < 10'000; ++positions)
    ASSERT_GE(positions / shard_count(positions, kLarge), kMinLargeShardPositions) << positions;
}

// Documents, in order, each in one shard, and no shard has much more than its share of positions.
TEST(Shards, PartitionTheDocuments) {
  const Config config{.vocab_size = 3, .block_size = 30};
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    PythonRandom random(seed);
    std::vector<std::size_t> lengths(1 + random.randbelow(120));
    for (std::size_t& n : lengths) n = 1 + random.randbelow(30);
    const Batch batch = testing::random_batch(config, lengths, seed);
    for (std::size_t shards = 1; shards <= 16; shards *= 2) {
      ASSERT_EQ(shard_begin(batch, 0, shards), 0U);
      ASSERT_EQ(shard_begin(batch, shards, shards), batch.documents());
      for (std::size_t s = 0; s < shards; ++s) {
        const std::size_t begin = shard_begin(batch, s, shards), end = shard_begin(batch, s + 1, shards);
        ASSERT_LE(begin, end);
        ASSERT_LE((batch.offsets[end] - batch.offsets[begin]) * shards, batch.positions() + config.block_size * shards);
      }
    }
  }
}

// The sum as a person would write it: halves, and halves of halves.
std::string recursive_sum(std::size_t begin, std::size_t end) {
  if (end - begin == 1) return std::to_string(begin);
  const std::size_t middle = (begin + end) / 2;
  return "(" + recursive_sum(begin, middle) + "+" + recursive_sum(middle, end) + ")";
}

// What the engine does with the slots: the own gradient is added to those that wait, the last one first.
std::string sum_by_slots(std::size_t shards, std::size_t* max_buffers) {
  std::vector<std::string> buffers;
  for (std::size_t shard = 0; shard < shards; ++shard) {
    const TreeSlot slot = tree_slot(shard);
    EXPECT_LE(slot.first, slot.last);
    std::string sum = std::to_string(shard);
    for (std::size_t i = slot.last; i-- > slot.first;) sum = "(" + buffers.at(i) + "+" + sum + ")";
    buffers.resize(std::max(buffers.size(), slot.first + 1));
    buffers[slot.first] = sum;
    *max_buffers = std::max(*max_buffers, buffers.size());
  }
  return buffers.front();
}

TEST(Shards, GradientsAreAddedAlongABinaryTree) {
  for (std::size_t shards = 1; shards <= 16; shards *= 2) {
    std::size_t max_buffers = 0;
    EXPECT_EQ(sum_by_slots(shards, &max_buffers), recursive_sum(0, shards));
    EXPECT_EQ(max_buffers, tree_buffers(shards)) << shards;
  }
}

TEST(Shards, SubtreesAreEnoughForTheThreads) {
  EXPECT_EQ(subtree_count(16, 1), 1U);
  EXPECT_EQ(subtree_count(1, 8), 1U);
  EXPECT_EQ(subtree_count(2, 2), 2U);
  for (std::size_t shards = 1; shards <= kMaxShards; shards *= 2)
    for (std::size_t threads = 1; threads <= 32; ++threads) {
      const std::size_t subtrees = subtree_count(shards, threads);
      EXPECT_EQ(shards % subtrees, 0U);
      EXPECT_GE(subtrees, std::min(shards, threads));
      EXPECT_LE(subtrees * tree_buffers(shards / subtrees), kMaxShards) << "gradients at once";
      // The busiest thread has at most half as much again as its fair share, where shards are not too few for that.
      const std::size_t busiest = (subtrees + threads - 1) / threads * (shards / subtrees);
      EXPECT_TRUE(subtrees == shards || 2 * busiest * threads <= 3 * shards) << shards << " shards, " << threads << " threads";
    }
}

// The sums of subtrees, each added up on a stack, added up in turn: the same tree.
TEST(Shards, SubtreesMakeTheSameTree) {
  for (std::size_t shards = 1; shards <= 16; shards *= 2)
    for (std::size_t subtrees = 1; subtrees <= shards; subtrees *= 2) {
      std::vector<std::string> sums;
      for (std::size_t subtree = 0; subtree < subtrees; ++subtree)
        sums.push_back(recursive_sum(subtree * shards / subtrees, (subtree + 1) * shards / subtrees));
      for_each_pair_of_subtrees(subtrees, [&](std::size_t a, std::size_t b) { sums[a] = "(" + sums[a] + "+" + sums[b] + ")"; });
      EXPECT_EQ(sums.front(), recursive_sum(0, shards));
    }
}

// For a number of shards that is no power of two the stack holds one sum for each bit of it.
TEST(Shards, EveryStretchOfTheTreeIsASubtree) {
  for (std::size_t shards = 1; shards <= 16; ++shards) {
    std::vector<std::pair<std::size_t, std::size_t>> sums;  // the shards that each buffer is the sum of
    for (std::size_t shard = 0; shard < shards; ++shard) {
      const TreeSlot slot = tree_slot(shard);
      ASSERT_LE(slot.last, sums.size()) << "adds what is not there";
      const std::size_t begin = slot.first < slot.last ? sums[slot.first].first : shard;
      sums.resize(slot.first);
      sums.emplace_back(begin, shard + 1);
    }
    ASSERT_EQ(sums.size(), static_cast<std::size_t>(std::popcount(shards)));
    std::size_t next = 0;
    for (const auto& [begin, end] : sums) {
      EXPECT_EQ(begin, next);
      EXPECT_TRUE(std::has_single_bit(end - begin));
      EXPECT_EQ(begin % (end - begin), 0U);
      next = end;
    }
    EXPECT_EQ(next, shards);
  }
}

TEST(Shards, AProductTakesAsManyAddendsAsTheTreeIsHigh) {
  for (std::size_t shard = 0; shard < kMaxShards; ++shard)
    EXPECT_LE(tree_slot(shard).last - tree_slot(shard).first, kMaxAddends);
}

}  // namespace
}  // namespace microgpt::fast::shards_test
