// Snapshots with their stores: filled, frozen, written to, cloned, kept over a restart and taken away.
#include <thread>

#include "base/json_value.h"
#include "broker_fixture.h"
#include "net/server.h"
#include "net/url.h"

namespace cityloop::app {
namespace {

using base::JsonValue;

class SnapshotTest : public testing::Test {
 protected:
  net::Response ask(net::Method method, const std::string& path, std::string body = {}, std::string snapshot = {}) {
    net::Request request;
    auto target = net::parse_target("/ngsi-ld/v1" + path).value();
    request.method = method;
    request.path = std::move(target.path);
    request.query = std::move(target.query);
    if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
    if (!snapshot.empty()) request.headers.emplace_back("ngsild-snapshot", snapshot);
    request.body = std::move(body);
    return broker.ask(std::move(request));
  }
  void room(std::string_view id, int temperature) {
    const auto made = ask(net::Method::post, "/entities",
                          fmt::format(R"({{"id":"{}","type":"Room","temperature":{{
      "type":"Property","value":{}}}}})",
                                      id, temperature));
    ASSERT_EQ(made.status, 201) << made.body;
  }
  JsonValue ready(const std::string& id) {
    JsonValue out;
    for (int i = 0; i < 6000; ++i) {
      out = JsonValue::parse(ask(net::Method::get, "/snapshots/" + id).body).value();
      if (out.text_or("snapshotStatus", "preparing") != "preparing") break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return out;
  }
  std::string rooms(const std::string& snapshot) {
    const auto list = JsonValue::parse(ask(net::Method::get, "/entities?type=Room", {}, snapshot).body).value();
    std::string out;
    for (const JsonValue& one : list.array() ? *list.array() : JsonValue::Array{}) {
      out += fmt::format("{}={} ", one.text_or("id", ""), one.find("temperature")->find("value")->dump());
    }
    return out;
  }
  static constexpr const char* kWarm = R"({"id":"urn:snapshot:1","type":"Snapshot","snapshotQueries":[
    {"type":"Query","entities":[{"type":"Room"}],"q":"temperature>20"},{"type":"Query","entities":[{"type":"Attic"}]}]})";
  BrokerFixture broker{"snapshots"};
};

TEST_F(SnapshotTest, IsWhatItsQueriesFoundAndStaysSoAndIsItsOwn) {
  room("urn:room:1", 25);
  room("urn:room:2", 15);
  ASSERT_EQ(ask(net::Method::post, "/snapshots", kWarm).status, 201);
  const JsonValue status = ready("urn:snapshot:1");
  EXPECT_EQ(status.text_or("snapshotStatus", ""), "success");
  EXPECT_EQ(status.find("snapshotQueriesDetails")->dump(), R"([{"resultStatus":"success"},{"resultStatus":"empty"}])");
  EXPECT_EQ(rooms("urn:snapshot:1"), "urn:room:1=25 ");
  ask(net::Method::patch, "/entities/urn:room:1/attrs", R"({"temperature":{"type":"Property","value":30}})");
  EXPECT_EQ(rooms("urn:snapshot:1"), "urn:room:1=25 ");
  ask(net::Method::patch, "/entities/urn:room:1/attrs", R"({"temperature":{"type":"Property","value":-5}})",
      "urn:snapshot:1");
  EXPECT_EQ(rooms("urn:snapshot:1"), "urn:room:1=-5 ");
  EXPECT_EQ(rooms(""), "urn:room:1=30 urn:room:2=15 ");
  const auto answer = ask(net::Method::get, "/entities?type=Room", {}, "urn:snapshot:1");
  const auto told = [](const auto& header) {
    return header.first == "NGSILD-Snapshot" && header.second == "urn:snapshot:1";
  };
  EXPECT_EQ(std::ranges::count_if(answer.headers, told), 1);
  for (const auto& [name, value] : answer.headers) EXPECT_NE(name, "NGSILD-Tenant");
}

TEST_F(SnapshotTest, CanBeClonedAndGoesWithoutItsClone) {
  room("urn:room:1", 25);
  ASSERT_EQ(ask(net::Method::post, "/snapshots", kWarm).status, 201);
  ready("urn:snapshot:1");
  EXPECT_EQ(ask(net::Method::post, "/snapshots/urn:snapshot:9/clone", R"({"type":"Snapshot"})").status, 404);
  const auto cloned =
      ask(net::Method::post, "/snapshots/urn:snapshot:1/clone", R"({"id":"urn:snapshot:2","type":"Snapshot"})");
  ASSERT_EQ(cloned.status, 201) << cloned.body;
  EXPECT_EQ(ready("urn:snapshot:2").text_or("snapshotStatus", ""), "success");
  EXPECT_EQ(
      ask(net::Method::post, "/snapshots/urn:snapshot:1/clone", R"({"id":"urn:snapshot:2","type":"Snapshot"})").status,
      409);
  EXPECT_EQ(ask(net::Method::del, "/snapshots/urn:snapshot:1").status, 204);
  EXPECT_EQ(ask(net::Method::get, "/entities?type=Room", {}, "urn:snapshot:1").status, 404);
  EXPECT_EQ(rooms("urn:snapshot:2"), "urn:room:1=25 ");
}

TEST_F(SnapshotTest, OutlivesARestartAndOneThatIsGoneDoesNotComeBack) {
  room("urn:room:1", 25);
  ASSERT_EQ(ask(net::Method::post, "/snapshots", kWarm).status, 201);
  ready("urn:snapshot:1");
  ASSERT_EQ(
      ask(net::Method::post, "/snapshots/urn:snapshot:1/clone", R"({"id":"urn:snapshot:2","type":"Snapshot"})").status,
      201);
  ready("urn:snapshot:2");
  ASSERT_EQ(ask(net::Method::del, "/snapshots/urn:snapshot:2").status, 204);
  broker.close();
  broker.open();
  EXPECT_EQ(rooms("urn:snapshot:1"), "urn:room:1=25 ");
  EXPECT_EQ(ask(net::Method::get, "/snapshots/urn:snapshot:2").status, 404);
}

TEST_F(SnapshotTest, SaysWhichOfItsQueriesFailed) {
  room("urn:room:1", 25);
  ASSERT_EQ(ask(net::Method::post, "/snapshots", R"({"id":"urn:snapshot:1","type":"Snapshot","snapshotQueries":[
    {"type":"Query","entities":[{"type":"Room"}]},{"type":"Query","q":"((("}]})")
                .status,
            201);
  const JsonValue status = ready("urn:snapshot:1");
  EXPECT_EQ(status.text_or("snapshotStatus", ""), "partial");
  const JsonValue& failed = (*status.find("snapshotQueriesDetails")->array())[1];
  EXPECT_EQ(failed.text_or("resultStatus", ""), "failure");
  EXPECT_EQ(failed.find("problemDetails")->number_or("status", 0), 400);
}

TEST_F(SnapshotTest, TellsItsEndpointWhenItIsReadyAndWhenItIsChanged) {
  std::mutex mutex;
  std::vector<net::Request> told;
  net::Router router;
  router.add(net::Method::post, "/told", [&](const net::Request& request, net::Reply reply) {
    const std::lock_guard lock(mutex);
    told.push_back(request);
    reply({});
  });
  const auto receiver = net::HttpServer::start({}, std::move(router)).value();
  const auto heard = [&](std::size_t count) {
    for (int i = 0; i < 500; ++i) {
      {
        const std::lock_guard lock(mutex);
        if (told.size() >= count) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  };
  room("urn:room:1", 25);
  const auto made = ask(net::Method::post, "/snapshots",
                        fmt::format(R"({{"id":"urn:snapshot:1","type":"Snapshot",
    "endpoint":"http://127.0.0.1:{}/told","receiverInfo":[{{"key":"X-Key","value":"k"}}],
    "snapshotQueries":[{{"type":"Query","entities":[{{"type":"Room"}}]}}]}})",
                                    receiver->port()));
  ASSERT_EQ(made.status, 201) << made.body;
  ASSERT_TRUE(heard(1));
  EXPECT_EQ(told[0].header("x-key"), "k");
  const JsonValue body = JsonValue::parse(told[0].body).value();
  EXPECT_EQ(body.text_or("type", ""), "SnapshotNotification");
  EXPECT_EQ(body.text_or("snapshotId", ""), "urn:snapshot:1");
  EXPECT_EQ(body.text_or("snapshotStatus", ""), "success");
  EXPECT_TRUE(body.find("expiresAt"));
  ASSERT_EQ(ask(net::Method::patch, "/snapshots/urn:snapshot:1", R"({"snapshotPriority":2})").status, 200);
  ASSERT_TRUE(heard(2));
  EXPECT_EQ(JsonValue::parse(told[1].body).value().number_or("snapshotPriority", 0), 2);
}

TEST_F(SnapshotTest, ExpiresAndItsStoreWithIt) {
  room("urn:room:1", 25);
  const auto made = ask(net::Method::post, "/snapshots", R"({"id":"urn:snapshot:1","type":"Snapshot",
    "snapshotLifetime":"PT1S","snapshotQueries":[{"type":"Query","entities":[{"type":"Room"}]}]})");
  ASSERT_EQ(made.status, 201) << made.body;
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  EXPECT_EQ(ask(net::Method::get, "/snapshots/urn:snapshot:1").status, 404);
  EXPECT_EQ(ask(net::Method::get, "/entities?type=Room", {}, "urn:snapshot:1").status, 404);
  const auto stores = [&] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(broker.folder() / "tenants")) {
      count += entry.path().filename().string().starts_with("snapshot-");
    }
    return count;
  };
  EXPECT_EQ(stores(), 1u);
  broker.close();  // lets go of it
  broker.open();   // and it is gone
  EXPECT_EQ(stores(), 0u);
}

class SnapshotOfHistories : public SnapshotTest {
 protected:
  // Of a room's temperature, minute by minute from a moment on.
  void remembers(std::string_view id, int first, int count) {
    std::vector<std::string> instances;
    const auto start = base::parse_time("2026-01-01T00:00:00Z").value();
    for (int i = first; i < first + count; ++i) {
      instances.push_back(fmt::format(R"({{"type":"Property","value":{},"observedAt":"{}"}})", i,
                                      base::format_time(start + std::chrono::minutes(i))));
    }
    const auto made =
        ask(net::Method::post, "/temporal/entities",
            fmt::format(R"({{"id":"{}","type":"Room","temperature":[{}]}})", id, fmt::join(instances, ",")));
    ASSERT_LT(made.status, 300) << made.body;
  }
  JsonValue freeze(std::string_view members) {
    const auto made =
        ask(net::Method::post, "/snapshots", fmt::format(R"({{"id":"urn:snapshot:1","type":"Snapshot",{}}})", members));
    EXPECT_EQ(made.status, 201) << made.body;
    return ready("urn:snapshot:1");
  }
  // How many values, and their sum.
  std::string sums(const std::string& id, const std::string& snapshot) {
    const auto answer =
        ask(net::Method::get,
            "/temporal/entities/" + id + "?options=aggregatedValues&aggrMethods=totalCount,sum&aggrPeriodDuration=PT0S",
            {}, snapshot);
    if (answer.status != 200) return fmt::format("{}", answer.status);
    const JsonValue body = JsonValue::parse(answer.body).value();
    const auto first = [&](std::string_view method) {
      return body.find("temperature")->find(method)->array()->front().array()->front().dump();
    };
    return first("totalCount") + " " + first("sum");
  }
  static constexpr const char* kAll = R"({"type":"Query","entities":[{"type":"Room"}],
      "temporalQ":{"timerel":"after","timeAt":"2026-01-01T00:00:00Z"}})";
};

TEST_F(SnapshotOfHistories, IsWhatItsTemporalQueriesFoundAndStaysSo) {
  remembers("urn:room:1", 1, 5);
  remembers("urn:room:2", 1, 3);
  const JsonValue status = freeze(R"("snapshotTemporalQueries":[
    {"type":"Query","entities":[{"type":"Room"}],"q":"temperature>3",
     "temporalQ":{"timerel":"before","timeAt":"2026-01-01T00:05:00Z"}},
    {"type":"Query","entities":[{"type":"Attic"}],"temporalQ":{"timerel":"after","timeAt":"2026-01-01T00:00:00Z"}}])");
  EXPECT_EQ(status.text_or("snapshotStatus", ""), "success") << status.dump();
  EXPECT_EQ(status.find("snapshotTemporalQueriesDetails")->dump(),
            R"([{"resultStatus":"success"},{"resultStatus":"empty"}])");
  EXPECT_EQ(sums("urn:room:1", "urn:snapshot:1"), "4 10");
  EXPECT_EQ(sums("urn:room:2", "urn:snapshot:1"), "404");
  remembers("urn:room:1", 6, 1);
  EXPECT_EQ(sums("urn:room:1", ""), "6 21");
  EXPECT_EQ(sums("urn:room:1", "urn:snapshot:1"), "4 10");
  // It is a store of its own: what is written there stays there.
  ASSERT_EQ(
      ask(net::Method::post, "/temporal/entities/urn:room:1/attrs",
          R"({"temperature":[{"type":"Property","value":100,"observedAt":"2026-02-01T00:00:00Z"}]})", "urn:snapshot:1")
          .status,
      204);
  EXPECT_EQ(sums("urn:room:1", "urn:snapshot:1"), "5 110");
  EXPECT_EQ(sums("urn:room:1", ""), "6 21");
  EXPECT_EQ(ask(net::Method::get, "/entities/urn:room:1", {}, "urn:snapshot:1").status, 404);
}

TEST_F(SnapshotOfHistories, HasEachInstanceOnceWhateverFindsIt) {
  room("urn:room:1", 25);
  ask(net::Method::patch, "/entities/urn:room:1/attrs",
      R"({"temperature":{"type":"Property","value":26,"observedAt":"2026-03-01T00:00:00Z"}})");
  remembers("urn:room:1", 1, 4);
  const JsonValue status = freeze(fmt::format(
      R"("snapshotQueries":[{{"type":"Query","entities":[{{"type":"Room"}}]}}],"snapshotTemporalQueries":[{0},{0}])",
      kAll));
  EXPECT_EQ(status.text_or("snapshotStatus", ""), "success") << status.dump();
  EXPECT_EQ(sums("urn:room:1", "urn:snapshot:1"), "5 36");
  EXPECT_EQ(rooms("urn:snapshot:1"), "urn:room:1=26 ");
  ASSERT_EQ(
      ask(net::Method::post, "/snapshots/urn:snapshot:1/clone", R"({"id":"urn:snapshot:2","type":"Snapshot"})").status,
      201);
  EXPECT_EQ(ready("urn:snapshot:2").text_or("snapshotStatus", ""), "success");
  EXPECT_EQ(sums("urn:room:1", "urn:snapshot:2"), "5 36");
}

TEST_F(SnapshotOfHistories, IsWholeWhereOneAnswerCouldNotHoldIt) {
  for (int i = 0; i < 6; ++i) remembers("urn:room:1", 1 + i * 4000, 4000);
  for (int i = 0; i < 25; ++i) remembers(fmt::format("urn:room:{}", 100 + i), 1, 2);
  const JsonValue status = freeze(fmt::format(R"("snapshotTemporalQueries":[{}])", kAll));
  EXPECT_EQ(status.text_or("snapshotStatus", ""), "success") << status.dump();
  EXPECT_EQ(sums("urn:room:1", "urn:snapshot:1"), sums("urn:room:1", ""));
  EXPECT_EQ(sums("urn:room:1", "urn:snapshot:1").substr(0, 6), "24000 ");
  EXPECT_EQ(sums("urn:room:124", "urn:snapshot:1"), "2 3");
}

TEST_F(SnapshotOfHistories, SaysWhichOfItsQueriesFailed) {
  remembers("urn:room:1", 1, 2);
  const JsonValue status =
      freeze(fmt::format(R"("snapshotTemporalQueries":[{},{{"type":"Query","entities":[{{"type":"Room"}}]}}])", kAll));
  EXPECT_EQ(status.text_or("snapshotStatus", ""), "partial") << status.dump();
  const JsonValue& failed = (*status.find("snapshotTemporalQueriesDetails")->array())[1];
  EXPECT_EQ(failed.text_or("resultStatus", ""), "failure");
  EXPECT_EQ(failed.find("problemDetails")->number_or("status", 0), 400);
  EXPECT_EQ(sums("urn:room:1", "urn:snapshot:1"), "2 3");
}

TEST_F(SnapshotOfHistories, HasWhatASourceKnowsHoweverOftenItMustBeAsked) {
  std::mutex mutex;
  std::vector<std::string> asked;
  const auto instance = [](int minute) {
    return fmt::format(R"({{"type":"Property","value":{0},"observedAt":"2026-01-01T00:{0:02}:00Z"}})", minute);
  };
  net::Router router;
  router.add(net::Method::post, "/ngsi-ld/v1/temporal/entityOperations/query",
             [&](const net::Request& request, net::Reply reply) {
               const std::lock_guard lock(mutex);
               asked.push_back(request.body);
               // It gives no more than two at once; the first round is for the map.
               const bool later = JsonValue::parse(request.body).value().find("temporalQ")->text_or("timeAt", "") ==
                                  "2026-01-01T00:11:00Z";
               const std::string list = later ? instance(11) + "," + instance(12) : instance(10) + "," + instance(11);
               net::Response out;
               out.body = fmt::format(R"([{{"id":"urn:room:9","type":"Room","temperature":[{}]}}])", list);
               if (!later) {
                 out.status = 206;
                 out.headers.emplace_back("Content-Range", "date-time 2026-01-01T00:00:00Z-2026-01-01T00:11:00Z/*");
               }
               reply(std::move(out));
             });
  const auto source = net::HttpServer::start({}, std::move(router)).value();
  const auto made = ask(net::Method::post, "/csourceRegistrations",
                        fmt::format(R"({{"type":"ContextSourceRegistration",
    "endpoint":"http://127.0.0.1:{}","operations":["queryTemporal"],"information":[{{"entities":[{{"type":"Room"}}]}}],
    "observationInterval":{{"startAt":"2020-01-01T00:00:00Z"}}}})",
                                    source->port()));
  ASSERT_EQ(made.status, 201) << made.body;
  remembers("urn:room:1", 1, 2);
  const JsonValue status = freeze(fmt::format(R"("snapshotTemporalQueries":[{}])", kAll));
  EXPECT_EQ(status.text_or("snapshotStatus", ""), "success") << status.dump();
  EXPECT_EQ(sums("urn:room:9", "urn:snapshot:1"), "3 33");
  EXPECT_EQ(sums("urn:room:1", "urn:snapshot:1"), "2 3");
  EXPECT_EQ(sums("urn:room:9", ""), "404") << "it is frozen there, and not known here";
  const std::lock_guard lock(mutex);
  EXPECT_EQ(asked.size(), 3u) << "for the map, and two stretches";
}

}  // namespace
}  // namespace cityloop::app
