#include "twin/query/query.h"

#include <map>

#include <gtest/gtest.h>

namespace cityloop::twin {
namespace {

using flow::EntityId;
using flow::Name;
using Arguments = std::map<std::string, std::string, std::less<>>;

base::Result<EntityFilter> parse(const Arguments& arguments) {
  return parse_filter([&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = arguments.find(name);
    return found == arguments.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  });
}

flow::Entity garage() {
  flow::Entity e;
  e.id = EntityId("urn:ngsi-ld:OffStreetParking:norreport");
  e.types = {Name("OffStreetParking"), Name("Place")};
  e.attributes = {flow::property(Name("free"), 12.0), flow::geo_point(Name("location"), 10.2, 56.16)};
  flow::Attribute entrance = flow::geo_point(Name("entrance"), 10.3, 56.16);
  e.attributes.push_back(entrance);
  return e;
}

bool meets(const Arguments& arguments) {
  const auto filter = parse(arguments);
  EXPECT_TRUE(filter.has_value()) << (filter ? "" : filter.error().message);
  const bool once = filter && matches(*filter, garage());
  EXPECT_EQ(filter && Matcher(*filter).matches(garage()), once);
  return once;
}

const char* const kAround = "[[[10.1,56.1],[10.25,56.1],[10.25,56.2],[10.1,56.2],[10.1,56.1]]]";

TEST(Filter, Meets) {
  EXPECT_TRUE(meets({}));
  EXPECT_TRUE(meets({{"type", "OffStreetParking"}}));
  EXPECT_TRUE(meets({{"type", "Device,Place"}}));
  EXPECT_TRUE(meets({{"type", "Device|Place"}}));
  EXPECT_TRUE(meets({{"id", "urn:a:b,urn:ngsi-ld:OffStreetParking:norreport"}}));
  EXPECT_TRUE(meets({{"idPattern", "Parking:nor"}}));
  EXPECT_TRUE(meets({{"idPattern", "^urn:.*port$"}}));
  EXPECT_TRUE(meets({{"attrs", "total,free"}}));
  EXPECT_TRUE(meets({{"q", "free<20;!total"}}));
  EXPECT_TRUE(meets({{"georel", "near;maxDistance==200"}, {"geometry", "Point"}, {"coordinates", "[10.2,56.161]"}}));
  EXPECT_TRUE(meets({{"georel", "near;minDistance==100"}, {"geometry", "Point"}, {"coordinates", "[10.2,56.161]"}}));
  EXPECT_TRUE(meets(
      {{"georel", "near;minDistance==100;maxDistance==120"}, {"geometry", "Point"}, {"coordinates", "[10.2,56.161]"}}));
  EXPECT_TRUE(meets({{"georel", "near;maxDistance==0.001"}, {"geometry", "Point"}, {"coordinates", "[10.2,56.16]"}}));
  EXPECT_TRUE(meets({{"georel", "within"}, {"geometry", "Polygon"}, {"coordinates", kAround}}));
  EXPECT_TRUE(meets({{"georel", "intersects"}, {"geometry", "Polygon"}, {"coordinates", kAround}}));
  EXPECT_TRUE(meets({{"georel", "equals"}, {"geometry", "Point"}, {"coordinates", "[10.2,56.16]"}}));
  EXPECT_TRUE(meets({{"georel", "contains"}, {"geometry", "Point"}, {"coordinates", "[10.2,56.16]"}}));
  EXPECT_TRUE(
      meets({{"georel", "disjoint"}, {"geometry", "Polygon"}, {"coordinates", kAround}, {"geoproperty", "entrance"}}));
}

TEST(Filter, Misses) {
  EXPECT_FALSE(meets({{"type", "Parking"}}));
  EXPECT_TRUE(meets({{"type", "OffStreetParking;Place"}}));
  EXPECT_FALSE(meets({{"type", "OffStreetParking;Device"}}));
  EXPECT_TRUE(meets({{"type", "(Device;Place),(Place;OffStreetParking)"}}));
  EXPECT_FALSE(meets({{"id", "urn:ngsi-ld:never:seen:by:anyone"}}));
  EXPECT_FALSE(meets({{"idPattern", "^Parking"}}));
  EXPECT_FALSE(meets({{"attrs", "total"}}));
  EXPECT_FALSE(meets({{"q", "free>20"}}));
  EXPECT_FALSE(meets({{"georel", "near;maxDistance==100"}, {"geometry", "Point"}, {"coordinates", "[10.2,56.161]"}}));
  EXPECT_FALSE(meets({{"georel", "near;minDistance==200"}, {"geometry", "Point"}, {"coordinates", "[10.2,56.161]"}}));
  EXPECT_FALSE(
      meets({{"georel", "within"}, {"geometry", "Polygon"}, {"coordinates", kAround}, {"geoproperty", "entrance"}}));
  EXPECT_FALSE(meets({{"georel", "disjoint"}, {"geometry", "Polygon"}, {"coordinates", kAround}}));
  EXPECT_FALSE(
      meets({{"georel", "disjoint"}, {"geometry", "Polygon"}, {"coordinates", kAround}, {"geoproperty", "exit"}}));
  EXPECT_FALSE(meets({{"georel", "overlaps"}, {"geometry", "Polygon"}, {"coordinates", kAround}}));
  EXPECT_FALSE(meets({{"georel", "contains"}, {"geometry", "Polygon"}, {"coordinates", kAround}}));
  EXPECT_FALSE(meets({{"georel", "equals"}, {"geometry", "Point"}, {"coordinates", "[10.2,56.17]"}}));
  EntityFilter broken;
  broken.id_pattern = "(";
  EXPECT_FALSE(matches(broken, garage()));
}

TEST(Filter, PagesAndCounts) {
  const EntityFilter filter = parse({{"limit", "1000"}, {"offset", "40"}, {"count", "true"}}).value();
  EXPECT_EQ(filter.limit, 1000u);
  EXPECT_EQ(filter.offset, 40u);
  EXPECT_TRUE(filter.count);
  EXPECT_EQ(parse({})->limit, 20u);
  EXPECT_EQ(parse({{"limit", "0"}, {"count", "true"}})->limit, 0u);
}

// In the order in which people read, not in that of bytes.
TEST(CollationTest, OrdersTextsAsPeopleDo) {
  const auto before = [](const Collation& c, std::string_view a, std::string_view b) { return c.key(a) < c.key(b); };
  EXPECT_TRUE(before({}, "apple", "Banana"));
  EXPECT_TRUE(before({}, "a", "A"));
  EXPECT_TRUE(before({}, "Zebra", "Ω"));
  EXPECT_FALSE(before({}, "öl", "of"));
  const Collation german = Collation::parse("de-u-co-phonebk").value();
  EXPECT_TRUE(before(german, "Göthe", "Goldmann"));  // as "Goethe"
  EXPECT_TRUE(before({}, "Goldmann", "Göthe"));
  EXPECT_EQ(Collation::parse("und-u-ks-level1").value().key("Äpfel"),
            Collation::parse("und-u-ks-level1")->key("apfel"));
  EXPECT_TRUE(before(Collation::parse("und-u-kn-true").value(), "a9", "a10"));
  EXPECT_TRUE(Collation::parse("und-x-icu").has_value());
  for (const char* wrong : {"", "no tag", "de_", "x", "und-u-ks-nonsense!"}) {
    EXPECT_FALSE(Collation::parse(wrong).has_value()) << wrong;
  }
}

TEST(Filter, RefusesByTheParametersName) {
  const std::pair<Arguments, const char*> kCases[] = {
      {{{"type", ""}}, "type: position 1 does not continue"},
      {{{"type", "A,,B"}}, "type: position 3 does not continue"},
      {{{"type", "(A;B"}}, "type: position 5 does not continue"},
      {{{"type", "A;B)"}}, "type: position 4 does not continue"},
      {{{"type", "A B"}}, "type: 'A B' is no name"},
      {{{"type", "\xff"}}, "type: '?' is no name"},
      {{{"id", "pump"}}, "id: 'pump' is no URI"},
      {{{"idPattern", "("}}, "idPattern: the pattern"},
      {{{"idPattern", "\xff"}}, "idPattern: no UTF-8"},
      {{{"attrs", "a,"}}, "attrs: an empty item"},
      {{{"q", "speed>"}}, "q, character 7"},
      {{{"georel", "within"}}, "geometry is missing"},
      {{{"geometry", "Point"}, {"coordinates", "[1,2]"}}, "georel is missing"},
      {{{"georel", "within"}, {"geometry", "Point"}}, "coordinates is missing"},
      {{{"georel", "around"}, {"geometry", "Point"}, {"coordinates", "[1,2]"}}, "georel: expected near"},
      {{{"georel", "near"}, {"geometry", "Point"}, {"coordinates", "[1,2]"}}, "georel: expected near;maxDistance"},
      {{{"georel", "near;maxDistance=5"}, {"geometry", "Point"}, {"coordinates", "[1,2]"}},
       "georel: expected near;max"},
      {{{"georel", "near;maxDistance==-5"}, {"geometry", "Point"}, {"coordinates", "[1,2]"}}, "above 0"},
      {{{"georel", "near;maxDistance==0"}, {"geometry", "Point"}, {"coordinates", "[1,2]"}}, "above 0"},
      {{{"georel", "near;maxDistance==nan"}, {"geometry", "Point"}, {"coordinates", "[1,2]"}}, "above 0"},
      {{{"georel", "near;maxDistance==1;maxDistance==2"}, {"geometry", "Point"}, {"coordinates", "[1,2]"}},
       "georel: exp"},
      {{{"georel", "within;maxDistance==5"}, {"geometry", "Point"}, {"coordinates", "[1,2]"}}, "only near"},
      {{{"georel", "within"}, {"geometry", "Circle"}, {"coordinates", "[1,2]"}}, "'Circle' is no GeoJSON"},
      {{{"georel", "within"}, {"geometry", "Point"}, {"coordinates", "[500,2]"}}, "longitude 500"},
      {{{"georel", "within"}, {"geometry", "Point"}, {"coordinates", "1,2"}}, "coordinates: "},
      {{{"limit", "99999999999"}}, "limit: expected a whole number from 0 to 1000000000"},
      {{{"orderBy", "a{b}"}}, "no attribute to order by"},
      {{{"orderBy", "place;dist-asc"}}, "orderBy: a distance needs orderFrom"},
      {{{"orderBy", "a"}, {"collation", "no tag"}}, "collation: expected"},
      {{{"jsonKeys", "a b"}}, "jsonKeys: 'a b' is no name"},
      {{{"limit", "-1"}}, "limit: expected"},
      {{{"limit", "ten"}}, "limit: expected"},
      {{{"limit", "0"}}, "only with count=true"},
      {{{"offset", "1.5"}}, "offset: expected"},
      {{{"count", "yes"}}, "count: expected true or false"},
      {{{"scopeQ", "a"}}, "scopeQ: a scope begins with '/'"},
  };
  for (const auto& [arguments, expected] : kCases) {
    const auto got = parse(arguments);
    ASSERT_FALSE(got.has_value()) << expected;
    EXPECT_NE(got.error().message.find(expected), std::string::npos) << got.error().message;
  }
}

}  // namespace
}  // namespace cityloop::twin
