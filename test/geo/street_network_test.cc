#include "geo/street_network.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <protozero/pbf_writer.hpp>

#include "base/rng.h"
#include "geo/street_weights.h"

namespace cityloop::geo {
namespace {

using enum TravelMode;
using testing::HasSubstr;
using testing::SizeIs;

std::string feature(std::string_view properties, std::string_view coordinates) {
  return fmt::format(R"({{"type":"Feature","properties":{},"geometry":{{"type":"LineString","coordinates":{}}}}})",
                     properties, coordinates);
}

std::string collection(const std::vector<std::string>& features) {
  return fmt::format(R"({{"type":"FeatureCollection","features":[{}]}})", fmt::join(features, ","));
}

TEST(StreetsFromGeoJson, SayWhoMayGoWhereAndHowFast) {
  const auto read = streets_from_geojson(
      collection({feature(R"({"name":"A","name_en":"A Street","class":"primary","speed_kmh":60})", "[[0,0],[0.001,0]]"),
                  feature(R"({"name:en":"B","class":"residential","oneway":true})", "[[0,0],[0,0.001]]"),
                  feature(R"({"class":"residential","oneway":"-1"})", "[[0,0],[0,0.001]]"),
                  feature(R"({"class":"footway","access":"foot bicycle"})", "[[0,0],[0.001,0.001]]"),
                  feature(R"({"access":["car"]})", "[[0,0],[0.002,0.001]]")}),
      "streets");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->report.mistake_count(), 0u);
  const auto& streets = read->streets;
  ASSERT_THAT(streets, SizeIs(5));
  EXPECT_EQ(streets[0].name, "A");
  EXPECT_EQ(streets[0].name_en, "A Street");
  EXPECT_EQ(streets[1].name_en, "B") << "as OpenStreetMap's exports write it";
  EXPECT_EQ(streets[2].name_en, "");
  EXPECT_EQ(streets[0].speed_kmh, 60);
  EXPECT_EQ(streets[0].along, ModeSet::all());
  EXPECT_EQ(streets[1].along, ModeSet::all());
  EXPECT_EQ(streets[1].against, ModeSet::of(foot));
  EXPECT_EQ(streets[2].along, ModeSet::of(foot));
  EXPECT_EQ(streets[3].along, ModeSet::of(foot, bicycle));
  EXPECT_EQ(streets[4].against, ModeSet::of(car));
}

TEST(StreetsFromGeoJson, OneBadFeatureHidesNoneOfTheGoodOnesAndIsExplained) {
  const auto read = streets_from_geojson(
      collection({feature(R"({"name":"good"})", "[[0,0],[0.001,0]]"), feature("{}", "[[0,0]]"),
                  feature("{}", R"([[0,0],["x",1]])"), feature("{}", "[[500,0],[0,0]]"), feature("{}", "[[1,1],[1,1]]"),
                  R"({"type":"Feature","properties":{},"geometry":null})", R"({"type":"Other"})",
                  R"({"type":"Feature","geometry":{"type":"Point","coordinates":[0,0]}})",
                  feature(R"({"oneway":"perhaps","speed_kmh":"fast","access":"ship","class":"canal"})",
                          "[[0,0],[0.001,0.001]]"),
                  R"({"type":"Feature","properties":null,"geometry":{"type":"MultiLineString",
                      "coordinates":[[[0,0],[0,0.001]],[[5]]]}})"}),
      "streets");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_THAT(read->streets, SizeIs(3));
  EXPECT_EQ(read->report.passed_over, 1u) << "a point is no street and no mistake";
  EXPECT_EQ(read->report.mistake_count(), 11u);
  const std::string lines = fmt::format("{}", fmt::join(read->report.lines(), "\n"));
  EXPECT_THAT(lines, HasSubstr("4 × coordinates are no line of two or more "
                               "positions on the earth, first at feature 2"));
  EXPECT_THAT(lines, HasSubstr("speed_kmh is no number from 1 to 200, first at feature 9"));
  EXPECT_THAT(lines, HasSubstr("canal"));
}

TEST(StreetsFromGeoJson, WhatIsNoCollectionIsRefused) {
  EXPECT_FALSE(streets_from_geojson("{", "x").has_value());
  EXPECT_FALSE(streets_from_geojson(R"({"type":"Feature"})", "x").has_value());
  EXPECT_FALSE(read_streets("/nowhere/streets.geojson").has_value());
  EXPECT_FALSE(read_streets("demo/district/city.toml").has_value());
}

TEST(StreetsFromGeoJson, TheDemonstrationDistrictHangsTogether) {
  const auto read = read_streets("demo/district/streets.geojson");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->report.mistake_count(), 0u);
  const auto graph = StreetGraph::make(*read);
  for (const TravelMode mode : {foot, bicycle, car}) EXPECT_TRUE(graph->islands(mode).empty()) << to_string(mode);
  const auto weights = StreetWeights::make(graph, car);
  const auto a = graph->snap({120.1385, 30.255}, car, 1000), b = graph->snap({120.166, 30.265}, car, 1000);
  ASSERT_TRUE(a && b);
  const auto way = weights->way(*a, *b);
  ASSERT_TRUE(way.has_value()) << "from the west shore to the far corner";
  EXPECT_GT(way->distance_m, distance_m(a->on, b->on));
  EXPECT_LT(way->distance_m, 3 * distance_m(a->on, b->on));
}

using Tags = std::map<std::string, std::string, std::less<>>;

std::optional<Street> tagged(const Tags& tags) {
  StreetReport report;
  return street_from_tags(tags, report, "way 1");
}

TEST(StreetsFromOsm, TagsSayWhoMayGoWhere) {
  EXPECT_FALSE(tagged({{"building", "yes"}}).has_value());
  EXPECT_FALSE(tagged({{"highway", "proposed"}}).has_value());
  EXPECT_FALSE(tagged({{"highway", "pedestrian"}, {"area", "yes"}}).has_value());
  EXPECT_EQ(tagged({{"highway", "residential"}})->along, ModeSet::all());
  EXPECT_EQ(tagged({{"highway", "primary_link"}})->street_class, StreetClass::primary);
  EXPECT_EQ(tagged({{"highway", "footway"}, {"bicycle", "yes"}})->along, ModeSet::of(foot, bicycle));
  EXPECT_EQ(tagged({{"highway", "service"}, {"access", "private"}})->along, ModeSet{});
  EXPECT_EQ(tagged({{"highway", "service"}, {"access", "no"}, {"motor_vehicle", "destination"}})->along,
            ModeSet::of(car));
  const auto round = tagged({{"highway", "tertiary"}, {"junction", "roundabout"}});
  EXPECT_EQ(round->against, ModeSet::of(foot));
  const auto contraflow = tagged({{"highway", "residential"}, {"oneway", "yes"}, {"oneway:bicycle", "no"}});
  EXPECT_EQ(contraflow->against, ModeSet::of(foot, bicycle));
  EXPECT_EQ(tagged({{"highway", "residential"}, {"oneway", "-1"}})->along, ModeSet::of(foot));
  EXPECT_FALSE(tagged({{"highway", "motorway"}})->against.has(car));
  EXPECT_NEAR(tagged({{"highway", "primary"}, {"maxspeed", "30 mph"}})->speed_kmh, 48.28, 0.01);
  EXPECT_EQ(tagged({{"highway", "primary"}, {"maxspeed", "50"}})->speed_kmh, 50);
  StreetReport report;
  EXPECT_EQ(street_from_tags({{"highway", "primary"}, {"maxspeed", "quick"}}, report, "way 1")->speed_kmh, 0);
  EXPECT_EQ(report.mistake_count(), 1u);
}

// A small writer of .osm.pbf: what the format says, by hand.
class OsmFile {
 public:
  OsmFile() { head({"OsmSchema-V0.6", "DenseNodes"}); }
  explicit OsmFile(const std::vector<std::string>& features) { head(features); }

  struct Way {
    std::int64_t id;
    std::vector<std::int64_t> nodes;
    std::vector<std::pair<std::string, std::string>> tags;
  };
  struct Node {
    std::int64_t id;
    double lon_deg, lat_deg;
  };

  void block(const std::vector<Node>& nodes, const std::vector<Way>& ways, bool dense, bool packed) {
    std::vector<std::string> strings{""};
    const auto number_of = [&](const std::string& text) {
      const auto found = std::ranges::find(strings, text);
      if (found != strings.end()) return std::uint32_t(found - strings.begin());
      strings.push_back(text);
      return std::uint32_t(strings.size() - 1);
    };
    std::string group;
    {
      protozero::pbf_writer out(group);
      if (dense) write_dense(out, nodes);
      else write_nodes(out, nodes);
      for (const Way& way : ways) write_way(out, way, number_of);
    }
    std::string bytes;
    protozero::pbf_writer out(bytes);
    {
      protozero::pbf_writer table(out, 1);
      for (const std::string& text : strings) table.add_bytes(1, text);
    }
    out.add_message(2, group);
    blob("OSMData", bytes, packed);
  }

  void blob(const std::string& type, const std::string& bytes, bool packed) {
    std::string inner;
    protozero::pbf_writer out(inner);
    if (packed) {
      std::string zipped(compressBound(uLong(bytes.size())), '\0');
      uLongf size = uLongf(zipped.size());
      compress(reinterpret_cast<Bytef*>(zipped.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
               uLong(bytes.size()));
      zipped.resize(size);
      out.add_int32(2, std::int32_t(bytes.size()));
      out.add_bytes(3, zipped);
    } else {
      out.add_bytes(1, bytes);
    }
    raw(type, inner);
  }

  void raw(const std::string& type, const std::string& inner) {
    std::string header;
    protozero::pbf_writer head(header);
    head.add_string(1, type);
    head.add_int32(3, std::int32_t(inner.size()));
    for (int shift = 24; shift >= 0; shift -= 8) bytes_ += char(header.size() >> shift & 0xff);
    bytes_ += header + inner;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void head(const std::vector<std::string>& features) {
    std::string bytes;
    protozero::pbf_writer out(bytes);
    for (const std::string& feature : features) out.add_string(4, feature);
    blob("OSMHeader", bytes, false);
  }

  static std::int64_t units(double deg) { return std::llround(deg * 1e7); }

  static void write_dense(protozero::pbf_writer& out, const std::vector<Node>& nodes) {
    std::vector<std::int64_t> ids, lats, lons;
    Node before{0, 0, 0};
    for (const Node& node : nodes) {
      ids.push_back(node.id - before.id);
      lats.push_back(units(node.lat_deg) - units(before.lat_deg));
      lons.push_back(units(node.lon_deg) - units(before.lon_deg));
      before = node;
    }
    protozero::pbf_writer dense(out, 2);
    dense.add_packed_sint64(1, ids.begin(), ids.end());
    dense.add_packed_sint64(8, lats.begin(), lats.end());
    dense.add_packed_sint64(9, lons.begin(), lons.end());
  }

  static void write_nodes(protozero::pbf_writer& out, const std::vector<Node>& nodes) {
    for (const Node& node : nodes) {
      protozero::pbf_writer one(out, 1);
      one.add_sint64(1, node.id);
      one.add_sint64(8, units(node.lat_deg));
      one.add_sint64(9, units(node.lon_deg));
    }
  }

  template <class NumberOf>
  static void write_way(protozero::pbf_writer& out, const Way& way, const NumberOf& number_of) {
    std::vector<std::uint32_t> keys, values;
    for (const auto& [key, value] : way.tags) keys.push_back(number_of(key)), values.push_back(number_of(value));
    std::vector<std::int64_t> nodes;
    std::int64_t before = 0;
    for (const std::int64_t node : way.nodes) nodes.push_back(node - before), before = node;
    protozero::pbf_writer one(out, 3);
    one.add_int64(1, way.id);
    one.add_packed_uint32(2, keys.begin(), keys.end());
    one.add_packed_uint32(3, values.begin(), values.end());
    one.add_packed_sint64(8, nodes.begin(), nodes.end());
  }

  std::string bytes_;
};

const std::vector<OsmFile::Node> kNodes{{11, 10.0, 56.0}, {12, 10.001, 56.0}, {13, 10.002, 56.0}, {7, 10.001, 56.001}};
const std::vector<OsmFile::Way> kWays{
    {1, {11, 12, 13}, {{"highway", "residential"}, {"name", "Åboulevarden"}, {"name:en", "River Street"}}},
    {2, {12, 7}, {{"highway", "footway"}}},
    {3, {11, 7}, {{"building", "yes"}}}};

TEST(StreetsFromOsm, AnExtractIsReadInEachOfItsForms) {
  for (const bool dense : {true, false}) {
    for (const bool packed : {true, false}) {
      OsmFile file;
      file.block(kNodes, {}, dense, packed);
      file.block({}, kWays, dense, packed);
      const auto read = streets_from_osm(file.bytes(), "a.osm.pbf");
      ASSERT_TRUE(read.has_value()) << read.error().message;
      ASSERT_THAT(read->streets, SizeIs(2));
      EXPECT_EQ(read->streets[0].name, "Åboulevarden");
      EXPECT_EQ(read->streets[0].name_en, "River Street");
      EXPECT_NEAR(read->streets[0].line[1].lon_deg, 10.001, 1e-9);
      EXPECT_EQ(read->report.passed_over, 1u);
      EXPECT_EQ(read->report.mistake_count(), 0u);
      EXPECT_EQ(StreetGraph::make(*read)->pieces(), 3u) << "the street is cut where the path meets it";
    }
  }
}

TEST(StreetsFromOsm, AStreetGoesAsFarAsItsNodesAreThere) {
  OsmFile file;
  file.block({kNodes[0], kNodes[1]}, {kWays[0], {4, {12, 99}, {{"highway", "service"}}}}, true, true);
  const auto read = streets_from_osm(file.bytes(), "a.osm.pbf");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_THAT(read->streets, SizeIs(1));
  EXPECT_THAT(read->streets[0].line, SizeIs(2));
  EXPECT_EQ(read->report.mistake_count(), 2u);
}

TEST(StreetsFromOsm, ADamagedBlockHidesNoneOfTheOthers) {
  OsmFile file;
  file.block(kNodes, {}, true, true);
  std::string broken;
  protozero::pbf_writer(broken).add_bytes(3, "this does not unpack");
  file.raw("OSMData", broken);
  file.blob("OSMData", "\xff\xff\xff\xff\xff", false);
  file.block({}, kWays, true, true);
  const auto read = streets_from_osm(file.bytes(), "a.osm.pbf");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_THAT(read->streets, SizeIs(2));
  EXPECT_EQ(read->report.mistake_count(), 2u);
}

TEST(StreetsFromOsm, WhatIsNoExtractOrNeedsMoreIsRefused) {
  EXPECT_FALSE(streets_from_osm("<osm/>", "a.osm.pbf").has_value());
  EXPECT_FALSE(streets_from_osm("\x7f\x01\x02\x03zzzz", "a.osm.pbf").has_value());
  const auto history = streets_from_osm(OsmFile({"OsmSchema-V0.6", "HistoricalInformation"}).bytes(), "a.osm.pbf");
  ASSERT_FALSE(history.has_value());
  EXPECT_THAT(history.error().message, HasSubstr("HistoricalInformation"));
}

// Whatever the bytes are, the answer is a network or a reason.
TEST(StreetsFromOsm, BytesThatWereChangedOrCutAreNoHarm) {
  OsmFile file;
  file.block(kNodes, kWays, true, false);
  file.block(kNodes, kWays, false, true);
  base::Rng rng(7);
  std::size_t read_all = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = file.bytes();
    const std::size_t changes = 1 + rng.below(4);
    for (std::size_t k = 0; k < changes; ++k) bytes[rng.below(bytes.size())] = char(rng.below(256));
    if (rng.below(4) == 0) bytes.resize(rng.below(bytes.size()));
    const auto read = streets_from_osm(bytes, "a.osm.pbf");
    if (!read) continue;
    ++read_all;
    for (const Street& street : read->streets) ASSERT_EQ(street.line.size(), street.joints.size());
  }
  EXPECT_GT(read_all, 0u);
}

}  // namespace
}  // namespace cityloop::geo
