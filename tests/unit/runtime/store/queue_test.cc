/* SPDX-License-Identifier: Apache-2.0 */
/* The cache's thread: order, jobs that come again, descriptors of its own, fork. */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "runtime/store/queue.h"

namespace
{
struct Job {
    store_job job;
    std::vector<int> *ran;
    int number, times; /* run so often until it is done */
    std::atomic<int> *dropped;
};

bool RunJob(store_job *job)
{
    Job *j = reinterpret_cast<Job *>(job);
    j->ran->push_back(j->number);
    return --j->times <= 0;
}

void Drop(store_job *job)
{
    Job *j = reinterpret_cast<Job *>(job);
    ++*j->dropped;
    delete j;
}

struct Jobs {
    std::vector<int> ran;
    std::atomic<int> dropped = 0;
    store_job *New(int number, int times = 1, bool (*run)(store_job *) = RunJob)
    {
        return &(new Job{{run, Drop, nullptr, nullptr}, &ran, number, times, &dropped})->job;
    }
    void Post(store_queue *q, int number, int times = 1, bool (*run)(store_job *) = RunJob)
    {
        store_post(q, New(number, times, run));
    }
};

/* Queues live as long as their threads: for ever. */
store_queue *NewQueue(bool shares)
{
    store_queue *q = new store_queue;
    store_queue_init(q, shares);
    static std::vector<store_queue *> kept;
    kept.push_back(q);
    return q;
}

store_queue *held; /* what HoldUntil's jobs look at */
std::atomic<bool> begun;

/* Says that the thread is at the job, and runs it when `count` jobs wait. */
template <unsigned count> bool HoldUntil(store_job *job)
{
    begun = true;
    for (bool wait = true; wait; usleep(100)) {
        pthread_mutex_lock(&held->lock);
        wait = held->waiting < count;
        pthread_mutex_unlock(&held->lock);
    }
    return RunJob(job);
}

std::atomic<bool> released;

bool HoldUntilReleased(store_job *job)
{
    while (!released)
        usleep(100);
    return RunJob(job);
}

void AwaitBegin()
{
    while (!begun)
        usleep(100);
    begun = false;
}
} // namespace

TEST(StoreQueue, JobsRunInOrder)
{
    store_queue *q = NewQueue(true);
    Jobs jobs;
    for (int i = 0; i < 100; i++)
        jobs.Post(q, i);
    store_drain(q, 10000);
    ASSERT_EQ(jobs.ran.size(), 100u);
    for (int i = 0; i < 100; i++)
        EXPECT_EQ(jobs.ran[(size_t)i], i);
    EXPECT_EQ(jobs.dropped, 100);
}

TEST(StoreQueue, AJobThatIsNotDoneRunsAgainBehindTheOthers)
{
    store_queue *q = NewQueue(true);
    Jobs jobs;
    static std::atomic<bool> second;
    jobs.Post(q, 1, 3, [](store_job *job) {
        while (!second) /* it is there before this is put back */
            usleep(100);
        return RunJob(job);
    });
    jobs.Post(q, 2);
    second = true;
    store_drain(q, 10000);
    EXPECT_EQ(jobs.ran, (std::vector<int>{1, 2, 1, 1}));
    EXPECT_EQ(jobs.dropped, 2);
}

TEST(StoreQueue, DrainDoesNotWaitForEver)
{
    store_queue *q = NewQueue(true);
    static Jobs jobs; /* the thread goes on with it */
    released = false;
    jobs.Post(q, 1, 1, HoldUntilReleased);
    store_drain(q, 10);
    EXPECT_EQ(jobs.dropped, 0);
    released = true;
    store_drain(q, 10000);
    EXPECT_EQ(jobs.dropped, 1);
}

TEST(StoreQueue, AJobThatIsWaitedForComesBeforeTheOthers)
{
    store_queue *q = held = NewQueue(true);
    Jobs jobs;
    jobs.Post(q, 1, 1, HoldUntil<9>);
    AwaitBegin();
    for (int i = 2; i < 10; i++)
        jobs.Post(q, i);
    EXPECT_TRUE(store_run(q, jobs.New(100, 2), 10000));
    store_drain(q, 10000);
    ASSERT_EQ(jobs.ran.size(), 11u);
    EXPECT_EQ(jobs.ran[1], 100);
    EXPECT_EQ(jobs.dropped, 10);
}

TEST(StoreQueue, AWaitForAJobEnds)
{
    store_queue *q = NewQueue(true);
    static Jobs jobs; /* the thread goes on with it */
    released = false;
    EXPECT_FALSE(store_run(q, jobs.New(1, 1, HoldUntilReleased), 10));
    EXPECT_EQ(jobs.dropped, 0);
    released = true;
    EXPECT_TRUE(store_run(q, jobs.New(2), 10000));
    EXPECT_EQ(jobs.ran, (std::vector<int>{1, 2}));
    store_drain(q, 10000);
    EXPECT_EQ(jobs.dropped, 2);
}

TEST(StoreQueue, DescriptorsOfTheThreadAreNotTheProcess)
{
    store_queue *q = NewQueue(false);
    Jobs jobs;
    static int opened, closed;
    int own = open("/dev/null", O_RDONLY);
    closed = own;
    jobs.Post(q, 1, 1, [](store_job *job) {
        bool inherited = fcntl(closed, F_GETFD) >= 0;
        for (int i = 0; i < 10; i++)
            opened = open("/dev/null", O_RDONLY);
        closed = inherited ? -1 : closed;
        return RunJob(job);
    });
    store_drain(q, 10000);
    EXPECT_EQ(closed, own) << "the thread had the process's descriptor";
    EXPECT_EQ(opened, 9);
    int next = open("/dev/null", O_RDONLY);
    EXPECT_GT(next, own);
    EXPECT_LT(next, own + 10);
    close(own);
    close(next);
}

TEST(StoreQueue, TheChildOfAForkBeginsAnew)
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "sanitizers hold locks of their own in a child that starts a thread";
#endif
    store_queue *q = NewQueue(true);
    static Jobs jobs;
    jobs.Post(q, 1, 1, [](store_job *job) {
        usleep(100000);
        return RunJob(job);
    });
    jobs.Post(q, 2);
    store_queue_fork_prepare(q);
    pid_t pid = fork();
    if (pid == 0) {
        store_queue_fork_child(q); /* drops what waits */
        Jobs own;
        own.Post(q, 3);
        store_drain(q, 10000);
        _exit(own.ran == std::vector<int>{3} ? 0 : 1);
    }
    store_queue_fork_parent(q);
    int status;
    waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
    store_drain(q, 10000);
    EXPECT_EQ(jobs.ran, (std::vector<int>{1, 2}));
}
