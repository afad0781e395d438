// Contexts that are fetched, kept, hosted and found again.
#include "twin/context/store.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

namespace cityloop::twin {
namespace {

using base::Errc;

class ContextStoreTest : public testing::Test {
 protected:
  ContextStoreTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-context-{}-{}", info->name(), ::getpid());
    std::filesystem::remove_all(folder_);
    clock_.advance_to(base::parse_time("2026-05-01T08:00:00Z").value());
    open();
  }
  ~ContextStoreTest() override {
    contexts_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    contexts_.reset();
    store_.reset();
    store_ = store::Store::open(folder_.string()).value();
    const auto fetch = [this](const std::string& url) -> base::Result<std::string> {
      ++fetches_;
      std::this_thread::sleep_for(slow_);
      const std::lock_guard lock(mutex_);
      const auto found = web_.find(url);
      if (found == web_.end()) return base::fail(Errc::unavailable, "{} does not answer", url);
      return found->second;
    };
    const auto save = [this](std::vector<TablePut> puts) -> base::Status {
      if (full_) return base::fail(Errc::unavailable, "the disk is full");
      store::Batch batch;
      for (const TablePut& put : puts) {
        if (put.op == TableOp::erase) batch.erase(put.table, put.key);
        else batch.put(put.table, put.key, put.value);
      }
      const std::lock_guard lock(committing_);  // a store has one committer
      return store_->commit(batch, store::Durability::buffered);
    };
    contexts_ = ContextStore::open(*store_, clock_, fetch, save, bounds_).value();
  }
  void publish(std::string url, std::string body) {
    const std::lock_guard lock(mutex_);
    web_[std::move(url)] = std::move(body);
  }
  void unpublish(const std::string& url) {
    const std::lock_guard lock(mutex_);
    web_.erase(url);
  }
  std::string expanded(std::string_view context, std::string_view term) {
    const auto got = contexts_->resolve(context);
    return got ? (*got)->expand_text(term)
               : fmt::format("{}: {}", base::to_string(got.error().code), got.error().message);
  }

  static constexpr const char* kUrl = "https://a.example/c.jsonld";
  static constexpr const char* kBody = R"({"@context": {"x": "https://a.example/x"}})";

  std::filesystem::path folder_;
  base::ManualClock clock_;
  ContextBounds bounds_;
  std::mutex mutex_, committing_;
  std::map<std::string, std::string> web_;
  std::atomic<int> fetches_{0};
  std::chrono::milliseconds slow_{0};
  std::atomic<bool> full_{false};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ContextStore> contexts_;
};

TEST_F(ContextStoreTest, IsFetchedOnceAndUsedAfterItsServerIsGoneAndAfterARestart) {
  publish(kUrl, kBody);
  const std::string json = fmt::format("\"{}\"", kUrl);
  EXPECT_FALSE(contexts_->resolved(json)) << "it is not here yet, and resolved() never waits";
  EXPECT_EQ(fetches_, 0);
  EXPECT_EQ(expanded(json, "x"), "https://a.example/x");
  unpublish(kUrl);
  EXPECT_EQ(expanded(json, "x"), "https://a.example/x");
  EXPECT_EQ(contexts_->resolve(json).value(), contexts_->resolved(json)->value());
  EXPECT_EQ(expanded(fmt::format(R"(["{}", {{"y": "https://y.example/y"}}])", kUrl), "x"), "https://a.example/x");
  open();
  EXPECT_EQ(expanded(json, "x"), "https://a.example/x");
  EXPECT_EQ(fetches_, 1);
  const auto entry = contexts_->find(kUrl);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->kind, ContextKind::cached);
  EXPECT_EQ(entry->body, kBody);
}

TEST_F(ContextStoreTest, TheCoreIsNeverFetched) {
  EXPECT_EQ(contexts_->resolve("").value(), Context::core());
  EXPECT_EQ(contexts_->resolved(fmt::format("\"{}\"", kCoreContextUrl))->value(), Context::core());
  EXPECT_EQ(contexts_->resolve(fmt::format("[\"{}\"]", kCoreContextUrl)).value(), Context::core());
  EXPECT_EQ(fetches_, 0);
  EXPECT_TRUE(contexts_->list().empty());
}

TEST_F(ContextStoreTest, ADeadServerIsLeftAloneForAWhile) {
  const std::string json = fmt::format("\"{}\"", kUrl);
  EXPECT_EQ(contexts_->resolve(json).error().code, Errc::unavailable);
  EXPECT_EQ(contexts_->resolve(json).error().code, Errc::unavailable);
  ASSERT_TRUE(contexts_->resolved(json)) << "that it cannot be had is known without waiting";
  EXPECT_EQ(contexts_->resolved(json)->error().code, Errc::unavailable);
  EXPECT_EQ(fetches_, 1);
  publish(kUrl, kBody);
  clock_.advance_to(clock_.now() + bounds_.retry_after);
  EXPECT_FALSE(contexts_->resolved(json));
  EXPECT_EQ(expanded(json, "x"), "https://a.example/x");
  EXPECT_EQ(fetches_, 2);
}

TEST_F(ContextStoreTest, WhatIsNoContextIsNotKept) {
  publish("https://a.example/html", "<html>");
  publish("https://a.example/none", R"({"x": 1})");
  publish("https://a.example/wrong", R"({"@context": {"x": 1}})");
  EXPECT_EQ(contexts_->resolve(R"("https://a.example/html")").error().code, Errc::unavailable);
  EXPECT_EQ(contexts_->resolve(R"("https://a.example/none")").error().code, Errc::invalid);
  EXPECT_EQ(contexts_->resolve(R"("https://a.example/wrong")").error().code, Errc::invalid);
  EXPECT_EQ(contexts_->resolve(R"("ftp://a.example/c")").error().code, Errc::unavailable);
  EXPECT_EQ(contexts_->resolve(R"({"x": 1})").error().code, Errc::invalid);
  EXPECT_EQ(contexts_->resolve("{").error().code, Errc::malformed);
  EXPECT_TRUE(contexts_->list().empty());
}

TEST_F(ContextStoreTest, ManyWhoNameTheSameUrlFetchItOnce) {
  publish(kUrl, kBody);
  slow_ = std::chrono::milliseconds(50);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      // Different contexts that need the same document.
      const std::string json = fmt::format(R"(["{}", {{"t{}": "https://t.example/"}}])", kUrl, i);
      const auto got = contexts_->resolve(json);
      right += got && (*got)->expand_text("x") == "https://a.example/x";
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 8);
  EXPECT_EQ(fetches_, 1);
}

TEST_F(ContextStoreTest, HostedOnesAreKnownByOurAddressWithoutTheNetwork) {
  const auto id = contexts_->add(R"({"@context": {"h": "https://h.example/h"}})");
  ASSERT_TRUE(id) << id.error().message;
  const auto other = contexts_->add(R"({"@context": {"h": "https://h.example/h"}})");
  EXPECT_NE(*id, *other) << "who adds twice has two";
  const std::string url = fmt::format("http://whatever.example:1026{}{}", kContextsPath, *id);
  EXPECT_EQ(expanded(fmt::format("\"{}\"", url), "h"), "https://h.example/h");
  EXPECT_TRUE(contexts_->resolved(fmt::format("[\"{}\", {{}}]", url)));
  EXPECT_EQ(fetches_, 0);
  open();
  EXPECT_EQ(expanded(fmt::format("\"{}\"", url), "h"), "https://h.example/h");
  EXPECT_EQ(contexts_->find(url)->local_id, *id);
  EXPECT_EQ(contexts_->find(*id)->kind, ContextKind::hosted);
  EXPECT_EQ(contexts_->find(*id)->created_at, clock_.now());
  EXPECT_EQ(contexts_->list().size(), 2U);
  EXPECT_EQ(contexts_->add("[]").error().code, Errc::invalid);
  EXPECT_EQ(contexts_->add(R"({"x": {}})").error().code, Errc::invalid);
  EXPECT_EQ(contexts_->add("{\"@context\"").error().code, Errc::malformed);
}

TEST_F(ContextStoreTest, AListThatNeedsAnAddressGetsOneForAllTimes) {
  const std::string list = R"(["https://a.example/c.jsonld",{"y":"https://y.example/y"}])";
  const auto id = contexts_->keep(list);
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(contexts_->keep(list).value(), *id);
  open();
  EXPECT_EQ(contexts_->keep(list).value(), *id);
  const auto entry = contexts_->find(*id);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->kind, ContextKind::implicitly_created);
  EXPECT_EQ(entry->body, R"({"@context":)" + list + "}");
  EXPECT_EQ(entry->extra, std::vector<std::string>{kUrl});
}

TEST_F(ContextStoreTest, ErasingAndReloading) {
  publish(kUrl, kBody);
  const std::string json = fmt::format("\"{}\"", kUrl);
  EXPECT_EQ(expanded(json, "x"), "https://a.example/x");
  publish(kUrl, R"({"@context": {"x": "https://new.example/x"}})");
  EXPECT_EQ(expanded(json, "x"), "https://a.example/x");
  ASSERT_TRUE(contexts_->reload(kUrl));
  EXPECT_EQ(expanded(json, "x"), "https://new.example/x");
  unpublish(kUrl);
  EXPECT_EQ(contexts_->reload(kUrl).error().code, Errc::unavailable);
  EXPECT_EQ(expanded(json, "x"), "https://new.example/x") << "the old one stays";
  open();
  EXPECT_EQ(expanded(json, "x"), "https://new.example/x");
  ASSERT_TRUE(contexts_->erase(kUrl));
  EXPECT_EQ(contexts_->erase(kUrl).error().code, Errc::not_found);
  EXPECT_EQ(contexts_->reload(kUrl).error().code, Errc::not_found);
  EXPECT_EQ(contexts_->resolve(json).error().code, Errc::unavailable);
  const std::string id = contexts_->add(kBody).value();
  EXPECT_EQ(contexts_->reload(id).error().code, Errc::invalid);
  ASSERT_TRUE(contexts_->erase(id));
  open();
  EXPECT_TRUE(contexts_->list().empty());
}

TEST_F(ContextStoreTest, UsesAreCounted) {
  publish(kUrl, kBody);
  const std::string json = fmt::format("\"{}\"", kUrl);
  const auto first = clock_.now();
  ASSERT_TRUE(contexts_->resolve(json));
  clock_.advance_to(first + std::chrono::hours(1));
  ASSERT_TRUE(contexts_->resolved(json));
  const auto entry = contexts_->find(kUrl);
  EXPECT_EQ(entry->hits, 2U);
  EXPECT_EQ(entry->created_at, first);
  EXPECT_EQ(entry->last_usage, clock_.now());
}

TEST_F(ContextStoreTest, AFullDiskKeepsNobodyFromReading) {
  publish(kUrl, kBody);
  full_ = true;
  EXPECT_EQ(expanded(fmt::format("\"{}\"", kUrl), "x"), "https://a.example/x");
  EXPECT_EQ(contexts_->add(kBody).error().code, Errc::unavailable);
  EXPECT_EQ(contexts_->list().size(), 1U) << "what was refused is not there";
}

TEST_F(ContextStoreTest, RoomIsMadeByTheLongestUnused) {
  bounds_.documents_max = 3;
  bounds_.resolved_max = 2;
  open();
  const std::string hosted = contexts_->add(kBody).value();
  for (int i = 0; i < 5; ++i) {
    const std::string url = fmt::format("https://a.example/{}", i);
    publish(url, kBody);
    clock_.advance_to(clock_.now() + std::chrono::seconds(1));
    EXPECT_EQ(expanded(fmt::format("\"{}\"", url), "x"), "https://a.example/x");
  }
  EXPECT_EQ(contexts_->list().size(), 3U);
  EXPECT_TRUE(contexts_->find(hosted)) << "what somebody has put here stays";
  EXPECT_TRUE(contexts_->find("https://a.example/4"));
  EXPECT_FALSE(contexts_->find("https://a.example/0"));
  open();
  EXPECT_EQ(contexts_->list().size(), 3U);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(expanded(fmt::format(R"({{"t": "https://t.example/{}"}})", i), "t"),
              fmt::format("https://t.example/{}", i));
  }
}

TEST_F(ContextStoreTest, ReadersAndWritersSideBySide) {
  for (int i = 0; i < 4; ++i) publish(fmt::format("https://a.example/{}", i), kBody);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; !stop; ++i) {
        const std::string json = fmt::format("[\"https://a.example/{}\"]", i % 4);
        const auto got = contexts_->resolve(json);
        wrong += !got || (*got)->expand_text("x") != "https://a.example/x";
        (void)contexts_->list();
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    (void)contexts_->erase(fmt::format("https://a.example/{}", i % 4));
    (void)contexts_->reload(fmt::format("https://a.example/{}", (i + 1) % 4));
    (void)contexts_->keep(fmt::format("[{{\"k\":\"https://k.example/{}\"}}]", i % 7));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// The web answers when the test says so.
class SlowWebTest : public ContextStoreTest {
 protected:
  void open_slow() {
    contexts_.reset();
    const auto fetch = [this](const std::string& url, const ContextStore::Fetched& done) {
      asked_.emplace_back(url, done);
    };
    const auto save = [](const std::vector<TablePut>&) -> base::Status { return {}; };
    contexts_ = ContextStore::open(*store_, clock_, fetch, save, bounds_).value();
  }
  void want(const std::string& url) {
    contexts_->resolve(fmt::format("\"{}\"", url), [this, url](const base::Result<ContextPtr>& got) {
      told_[url] = got ? (*got)->expand_text("x") : got.error().message;
    });
  }
  // Answers the nth question that was asked.
  void answer(std::size_t n, std::string_view body) { asked_.at(n).second(std::string(body)); }

  std::vector<std::pair<std::string, ContextStore::Fetched>> asked_;
  std::map<std::string, std::string> told_;
};

TEST_F(SlowWebTest, AHostThatHangsHoldsUpNobodyWhoNeedsAnother) {
  open_slow();
  for (int i = 0; i < 20; ++i) want(fmt::format("https://slow.example/{}", i));
  EXPECT_EQ(asked_.size(), bounds_.fetches_per_host_max);
  want("https://b.example/c");
  ASSERT_EQ(asked_.back().first, "https://b.example/c");
  answer(asked_.size() - 1, R"({"@context": {"x": "https://b.example/x"}})");
  EXPECT_EQ(told_, (std::map<std::string, std::string>{{"https://b.example/c", "https://b.example/x"}}));
  // Each answer lets the next one of that host take its turn.
  for (std::size_t n = 0; n < asked_.size(); ++n) {
    if (asked_[n].first.starts_with("https://slow")) answer(n, R"({"@context": {"x": "https://slow.example/x"}})");
  }
  EXPECT_EQ(asked_.size(), 21u);
  EXPECT_EQ(told_.size(), 21u);
}

TEST_F(SlowWebTest, ManyHostsThatHangAreNotAskedAllAtOnceAndTooManyAreRefused) {
  bounds_.fetches_max = 3;
  bounds_.waiting_max = 2;
  open_slow();
  for (int i = 0; i < 6; ++i) want(fmt::format("https://h{}.example/c", i));
  EXPECT_EQ(asked_.size(), 3u);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_NE(told_.at("https://h5.example/c").find("too many"), std::string::npos);
  for (std::size_t n = 0; n < asked_.size(); ++n) asked_[n].second(base::fail(Errc::unavailable, "gone"));
  EXPECT_EQ(asked_.size(), 5u);
  EXPECT_EQ(told_.at("https://h4.example/c"), "gone");
}

TEST_F(SlowWebTest, WhatADocumentNamesIsFetchedWithoutAnybodyWaiting) {
  open_slow();
  want("https://a.example/list");
  want("https://a.example/list");
  ASSERT_EQ(asked_.size(), 1u);
  answer(0, R"({"@context": ["https://b.example/1", "https://c.example/2"]})");
  ASSERT_EQ(asked_.size(), 2u);
  answer(1, R"({"@context": {"y": "https://b.example/y"}})");
  ASSERT_EQ(asked_.size(), 3u);
  EXPECT_TRUE(told_.empty());
  answer(2, R"({"@context": {"x": "https://c.example/x"}})");
  EXPECT_EQ(told_.at("https://a.example/list"), "https://c.example/x");
}

TEST_F(SlowWebTest, AnAnswerAfterTheEndHarmsNobody) {
  open_slow();
  want("https://a.example/c");
  contexts_.reset();
  answer(0, R"({"@context": {}})");
  EXPECT_TRUE(told_.empty());
}

}  // namespace
}  // namespace cityloop::twin
