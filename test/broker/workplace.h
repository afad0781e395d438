// A desk with everything behind it save the network: one tenant in a folder of its own, the loops that follow it, and a
// clock that the test moves. What stands before it (routes, a server) each fixture adds, and takes away before close().
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/json_value.h"
#include "broker/federation/federation.h"
#include "net/url.h"
#include "trust/accounts.h"
#include "twin/loop.h"

namespace cityloop::broker {

using base::JsonValue;

inline std::filesystem::path fresh_folder(std::string_view what) {
  static std::atomic<int> count{0};
  auto folder = std::filesystem::temp_directory_path() / fmt::format("cityloop-{}-{}-{}", what, ::getpid(), count++);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

inline std::string text_of(const net::Response& response, std::string_view header) {
  for (const auto& [name, value] : response.headers) {
    if (name == header) return value;
  }
  return {};
}

inline JsonValue json_of(const net::Response& response) {
  auto parsed = JsonValue::parse(response.body);
  EXPECT_TRUE(parsed) << response.status << " " << response.body;
  return parsed ? *parsed : JsonValue{};
}

class Workplace : public Tenants {
 public:
  struct Options {
    std::string_view name{"broker"};  // of its folder
    FederationOptions federation{};
    bool notifies{true};  // subscribers are told
  };

  explicit Workplace(Options options) : options_(std::move(options)), folder_(fresh_folder(options_.name)) {
    clock_.advance_to(base::parse_time("2026-05-01T08:00:00Z").value());
    accounts_ = trust::Accounts::open((folder_ / "accounts.json").string(), clock_).value();
    trust::Principal program;
    program.kind = trust::PrincipalKind::program;
    program.id = "program:test";
    program.roles = {"admin"};
    token_ = accounts_->put_token(program).value();
    guard_ = std::make_unique<serve::Guard>(*accounts_, policy_);
    open();
  }
  ~Workplace() override {
    close();
    std::filesystem::remove_all(folder_);
  }

  void open() {
    store_ = store::Store::open((folder_ / "store").string()).value();
    twin_ = twin::Twin::open(*store_, clock_, {}).value();
    history_ = std::make_unique<twin::History>(*store_);
    notify::DelivererOptions delivery;
    delivery.backoff_first = std::chrono::milliseconds(100);
    notify_ = std::make_unique<notify::NotifyLoop>(*twin_, clock_, delivery);
    start(*history_);
    if (options_.notifies) start(*notify_);
    tenant_.reset(new Tenant{"", *twin_, *notify_, *history_});
    open_desk([this](const std::string& url, const twin::ContextStore::Fetched& done) { done(document(url)); });
  }
  // A desk anew, over another web.
  void open_desk(const twin::ContextStore::Fetch& fetch) {
    close_desk();
    const auto save = [this](std::vector<twin::TablePut> puts) {
      twin::Commit commit;
      commit.puts = std::move(puts);
      return twin_->commit(std::move(commit)).status;
    };
    contexts_ = twin::ContextStore::open(*store_, clock_, fetch, save).value();
    federation_ = std::make_unique<Federation>(options_.federation, clock_, *contexts_);
    federation_->attach(*tenant_);
    notify_->set_contexts(contexts_.get());
    desk_ = std::make_unique<Desk>(*guard_, *this, *contexts_);
  }
  void close() {
    if (!store_) return;
    close_desk();
    runners_.clear();
    tenant_.reset();
    notify_.reset();
    history_.reset();
    twin_.reset();
    store_.reset();
  }

  std::string authorization() const { return fmt::format("Bearer {}", token_); }
  Desk& desk() { return *desk_; }
  Federation& federation() { return *federation_; }
  twin::ContextStore& contexts() { return *contexts_; }
  twin::Twin& twin() { return *twin_; }
  base::ManualClock& clock() { return clock_; }

  // The web: @contexts that can be fetched.
  void publish(const std::string& url, std::string body) {
    const std::lock_guard lock(mutex_);
    documents_[url] = std::move(body);
  }
  void unpublish(const std::string& url) {
    const std::lock_guard lock(mutex_);
    documents_.erase(url);
  }

  Tenant* find(std::string_view name) override { return name.empty() ? tenant_.get() : nullptr; }
  base::Result<Tenant*> find_or_create(std::string_view name) override {
    if (name.empty()) return tenant_.get();
    return base::fail(base::Errc::unsupported, "one tenant only");
  }
  void each(const std::function<void(Tenant&)>& callback) override { callback(*tenant_); }

 private:
  void start(twin::Loop& loop) {
    runners_.push_back(std::make_unique<twin::LoopRunner>(*twin_, loop));
    ASSERT_TRUE(runners_.back()->start());
  }
  void close_desk() {
    desk_.reset();
    federation_.reset();
    notify_->set_contexts(nullptr);
    contexts_.reset();
  }
  base::Result<std::string> document(const std::string& url) {
    const std::lock_guard lock(mutex_);
    const auto found = documents_.find(url);
    if (found == documents_.end()) return base::fail(base::Errc::unavailable, "{} is not there", url);
    return found->second;
  }

  const Options options_;
  const std::filesystem::path folder_;
  base::ManualClock clock_;
  trust::Policy policy_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::string token_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<twin::History> history_;
  std::unique_ptr<notify::NotifyLoop> notify_;
  std::vector<std::unique_ptr<twin::LoopRunner>> runners_;
  std::unique_ptr<Tenant> tenant_;
  std::mutex mutex_;
  std::map<std::string, std::string> documents_;
  std::unique_ptr<twin::ContextStore> contexts_;
  std::unique_ptr<Federation> federation_;
  std::unique_ptr<Desk> desk_;
};

// Routes asked without a socket.
inline net::Response asked(net::Router& router, net::Request request) {
  std::promise<net::Response> answer;
  router.dispatch(request, net::Reply([&](net::Response response) { answer.set_value(std::move(response)); }));
  return answer.get_future().get();
}

}  // namespace cityloop::broker
