// SPDX-License-Identifier: MIT
#include "parallel/thread_team.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "parallel/wait_point.h"
#include "support/length.h"

namespace microgpt::thread_team_test {
namespace {

class ThreadTeamTest : public ::testing::TestWithParam<std::size_t> {};

// Plain numbers, not atomic ones: they are right only if each task is done once, and its writing is seen by the caller and by
// the tasks of the next job.
TEST_P(ThreadTeamTest, DoesEachTaskOfEachJobOnce) {
  ThreadTeam team(GetParam());
  EXPECT_EQ(team.size(), GetParam());
  std::array<std::size_t, ThreadTeam::kMaxTasks> done{};
  std::array<std::size_t, ThreadTeam::kMaxTasks> expected{};
  std::size_t current_job = 0;
  for (std::size_t job = 0; job < testing::full_or(20'000, 500); ++job) {
    const std::size_t tasks = job % (ThreadTeam::kMaxTasks + 1);
    current_job = job;
    team.run(tasks, [&](std::size_t task, std::size_t) { done[task] += current_job + task; });
    for (std::size_t task = 0; task < tasks; ++task) expected[task] += job + task;
    ASSERT_EQ(done, expected) << "job " << job;
  }
}

// So that what belongs to a thread needs no lock, and only what belongs to the first ones is needed for few tasks.
TEST_P(ThreadTeamTest, ThreadsDoOneTaskAtATime) {
  ThreadTeam team(GetParam());
  std::array<std::atomic<int>, ThreadTeam::kMaxThreads> busy{};
  std::atomic<int> mistakes{0};
  for (std::size_t job = 0; job < testing::full_or(2000, 200); ++job) {
    const std::size_t tasks = 1 + job % ThreadTeam::kMaxTasks;
    team.run(tasks, [&](std::size_t, std::size_t thread) {
      if (thread >= std::min(tasks, team.size()) || busy.at(thread)++ != 0) ++mistakes;
      --busy.at(thread);
    });
  }
  EXPECT_EQ(mistakes, 0);
}

TEST_P(ThreadTeamTest, ForEachTakesAnyNumber) {
  ThreadTeam team(GetParam());
  for (const std::size_t count : {0U, 1U, 2U, 31U, 1000U}) {
    std::vector<int> done(count, 0);
    team.for_each(count, [&](std::size_t i, std::size_t) { ++done[i]; });
    EXPECT_EQ(done, std::vector<int>(count, 1));
  }
}

// Whatever the others do meanwhile, the first one's exception it is, and the team works on.
TEST_P(ThreadTeamTest, TheFirstExceptionReachesTheCaller) {
  ThreadTeam team(GetParam());
  for (std::size_t job = 0; job < testing::full_or(500, 50); ++job) {
    const std::size_t first = job % 8;
    try {
      team.run(8, [&](std::size_t task, std::size_t) {
        if (task >= first) throw std::runtime_error("task " + std::to_string(task));
      });
      FAIL() << "no exception";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), "task " + std::to_string(first));
    }
    std::atomic<int> done{0};
    team.run(8, [&](std::size_t, std::size_t) { ++done; });
    EXPECT_EQ(done, 8);
  }
}

// Two tasks that wait for each other can only be done by two threads at once.
TEST_P(ThreadTeamTest, ThreadsWorkAtTheSameTime) {
  ThreadTeam team(GetParam());
  for (std::size_t job = 0; job < testing::full_or(200, 20); ++job) {
    std::atomic<std::size_t> arrived{0};
    team.run(team.size(), [&](std::size_t, std::size_t) {
      ++arrived;
      while (arrived < team.size()) std::this_thread::yield();
    });
    EXPECT_EQ(arrived, team.size());
  }
}

TEST_P(ThreadTeamTest, EndsWhileBusyOrIdle) {
  for (std::size_t i = 0; i < testing::full_or(100, 10); ++i) {
    ThreadTeam never_used(GetParam());
    ThreadTeam used(GetParam());
    std::atomic<int> done{0};
    used.run(4, [&](std::size_t, std::size_t) { ++done; });
    EXPECT_EQ(done, 4);
  }
}

// More threads than any machine of ours has cores.
INSTANTIATE_TEST_SUITE_P(Sizes, ThreadTeamTest, ::testing::Values(1, 2, 3, 4, 16, ThreadTeam::kMaxThreads));

// The processor time of all threads of this process.
double processor_seconds() { return static_cast<double>(clock()) / CLOCKS_PER_SEC; }

// Whether a thread of this process but the calling one runs or could run: it is not asleep.
bool other_threads_run() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    if (entry.path().filename() == std::to_string(gettid())) continue;
    std::string stat;
    std::getline(std::ifstream(entry.path() / "stat"), stat);
    if (stat.find(") R ") != std::string::npos) return true;  // PID (NAME) STATE ...
  }
  return false;
}

// Threads without work give up their cores, also where nobody else wants them.
TEST(ThreadTeam, SleepsWhileThereIsNothingToDo) {
  ThreadTeam team(4);
  std::atomic<int> done{0};
  for (int round = 0; round < 3; ++round) {
    team.run(4, [&](std::size_t, std::size_t) { ++done; });
    const double begin = processor_seconds();
    while (other_threads_run()) ASSERT_LT(processor_seconds() - begin, 10.0) << "they never sleep";
  }
  team.run(4, [&](std::size_t, std::size_t) { ++done; });
  EXPECT_EQ(done, 16) << "and they wake up";
}

// The caller sleeps too where the others take long.
TEST(ThreadTeam, TheCallerWaitsForLongTasks) {
  ThreadTeam team(2);
  std::atomic<bool> second_runs{false};
  bool done = false;
  team.run(2, [&](std::size_t task, std::size_t) {
    if (task == 0) {
      while (!second_runs) std::this_thread::yield();
    } else {
      second_runs = true;
      const double begin = processor_seconds();
      while (processor_seconds() - begin < 0.05) pause_core();
      done = true;
    }
  });
  EXPECT_TRUE(done);
}

// Signals are the business of whoever made the team.
TEST(ThreadTeam, ThreadsTakeNoSignals) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  ThreadTeam team(2);
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
  std::atomic<std::size_t> arrived{0};
  std::array<int, 2> blocked{};
  team.run(2, [&](std::size_t, std::size_t thread) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked.at(thread) = sigismember(&mask, SIGTERM);
  });
  EXPECT_EQ(blocked[1], 1);
}

}  // namespace
}  // namespace microgpt::thread_team_test
