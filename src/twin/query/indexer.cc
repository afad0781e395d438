#include "twin/query/indexer.h"

#include <algorithm>
#include <chrono>

namespace cityloop::twin {
namespace {

constexpr std::size_t kSlice = 256;  // entities in one hold of the lock: some 200 µs
constexpr std::size_t kWishesMax = 64;
constexpr std::size_t kBytesFixed = std::size_t{64} << 20;
constexpr std::size_t kBytesPerEntity = 120;

}  // namespace

Indexer::Indexer(FairMutex& mutex, Population& population) : population_mutex_(mutex), population_(population) {}

Indexer::~Indexer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Indexer::want(const std::vector<IndexKey>& keys) {
  const std::lock_guard lock(mutex_);
  for (const IndexKey& key : keys) {
    if (wanted_.size() < kWishesMax && std::ranges::find(wanted_, key) == wanted_.end()) wanted_.push_back(key);
  }
  if (!wanted_.empty() && !thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
}

void Indexer::wait_until_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return wanted_.empty(); });
}

void Indexer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !wanted_.empty(); });
    if (stopping_) return;
    const IndexKey key = wanted_.front();
    lock.unlock();
    make(key);
    lock.lock();
    wanted_.pop_front();
    changed_.notify_all();
  }
}

std::size_t Indexer::bytes_max() const {
  return kBytesFixed + population_.size() * kBytesPerEntity;
}

void Indexer::make(const IndexKey& key) {
  {
    const std::unique_lock lock(population_mutex_);
    population_.indexes().begin(key, bytes_max());
  }
  while (true) {
    const auto start = std::chrono::steady_clock::now();
    if (!slice(key)) return;
    const auto took = std::chrono::steady_clock::now() - start;
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, took, [&] { return stopping_; })) return;
  }
}

bool Indexer::slice(const IndexKey& key) {
  const std::unique_lock lock(population_mutex_);
  IndexBook& book = population_.indexes();
  if (!book.waits(key)) return false;
  const auto types = key.type.empty() ? std::vector<flow::Name>{} : std::vector{key.type};
  Walk walk(population_.members(types, false), book.covered(key));
  AgeList::Member member;
  bool more = true;
  for (std::size_t i = 0; i < kSlice && (more = walk.next(member)); ++i) {
    book.step(key, *population_.get(flow::EntityId::from_number(member.id)), member.age);
  }
  if (more) return true;
  book.complete(key);
  book.trim(bytes_max());
  return false;
}

}  // namespace cityloop::twin
