// What is told of the past is what was: every attribute of every entity, however far behind a subscriber is. Counted
// and compared with a model that remembers each state.
#include "notify/versions.h"

#include <gmock/gmock.h>

#include "test/notify/notify_fixture.h"

namespace cityloop::notify {
namespace {

using flow::LogRecordPtr;

// The values of an entity after one write, by attribute; "speed" was observed at the moment of the write that set it.
struct State {
  std::map<std::string, double> values;
  flow::Instant speed_at{flow::kNever};
};

class VersionsTest : public NotifyFixture {
 protected:
  // `count` writes over some entities: attributes set apart from each other, taken away, entities erased and made anew.
  // Each write that leaves an entity sets its "n" to the number of the write.
  void live(int count, int entities) {
    base::Rng rng(20260501);
    std::atomic<int> taken{0};
    for (int i = 0; i < count; ++i) {
      later();
      flow::Write write;
      const std::string urn = fmt::format("urn:ngsi-ld:T:{}", rng.below(std::uint64_t(entities)));
      write.entity = EntityId(urn);
      write.types = {Name("TrafficFlowObserved")};
      const auto known = now_.find(urn);
      if (known != now_.end() && rng.below(40) == 0) {
        write.mode = flow::WriteMode::erase;
        now_.erase(known);
      } else {
        change(write, now_[urn], i, rng);
        was_[i] = {urn, now_[urn]};
      }
      twin::Commit commit;
      commit.at = at_;
      commit.writes.push_back(std::move(write));
      twin_->submit(std::move(commit), [&](const twin::CommitResult& done) {
        taken += done.status.has_value() && done.writes.front().has_value();
      });
    }
    ASSERT_TRUE(soon([&] { return taken == count; })) << taken;
  }

  // Compares what was told of write `n` and forgets it; false when there is no such write any more.
  void check(const std::string& urn, int n, const std::map<std::string, double>& values, flow::Instant speed_at) {
    const auto found = was_.find(n);
    ASSERT_NE(found, was_.end()) << n << " was told twice, or never was";
    EXPECT_EQ(found->second.first, urn);
    EXPECT_EQ(found->second.second.values, values) << "write " << n;
    if (speed_at != flow::kNever) EXPECT_EQ(speed_at, found->second.second.speed_at) << "write " << n;
    times_known_ += speed_at != flow::kNever;
    times_ += found->second.second.speed_at != flow::kNever;
    was_.erase(found);
  }

  // Reads the log from its beginning and asks of the changes that `asks` picks.
  void read_all(Versions& versions, const std::function<bool(int)>& asks) {
    for (flow::Seq at = 0; at < twin_->head();) {
      const auto slice = twin_->read_log(at, 500, base::Duration::zero()).value();
      for (const LogRecordPtr& record : slice) {
        for (std::size_t i = 0; i < record->changes.size(); ++i) {
          const flow::Change& change = record->changes[i];
          const auto n = std::ranges::find(change.attributes, Name("n"),
                                           [](const flow::AttributeChange& told) { return told.now.name; });
          if (change.kind == flow::ChangeKind::erased || n == change.attributes.end()) continue;
          const int write = int(std::get<double>(n->now.value));
          if (!asks(write)) was_.erase(write);
          else compare(versions.after(*record, i), write);
        }
        versions.follow(*record);
        bytes_max_ = std::max(bytes_max_, versions.bytes());
        at = record->seq;
      }
    }
  }

  void compare(const flow::EntityPtr& entity, int n) {
    ASSERT_TRUE(entity) << n;
    std::map<std::string, double> values;
    for (const flow::Attribute& a : entity->attributes) values[std::string(a.name.text())] = std::get<double>(a.value);
    const flow::Attribute* speed = entity->find(Name("speed"));
    check(std::string(entity->id.text()), n, values, speed ? speed->observed_at : flow::kNever);
  }

  std::map<std::string, State> now_;
  std::map<int, std::pair<std::string, State>> was_;  // by write
  int times_{0}, times_known_{0};
  std::size_t bytes_max_{0};

 private:
  void change(flow::Write& write, State& state, int i, base::Rng& rng) {
    const auto set = [&](const char* name, double value) {
      write.attributes.push_back(flow::property(Name(name), value));
      state.values[name] = value;
    };
    write.mode = flow::WriteMode::update;
    if (state.values.empty()) write.mode = flow::WriteMode::create;
    set("n", i);
    switch (rng.below(4)) {
      case 0:
        set("speed", i + 0.5);
        write.attributes.back().observed_at = state.speed_at = at_;
        break;
      case 1: set("count", -i); break;
      case 2: set(fmt::format("lane{}", rng.below(3)).c_str(), i); break;
      default:
        if (state.values.contains("count")) {
          write.attributes.push_back(flow::property(Name("count"), std::string(flow::kNullUri)));
          state.values.erase("count");
        }
    }
  }
};

TEST_F(VersionsTest, AreExactWhereverTheLogIsReadFrom) {
  live(9000, 200);
  Versions versions(*twin_);
  read_all(versions, [](int) { return true; });
  EXPECT_TRUE(was_.empty());
  EXPECT_GT(times_known_, times_ * 9 / 10);
  EXPECT_EQ(versions.bytes(), 0u) << "what is told is let go";
}

TEST_F(VersionsTest, AreExactInLittleMemory) {
  live(3000, 300);
  constexpr std::size_t kBytes = 20'000;
  Versions versions(*twin_, kBytes);
  read_all(versions, [](int) { return true; });
  EXPECT_TRUE(was_.empty());
  EXPECT_LT(bytes_max_, kBytes + 2000);
  EXPECT_GT(bytes_max_, kBytes / 2);
}

TEST_F(VersionsTest, AreExactForWhoAsksNowAndThen) {
  live(4000, 100);
  Versions versions(*twin_);
  base::Rng rng(3);
  read_all(versions, [&](int) { return rng.below(10) == 0; });
  EXPECT_TRUE(was_.empty());
}

TEST_F(VersionsTest, AreExactInSteps) {
  live(3000, 100);
  Versions versions(*twin_, 50'000, 200);
  int waited = 0;
  for (const LogRecordPtr& record : twin_->read_log(0, 10'000, base::Duration::zero()).value()) {
    for (std::size_t i = 0; i < record->changes.size(); ++i) {
      auto after = versions.try_after(*record, i);
      if (!after) {
        ++waited;
        i = std::size_t(-1);  // from its first change
        continue;
      }
      const flow::Change& change = record->changes[i];
      const auto n = std::ranges::find(change.attributes, Name("n"),
                                       [](const flow::AttributeChange& told) { return told.now.name; });
      if (change.kind != flow::ChangeKind::erased) compare(*after, int(std::get<double>(n->now.value)));
    }
    versions.follow(*record);
  }
  EXPECT_TRUE(was_.empty());
  EXPECT_GT(waited, 10);
}

// Far behind: more records than are held in memory, of which a subscriber's box takes the first few.
TEST_F(VersionsTest, ASubscriberFarBehindIsToldEachAttributeAsItWas) {
  delivery_.box_max = 8;
  start();
  std::vector<std::unique_ptr<Receiver>> receivers;
  for (int r = 0; r < 2; ++r) {
    receivers.push_back(std::make_unique<Receiver>());
    receivers.back()->feel(Receiver::Mood::refuses);
    subscribe(definition(fmt::format("urn:s:{}", r), receivers.back()->url(),
                         R"("entities":[{"type":"TrafficFlowObserved"}])"));
  }
  live(10'000, 150);
  settle();
  EXPECT_TRUE(status("urn:s:0").behind);
  EXPECT_TRUE(status("urn:s:1").behind);
  const auto all = was_;
  for (int r = 0; r < 2; ++r) {
    was_ = all;
    Receiver& receiver = *receivers[std::size_t(r)];
    receiver.feel(Receiver::Mood::takes);
    ASSERT_TRUE(soon([&] { return all_told(fmt::format("urn:s:{}", r)); }, std::chrono::seconds(120)));
    for (const base::JsonValue& entity : receiver.entities()) {
      std::map<std::string, double> values;
      for (const auto& [key, value] : *entity.object()) {
        if (value.object()) values[key] = value.number_or("value", -1);
      }
      const base::JsonValue* speed = entity.find("speed");
      const std::string at = speed ? speed->text_or("observedAt", "") : "";
      const auto n = values.find("n");
      ASSERT_NE(n, values.end());
      check(entity.text_or("id", ""), int(n->second), values, at.empty() ? flow::kNever : base::parse_time(at).value());
    }
    EXPECT_TRUE(was_.empty()) << was_.size() << " were not told";
  }
}

TEST_F(VersionsTest, ADeletionIsToldToWhomTheEntityMatteredAsItWas) {
  start();
  const auto subscribe_to = [&](const char* id, const std::string& more) {
    subscribe(definition(id, receiver_.url() + "?" + id,
                         fmt::format(R"("entities":[{{"type":"TrafficFlowObserved"}}],
                         "notificationTrigger":["entityDeleted"]{})",
                                     more)));
  };
  subscribe_to("urn:s:all", "");
  subscribe_to("urn:s:fast", R"(,"q":"speed>50")");
  subscribe_to("urn:s:slow", R"(,"q":"speed<50")");
  subscribe_to("urn:s:near",
               R"(,"geoQ":{"georel":"near;maxDistance==500","geometry":"Point","coordinates":[10.2,56.1]})");
  subscribe_to("urn:s:far", R"(,"geoQ":{"georel":"near;maxDistance==500","geometry":"Point","coordinates":[11,56.1]})");
  subscribe_to("urn:s:inside", R"(,"scopeQ":"/harbour/#")");
  subscribe_to("urn:s:outside", R"(,"scopeQ":"/hills/#")");
  const auto put_one = [&](const char* urn, double speed) {
    later();
    flow::Write write;
    write.entity = EntityId(urn);
    write.types = {Name("TrafficFlowObserved")};
    write.scopes = {Name("/harbour/east")};
    write.attributes = {flow::property(Name("speed"), speed), flow::geo_point(Name("location"), 10.201, 56.1)};
    ASSERT_TRUE(put(std::move(write)).status);
  };
  put_one("urn:ngsi-ld:T:fast", 80);
  put_one("urn:ngsi-ld:T:slow", 20);
  speed(10, "urn:ngsi-ld:T:fast");  // slow in the end
  erase("urn:ngsi-ld:T:fast");
  put_one("urn:ngsi-ld:T:fast", 80);
  erase("urn:ngsi-ld:T:fast");
  erase("urn:ngsi-ld:T:slow");
  settle();
  const auto told = [&](const char* id) {
    EXPECT_TRUE(soon([&] { return all_told(id); }));
    return status(id).times_sent;
  };
  EXPECT_EQ(told("urn:s:all"), 3u);
  EXPECT_EQ(told("urn:s:fast"), 1u);
  EXPECT_EQ(told("urn:s:slow"), 2u);
  EXPECT_EQ(told("urn:s:near"), 3u);
  EXPECT_EQ(told("urn:s:far"), 0u);
  EXPECT_EQ(told("urn:s:inside"), 3u);
  EXPECT_EQ(told("urn:s:outside"), 0u);
}

TEST_F(VersionsTest, WholeNumbersAreToldWithAllTheirDigits) {
  start();
  subscribe(definition(kSub, receiver_.url(),
                       R"("entities":[{"type":"TrafficFlowObserved"}],"q":"serial==9007199254740993")", {},
                       R"("showChanges":true)"));
  const auto serial = [&](std::int64_t value) { write("urn:ngsi-ld:T:1", "serial", flow::whole(value)); };
  serial(9007199254740992);
  serial(9007199254740995);
  serial(9007199254740993);
  serial(9007199254740994);
  settle();
  ASSERT_TRUE(soon([&] { return all_told(); }));
  const auto told = receiver_.entities();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told.front().find("serial")->find("value")->dump(), "9007199254740993");
  EXPECT_EQ(told.front().find("serial")->find("previousValue")->dump(), "9007199254740995");
}

}  // namespace
}  // namespace cityloop::notify
