#include <filesystem>

#include "app/commands.h"
#include "decide/rule/backtest.h"
#include "sense/feed_book.h"
#include "sense/replay.h"
#include "serve/city.h"

namespace cityloop::app {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

// Takes what a replay would write into a twin and feeds it to the backtest instead. Nothing is kept.
class BacktestSink final : public sense::Sink {
 public:
  explicit BacktestSink(decide::Backtest& backtest) : backtest_(backtest) {}

  void submit(twin::Commit commit, std::function<void(const twin::CommitResult&)> done) override {
    done(this->commit(std::move(commit)));
  }
  twin::CommitResult commit(twin::Commit commit) override {
    flow::LogRecord record;
    record.seq = ++seq_;
    record.at = commit.at;
    record.origin = commit.origin;
    twin::CommitResult result;
    result.seq = seq_;
    for (flow::Write& write : commit.writes) {
      flow::Change change;
      change.entity = write.entity;
      change.types = types_of(write);
      for (flow::Attribute& attribute : write.attributes)
        change.attributes.push_back({std::move(attribute), false, false});
      record.changes.push_back(std::move(change));
      result.writes.emplace_back();
      result.created.push_back(false);
    }
    backtest_.feed(record);
    return result;
  }
  Result<std::optional<std::string>> load(std::string_view) const override { return std::nullopt; }

 private:
  // A write to an entity that is known may leave its types out.
  std::vector<flow::Name> types_of(const flow::Write& write) {
    auto& types = types_[write.entity];
    if (!write.types.empty()) types = write.types;
    return types;
  }

  decide::Backtest& backtest_;
  std::unordered_map<flow::EntityId, std::vector<flow::Name>> types_;
  flow::Seq seq_{0};
};

Result<decide::RuleBookPtr> load_book(const std::string& path) {
  auto load = decide::RuleBook::load(path);
  if (!load.book) return fail(Errc::invalid, "{}", load.message());
  return load.book;
}

// rules/congestion.toml lies in the city's folder, two up.
std::string city_of(const RulesOptions& options) {
  if (!options.paths.city.empty()) return options.paths.city;
  const auto rules = std::filesystem::absolute(options.rules).lexically_normal();
  return (std::filesystem::is_directory(rules) ? rules.parent_path() : rules.parent_path().parent_path()).string();
}

}  // namespace

Status check_rules(const RulesOptions& options) {
  const auto book = TRY(load_book(options.rules));
  fmt::print("{} rules, no mistakes\n", book->rules().size());
  return {};
}

Status test_rules(const RulesOptions& options) {
  const auto book = TRY(load_book(options.rules));
  const std::string folder = city_of(options);
  const serve::City city = TRY(serve::City::load(folder + "/city.toml"));
  const auto feeds = TRY(sense::FeedBook::load(folder, options.paths.source));
  decide::Backtest backtest(book, TRY(base::TimeZone::load(city.time_zone)));
  BacktestSink sink(backtest);
  sense::FeedBoard board;
  const base::WallClock wall;
  base::ManualClock clock;
  auto player = TRY(sense::Replay::open(feeds.of_kind(sense::SourceKind::file), feeds.folders, sink, board,
                                        {wall, clock, {}, {}}, {}));
  for (std::size_t slices = 0; player->step(); ++slices) {
    if (slices % 512 == 0) fmt::print(stderr, "\r{:5.1f} % ", player->progress() * 100);
  }
  fmt::print(stderr, "\r100.0 %\n");
  const auto result = backtest.result();
  fmt::print("{}\n", options.json ? to_json(result, SIZE_MAX) : to_text(result));
  for (const sense::FeedSnapshot& feed : board.all(clock.now())) {
    if (feed.state == sense::FeedState::failed) fmt::print(stderr, "feed '{}': {}\n", feed.name, feed.error);
  }
  return {};
}

}  // namespace cityloop::app
