// Entities behind relationships that only sources hold (clauses 4.5.23, 5.12): asked for, put together, bounded.
#include "test/broker/federation_fixture.h"

namespace cityloop::broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string relationship(std::string_view name, std::string_view object) {
  return fmt::format(R"("{}":{{"type":"Relationship","object":"{}"}})", name, object);
}

std::string entity(std::string_view id, std::string_view type, std::string_view attributes) {
  return fmt::format(R"({{"id":"{}","type":"{}"{}{}}})", id, type, attributes.empty() ? "" : ",", attributes);
}

// Answers for entities as a broker does, by id or by a list of ids.
class Holder : public Source {
 public:
  explicit Holder(std::map<std::string, std::string> entities)
      : Source([entities = std::move(entities)](const net::Request& request) {
          constexpr std::string_view kRoot = "/ngsi-ld/v1/entities";
          if (request.path != kRoot) {
            const auto one = entities.find(request.path.substr(std::min(kRoot.size() + 1, request.path.size())));
            return one == entities.end() ? said(404, "{}") : said(200, one->second);
          }
          std::string list;
          const std::string ids = fmt::format(",{},", request.argument("id").value_or(""));
          for (const auto& [id, json] : entities) {
            if (ids.find("," + id + ",") != ids.npos) list += (list.empty() ? "" : ",") + json;
          }
          return said(200, "[" + list + "]");
        }) {}
  std::vector<std::string> asked() const {
    std::vector<std::string> out;
    for (const net::Request& request : seen()) {
      out.push_back(request.path.substr(std::string_view("/ngsi-ld/v1").size()) + "?" +
                    std::string(request.argument("id").value_or("")));
    }
    return out;
  }
  std::ptrdiff_t times(std::string_view id) const {
    return std::ranges::count_if(asked(), [&](const std::string& one) { return one.find(id) != one.npos; });
  }
};

constexpr const char* kDepots = R"({"entities":[{"type":"Depot"},{"type":"Person"}]})";

TEST(LinkedElsewhere, StandInsideAndBesideWhatIsHeldHere) {
  TestBroker broker;
  Holder source({{"urn:depot:1", entity("urn:depot:1", "Depot",
                                        property("slots", 12) + "," + relationship("keeper", "urn:person:ada"))},
                 {"urn:person:ada", entity("urn:person:ada", "Person", property("age", 40))}});
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", kDepots);
  broker.creates(bus("urn:bus:1", property("line", 4) + "," + relationship("isIn", "urn:depot:1")));
  const auto inside = broker.get("/entities/urn:bus:1?join=inline&joinLevel=2&format=simplified");
  EXPECT_EQ(json_of(inside).dump(),
            JsonValue::parse(R"({"id":"urn:bus:1","type":"Bus","line":4,"isIn":{"id":"urn:depot:1","type":"Depot",
              "slots":12,"keeper":{"id":"urn:person:ada","type":"Person","age":40}}})")
                .value()
                .dump());
  const auto beside =
      broker.get("/entities?type=Bus&join=flat&joinLevel=2&format=simplified&pick=id,isIn,slots,keeper");
  std::vector<std::string> ids;
  for (const JsonValue& one : *json_of(beside).array()) ids.push_back(one.text_or("id", ""));
  EXPECT_THAT(ids, ElementsAre("urn:bus:1", "urn:depot:1", "urn:person:ada"));
  // One level where nothing else is said, and what is beyond is not even asked for.
  const auto before = source.asked();
  const JsonValue one_level = json_of(broker.get("/entities/urn:bus:1?join=inline&format=simplified"));
  EXPECT_EQ(one_level.find("isIn")->text_or("keeper", ""), "urn:person:ada");
  EXPECT_EQ(source.times("urn:person:ada"), std::ranges::count_if(before, [](const std::string& request) {
              return request.find("urn:person:ada") != request.npos;
            }));
}

TEST(LinkedElsewhere, AreNotAskedForWhereNobodyWantsThem) {
  TestBroker broker;
  Holder source({{"urn:depot:1", entity("urn:depot:1", "Depot", property("slots", 12))}});
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", kDepots);
  broker.creates(bus("urn:bus:1", property("line", 4) + "," + relationship("isIn", "urn:depot:1")));
  const auto got = [&](std::string_view parameters) {
    return json_of(broker.get(fmt::format("/entities/urn:bus:1?{}", parameters))).dump();
  };
  const std::string plain = got("pick=isIn");
  EXPECT_EQ(got("pick=isIn&join=inline&local=true"), plain);
  EXPECT_EQ(got("pick=isIn&join=inline&containedBy=urn:depot:1"), plain);
  EXPECT_EQ(got("pick=isIn&join=@none"), plain);
  got("pick=line&join=inline");
  EXPECT_EQ(broker.get("/entities?type=Bus&join=flat&local=true").status, 200);
  EXPECT_EQ(source.times("urn:depot:1"), 0);
  EXPECT_THAT(got("pick=isIn%7Bid%7D&join=inline"), HasSubstr(R"("entity":{"id":"urn:depot:1")"));
}

TEST(LinkedElsewhere, ArePutTogetherFromHereAndThere) {
  TestBroker broker;
  Holder source({{"urn:depot:1", entity("urn:depot:1", "Depot", property("slots", 12))}});
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", kDepots);
  broker.creates(entity("urn:depot:1", "Depot", property("gates", 3)));
  broker.creates(bus("urn:bus:1", relationship("isIn", "urn:depot:1")));
  const JsonValue linked = *json_of(broker.get("/entities/urn:bus:1?join=inline")).find("isIn")->find("entity");
  EXPECT_EQ(value_of(linked, "slots"), "12");
  EXPECT_EQ(value_of(linked, "gates"), "3");
}

// Many are one request, each is asked for once, and circles end.
TEST(LinkedElsewhere, AreAskedForTogether) {
  TestBroker broker;
  std::map<std::string, std::string> depots;
  for (int i = 0; i < 30; ++i) {
    const std::string id = fmt::format("urn:depot:{}", i);
    depots[id] = entity(id, "Depot", relationship("next", fmt::format("urn:depot:{}", (i + 1) % 30)));
    broker.creates(bus(fmt::format("urn:bus:{}", i), relationship("isIn", id)));
    broker.creates(bus(fmt::format("urn:bus:again-{}", i), relationship("isIn", id)));
  }
  Holder source(depots);
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", R"({"entities":[{"type":"Depot"}]})");
  const auto response = broker.get("/entities?type=Bus&join=flat&joinLevel=9&limit=100");
  EXPECT_EQ(json_of(response).array()->size(), 90u);
  EXPECT_EQ(source.seen().size(), 1u) << "of which none is unknown on the way";
}

TEST(LinkedElsewhere, ASourceThatFailsSpoilsNothing) {
  TestBroker broker;
  broker.registers("s", dead_url(), "inclusive", R"("federationOps")", kDepots);
  broker.creates(bus("urn:bus:1", property("line", 4) + "," + relationship("isIn", "urn:depot:1")));
  const auto response = broker.get("/entities/urn:bus:1?join=inline");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(value_of(json_of(response), "line"), "4");
  EXPECT_FALSE(json_of(response).find("isIn")->find("entity"));
  EXPECT_THAT(text_of(response, "ngsild-warning"), HasSubstr("cannot be reached"));
}

TEST(LinkedElsewhere, AreNoMoreThanIsAllowed) {
  TestBroker broker("here", 5);
  std::map<std::string, std::string> depots;
  for (int i = 0; i < 8; ++i) {
    const std::string id = fmt::format("urn:depot:{}", i);
    depots[id] = entity(id, "Depot", property("slots", i));
    broker.creates(bus(fmt::format("urn:bus:{}", i), relationship("isIn", id)));
  }
  Holder source(depots);
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", R"({"entities":[{"type":"Depot"}]})");
  const auto response = broker.get("/entities?type=Bus&join=flat");
  EXPECT_EQ(json_of(response).array()->size(), 13u);
  EXPECT_THAT(text_of(response, "ngsild-warning"), HasSubstr("more than 5 linked entities"));
}

TEST(LinkedElsewhere, KeepTheDigitsOfWholeNumbers) {
  TestBroker broker;
  const char* const serial =
      R"("serial":{"type":"Property","value":9007199254740993,"batch":{"type":"Property","value":18446744073709551615}})";
  Holder source({{"urn:depot:1", entity("urn:depot:1", "Depot", serial)}});
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", kDepots);
  broker.creates(bus("urn:bus:1", relationship("isIn", "urn:depot:1")));
  EXPECT_THAT(broker.get("/entities/urn:depot:1").body, HasSubstr(serial));
  EXPECT_THAT(broker.get("/entities/urn:bus:1?join=inline").body, HasSubstr(serial));
}

// Two brokers of ours: the relationship is held by one, what it points to by the other, which is asked but once.
TEST(LinkedElsewhere, AreFoundOverTwoBrokers) {
  TestBroker here("here"), there("there");
  there.creates(entity("urn:depot:1", "Depot", property("slots", 12)));
  here.registers("s", there.url(), "inclusive", R"("federationOps")", kDepots, there.way_in());
  here.creates(bus("urn:bus:1", relationship("isIn", "urn:depot:1")));
  const JsonValue bus = json_of(here.get("/entities/urn:bus:1?join=inline&format=simplified"));
  EXPECT_EQ(bus.find("isIn")->number_or("slots", 0), 12) << bus.dump();
  const JsonValue body = json_of(
      here.post("/entityOperations/query?limit=10", R"({"type":"Query","entities":[{"type":"Bus"}],"join":"flat"})"));
  ASSERT_EQ(body.array()->size(), 2u) << body.dump();
  EXPECT_EQ(body.array()->back().text_or("id", ""), "urn:depot:1");
}

}  // namespace
}  // namespace cityloop::broker
