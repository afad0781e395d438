// Rows as they come from outside: what is taken, and why the rest is not.
#include "base/rng.h"
#include "test/sense/sense_fixture.h"

namespace cityloop::sense {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::vector<Reason> reasons(const std::vector<Reject>& rejects) {
  std::vector<Reason> out;
  for (const Reject& reject : rejects) out.push_back(reject.reason);
  return out;
}

TEST_F(SenseTest, ARowBecomesAnObservation) {
  const auto out = read_csv("id,time,speed\na,2026-05-01T07:00:00Z,42.5\n");
  ASSERT_THAT(out.writes, SizeIs(1));
  const flow::Write& write = out.writes[0];
  EXPECT_EQ(write.entity.text(), "urn:ngsi-ld:T:a");
  EXPECT_EQ(write.mode, flow::WriteMode::observe);
  EXPECT_THAT(write.types, ElementsAre(flow::Name("T")));
  ASSERT_THAT(write.attributes, SizeIs(1));
  EXPECT_EQ(write.attributes[0],
            flow::property(flow::Name("speed"), 42.5, at("2026-05-01T07:00:00Z"), flow::Name("KMH")));
  EXPECT_EQ(out.counts.newest, at("2026-05-01T07:00:00Z"));
}

TEST_F(SenseTest, EveryBadRowHasItsReasonAndTheGoodOnesStand) {
  const auto out = read_csv(
      "id,time,speed\n"
      "a,2026-05-01T07:00:00Z,1\n"
      "a,2026-05-01T07:00:00Z\n"
      "a,2026-05-01T07:00:00Z,1,2\n"
      "a,1970-01-01T00:00:00Z,1\n"
      "a,2099-01-01T00:00:00Z,1\n"
      "a,noon,1\n"
      "a,,1\n"
      "a,2026-05-01T07:00:00Z,fast\n"
      "a,2026-05-01T07:00:00Z,NaN\n"
      "a,2026-05-01T07:00:00Z,-inf\n"
      "a,2026-05-01T07:00:00Z,1e999\n"
      "a,2026-05-01T07:00:00Z,201\n"
      ",2026-05-01T07:00:00Z,1\n"
      "a b,2026-05-01T07:00:00Z,1\n"
      "a,2026-05-01T07:00:00Z,\n"
      "a\xff,2026-05-01T07:00:00Z,1\n"
      "\"a,2026-05-01T07:00:00Z,1\n"
      "\"a\"b,2026-05-01T07:00:00Z,1\n"
      "z,2026-05-01T07:00:00Z,2\n");
  EXPECT_THAT(reasons(out.rejects),
              ElementsAre(Reason::columns, Reason::columns, Reason::too_old, Reason::future, Reason::bad_time,
                          Reason::bad_time, Reason::bad_number, Reason::not_a_number, Reason::not_a_number,
                          Reason::not_a_number, Reason::out_of_range, Reason::bad_id, Reason::bad_id, Reason::no_values,
                          Reason::not_utf8, Reason::quotes, Reason::quotes));
  ASSERT_THAT(out.writes, SizeIs(2));
  EXPECT_EQ(out.writes[1].entity.text(), "urn:ngsi-ld:T:z");
  EXPECT_EQ(out.rejects[0].line, 3u);
  EXPECT_EQ(out.rejects.back().line, 19u);
  EXPECT_EQ(out.rejects[0].row, "a,2026-05-01T07:00:00Z");
  EXPECT_EQ(out.rejects[2].detail, "observed at 1970-01-01T00:00:00Z, before 2000-01-01T00:00:00Z");
  EXPECT_EQ(out.rejects[3].detail, "observed at 2099-01-01T00:00:00Z, later than 2026-05-01T08:10:00Z");
  EXPECT_EQ(out.rejects[6].detail, "speed: 'fast' is not a number");
  EXPECT_EQ(out.rejects[10].detail, "speed = 201 is outside 0 to 200");
}

TEST_F(SenseTest, TenMinutesAheadAreForgiven) {
  const auto out = read_csv("id,time,speed\na,2026-05-01T08:10:00Z,1\na,2026-05-01T08:10:01Z,1\n");
  EXPECT_EQ(out.counts.accepted, 1u);
  EXPECT_EQ(out.count(Reason::future), 1u);
  EXPECT_EQ(read_csv("id,time,speed\na,2026-05-01T09:00:00Z,1\n", "future_max = \"2h\"").counts.accepted, 1u);
  EXPECT_EQ(read_csv("id,time,speed\na,2026-04-30T09:00:00Z,1\n", "not_before = \"2026-05-01\"").count(Reason::too_old),
            1u);
}

TEST_F(SenseTest, AWrongHeaderNamesWhatIsMissingAndWhatIsThere) {
  const auto out = read_csv("ident,time,Speed\na,2026-05-01T07:00:00Z,1\n");
  EXPECT_THAT(out.error,
              HasSubstr("needs the columns id, speed, which the file does not have; it has: ident, time, Speed"));
  EXPECT_THAT(read_csv("id,time,speed,id\n").error, HasSubstr("the column 'id' stands twice"));
  EXPECT_THAT(read_csv("").error, HasSubstr("is empty"));
  std::filesystem::remove(folder_ / "feed.csv");
  EXPECT_THAT(read(mapping(csv_toml())).error, HasSubstr("the file 'feed.csv' is not there: looked for"));
}

TEST_F(SenseTest, AFileWithoutAHeaderCanBeGivenOne) {
  const auto out = read_csv("a;2026-05-01T07:00:00Z;7\n", "header = [\"id\", \"time\", \"speed\"]\ndelimiter = \";\"");
  EXPECT_EQ(out.number(0, "speed"), 7);
}

TEST_F(SenseTest, AMillionCharactersInALineCostThatLineOnly) {
  const std::string good = "a,2026-05-01T07:00:00Z,1\n";
  const auto out = read_csv("id,time,speed\n" + good + std::string(1'000'000, 'x') + "\n" + good + "a,\"" +
                            std::string(1'000'000, 'y') + "\n" + good);
  EXPECT_EQ(out.counts.accepted, 3u);
  EXPECT_EQ(out.count(Reason::too_long), 2u);
  ASSERT_THAT(out.rejects, SizeIs(2));
  EXPECT_EQ(out.rejects[0].line, 3u);
  EXPECT_EQ(out.rejects[1].line, 5u);
  EXPECT_EQ(out.rejects[0].row.size(), kRejectRowBytes);
}

TEST_F(SenseTest, TheBoundOfALineIsExact) {
  for (const auto& [size, taken] : {std::pair(256, true), std::pair(257, false)}) {
    const std::string row = "a,2026-05-01T07:00:00Z,1";
    const auto out = read_csv("id,time,speed,note\n" + row + "," +
                                  std::string(std::size_t(size) - row.size() - 1, 'n') + "\r\n" + row + ",\n",
                              "line_max_bytes = 256");
    EXPECT_EQ(out.counts.accepted, taken ? 2u : 1u) << size;
    EXPECT_EQ(out.count(Reason::too_long), taken ? 0u : 1u) << size;
  }
}

TEST_F(SenseTest, AQuoteLeftOpenCostsItsLineOnly) {
  std::string content = "id,time,speed,note\na,2026-05-01T07:00:00Z,1,\"open\n";
  for (int i = 0; i < 5000; ++i) content += fmt::format("b{},2026-05-01T07:00:00Z,1,fine\n", i);
  const auto out = read_csv(content);
  EXPECT_EQ(out.counts.accepted, 5000u);
  EXPECT_THAT(reasons(out.rejects), ElementsAre(Reason::quotes));
}

TEST_F(SenseTest, QuotesLineEndsAndMarks) {
  const auto out = read_csv(
      "\xEF\xBB\xBFid,time,speed,note\r\n"
      "\"a\",2026-05-01T07:00:00Z,1,\"one, two\"\r\n"
      "\r\n"
      "b,2026-05-01T07:00:00Z,2,\"say \"\"hi\"\"\nand go\"\n"
      "c,2026-05-01T07:00:00Z,3,in\"side",
      "", "{ name = \"note\", as = \"text\" },");
  ASSERT_THAT(out.writes, SizeIs(3));
  EXPECT_EQ(out.writes[0].entity.text(), "urn:ngsi-ld:T:a");
  EXPECT_EQ(*out.value(0, "note"), flow::Value("one, two"));
  EXPECT_EQ(*out.value(1, "note"), flow::Value("say \"hi\"\nand go"));
  EXPECT_EQ(*out.value(2, "note"), flow::Value("in\"side"));
}

// Whatever a CSV writer may write, quoted as RFC 4180 says, comes back as it was, wherever the buffer's ends fall.
TEST_F(SenseTest, WhatIsQuotedComesBackAsItWas) {
  base::Rng rng(7);
  const std::string_view pieces[] = {"a", ",", "\"", "\n", "\r\n", "湖", " ", "\"\"", "0", "|"};
  std::string content = "id,time,speed,note\n";
  std::vector<std::string> notes;
  for (int i = 0; i < 20'000; ++i) {
    std::string note = "n";
    for (auto left = rng.below(12); left > 0; --left) note += pieces[rng.below(std::size(pieces))];
    std::string quoted;
    for (const char c : note) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    const bool needed = note.find_first_of(",\"\r\n") != note.npos;
    content +=
        fmt::format("d{},2026-05-01T07:00:00Z,1,{}\n", i % 50, needed || rng.below(2) ? "\"" + quoted + "\"" : note);
    notes.push_back(std::move(note));
  }
  for (const bool packed : {false, true}) {
    const auto out = read_csv(packed ? gzip(content) : content, "", "{ name = \"note\", as = \"text\" },");
    ASSERT_EQ(out.writes.size(), notes.size()) << (out.rejects.empty() ? "" : out.rejects[0].detail);
    for (std::size_t i = 0; i < notes.size(); ++i) ASSERT_EQ(*out.value(i, "note"), flow::Value(notes[i])) << i;
  }
}

// Noise of any kind ends in counted rows, never in a crash or a row that is lost: read() checks the sum.
TEST_F(SenseTest, NoiseIsCounted) {
  base::Rng rng(11);
  const std::string_view pieces[] = {
      "a,2026-05-01T07:00:00Z,1\n", "\"", "\n", ",", "\r", "\xff", "x", "NaN", "\0", "\"\n"};
  for (int round = 0; round < 60; ++round) {
    std::string content = "id,time,speed\n";
    for (int i = 0; i < 400; ++i) content += pieces[rng.below(std::size(pieces))];
    content += "\nlast,2026-05-01T07:00:00Z,9\n";
    const auto out = read_csv(content, "line_max_bytes = 256");
    EXPECT_TRUE(out.error.empty());
    EXPECT_GT(out.counts.read, 0u);
  }
}

TEST_F(SenseTest, LocalTimesThroughTheChangesOfTheClock) {
  const auto out = read_csv(
      "id,time,speed\n"
      "a,2014-03-30T01:59:00,1\n"  // winter
      "a,2014-03-30T03:00:00,1\n"  // summer; an hour of the clock is missing
      "a,2014-07-01 12:00,1\n"
      "a,2014-10-26T02:30:00,1\n"  // twice on that night: the first is taken
      "a,2014-10-26T03:00:00,1\n"
      "a,2014-10-26T03:00:00Z,1\n"  // says its own zone
      "a,2014-10-26T03:00:00+05:30,1\n",
      "time_zone = \"Europe/Copenhagen\"");
  std::vector<std::string> times;
  for (const flow::Write& write : out.writes) times.push_back(base::format_time(write.attributes[0].observed_at));
  EXPECT_THAT(
      times, ElementsAre("2014-03-30T00:59:00Z", "2014-03-30T01:00:00Z", "2014-07-01T10:00:00Z", "2014-10-26T00:30:00Z",
                         "2014-10-26T02:00:00Z", "2014-10-26T03:00:00Z", "2014-10-25T21:30:00Z"));
}

TEST_F(SenseTest, OtherFormsOfTime) {
  const auto first_time = [&](std::string_view form, std::string_view text) {
    auto toml = csv_toml();
    const std::string plain = "{ from = \"time\" }";
    toml.replace(toml.find(plain), plain.size(), fmt::format("{{ from = \"time\", format = \"{}\" }}", form));
    file("feed.csv", fmt::format("id,time,speed\na,{},1\n", text));
    const auto out = read(mapping(toml));
    return out.writes.empty() ? std::string(to_string(out.rejects.at(0).reason))
                              : base::format_time(out.writes[0].attributes[0].observed_at);
  };
  EXPECT_EQ(first_time("epoch_s", "1777622400.5"), "2026-05-01T08:00:00.5Z");
  EXPECT_EQ(first_time("epoch_ms", "1777622400000"), "2026-05-01T08:00:00Z");
  EXPECT_EQ(first_time("epoch_s", "1e300"), "bad_time");
  EXPECT_EQ(first_time("epoch_s", "1777622400000"), "future") << "milliseconds taken for seconds";
  EXPECT_EQ(first_time("%d.%m.%Y %H:%M", "1.5.2026 8:00"), "2026-05-01T08:00:00Z");
  EXPECT_EQ(first_time("%d.%m.%Y %H:%M", "31.2.2026 8:00"), "bad_time");
  EXPECT_EQ(first_time("%d.%m.%Y %H:%M", "1.5.2026 8:00 pm"), "bad_time");
}

TEST_F(SenseTest, ATimeInSeveralColumns) {
  file("feed.csv", "id,year,month,day,hour,speed\na,2013,3,1,9,5\na,2013,,1,9,5\n");
  auto toml = csv_toml();
  const std::string plain = "{ from = \"time\" }";
  toml.replace(toml.find(plain), plain.size(), "{ from = \"{year}-{month}-{day} {hour}\", format = \"%Y-%m-%d %H\" }");
  const auto out = read(mapping(toml));
  EXPECT_EQ(out.counts.newest, at("2013-03-01T09:00:00Z"));
  EXPECT_EQ(out.count(Reason::bad_time), 1u);
}

TEST_F(SenseTest, ValuesAsAMappingSays) {
  const auto out = read_csv(
      "id,time,speed,state,on,total,taken,ratio,lon,lat,wind,hum\n"
      "a,2026-05-01T07:00:00Z,1,OK,yes,100,40,8,10.2,56.1,36,57\n"
      "a,2026-05-01T07:00:00Z,-9999,ERR,0,100,140,0,,,,\n",
      "", R"({ name = "good", from = "state", as = "text", map = { OK = true, ERR = false } },
  { name = "on", as = "boolean" },
  { name = "free", compute = "total - taken", least = 0 },
  { name = "share", compute = "taken / ratio" },
  { name = "location", point = ["lon", "lat"] },
  { name = "windSpeed", from = "wind", unit_from = "km/h", unit = "MTS" },
  { name = "humidity", from = "hum", unit_from = "%", unit = "C62", range = [0, 1] },
  { name = "tripled", from = "taken", scale = 3, offset = -1 },
  { name = "label", text = "{id}/{state}" },
  { name = "ref", relationship = "urn:ngsi-ld:U:{state}" },
  { name = "constant", value = { a = [1, 2] } },
)");
  ASSERT_THAT(out.writes, SizeIs(1)) << out.error;
  EXPECT_EQ(*out.value(0, "good"), flow::Value(true));
  EXPECT_EQ(*out.value(0, "on"), flow::Value(true));
  EXPECT_EQ(out.number(0, "free"), 60);
  EXPECT_EQ(out.number(0, "share"), 5);
  EXPECT_EQ(*out.value(0, "location"), flow::Value(flow::Json{R"({"type":"Point","coordinates":[10.2,56.1]})"}));
  EXPECT_EQ(out.number(0, "windSpeed"), 10);
  EXPECT_EQ(out.number(0, "humidity"), 0.57);
  EXPECT_EQ(out.number(0, "tripled"), 119);
  EXPECT_EQ(*out.value(0, "label"), flow::Value("a/OK"));
  EXPECT_EQ(*out.value(0, "ref"), flow::Value("urn:ngsi-ld:U:OK"));
  EXPECT_EQ(*out.value(0, "constant"), flow::Value(flow::Json{R"({"a":[1,2]})"}));
  EXPECT_THAT(reasons(out.rejects), ElementsAre(Reason::out_of_range))
      << "-9999 is no speed until the mapping says null";
}

TEST_F(SenseTest, NullsLeaveAttributesOutAndBadOnesMayToo) {
  const auto out = read_csv(
      "id,time,speed,a,b\n"
      "x,2026-05-01T07:00:00Z,1,-9999,fog\n"
      "x,2026-05-01T07:00:00Z,1,,7\n",
      "", "{ name = \"a\", null = [\"-9999\", \"NA\"] }, { name = \"b\", on_bad = \"leave_out\" },");
  ASSERT_THAT(out.writes, SizeIs(2));
  EXPECT_FALSE(out.value(0, "a"));
  EXPECT_FALSE(out.value(0, "b"));
  EXPECT_FALSE(out.value(1, "a"));
  EXPECT_EQ(out.number(1, "b"), 7);
}

TEST_F(SenseTest, RatioOfNothingAndCapsAreAbsentOrKept) {
  const auto out =
      read_csv("id,time,speed,taken,total\na,2026-05-01T07:00:00Z,1,140,100\nb,2026-05-01T07:00:00Z,1,4,0\n", "",
               "{ name = \"free\", compute = \"total - taken\", least = 0 },"
               "{ name = \"share\", compute = \"taken / total\" },");
  EXPECT_EQ(out.number(0, "free"), 0);
  EXPECT_DOUBLE_EQ(out.number(0, "share"), 1.4);
  EXPECT_FALSE(out.value(1, "share"));
}

TEST_F(SenseTest, FilteredAndOutsideTheWindowAreCountedButNotKept) {
  file("feed.csv",
       "id,time,speed,status\n"
       "a,2026-04-01T00:00:00Z,1,OK\na,2026-04-02T00:00:00Z,1,BROKEN\na,2026-04-02T00:00:00Z,1,OK\n"
       "a,2026-04-03T00:00:00Z,1,OK\n");
  auto toml = csv_toml("from = \"2026-04-02\"\nto = \"2026-04-03\"");
  toml.insert(toml.find("observed_at"), "where = { status = [\"OK\", \"FINE\"] }\n");
  const auto out = read(mapping(toml));
  EXPECT_EQ(out.counts.accepted, 1u);
  EXPECT_EQ(out.count(Reason::filtered), 1u);
  EXPECT_EQ(out.count(Reason::outside_window), 2u);
  EXPECT_THAT(out.rejects, SizeIs(0));
}

TEST_F(SenseTest, OnlyDevicesOfTheTableWhenTheMappingSaysSo) {
  file("devices.csv", "key,lon,lat,kind\na,10,56,pole\nb,200,56,pole\n");
  const auto m = mapping(R"(name = "feed"
kind = "file"
file = "feed.csv"
[[entity]]
type = "T"
id = "urn:ngsi-ld:T:{id}"
known_only = true
observed_at = { from = "time" }
attribute = [{ name = "speed" }]
[[static]]
table = "devices.csv"
type = "T"
id = "urn:ngsi-ld:T:{key}"
attribute = [{ name = "location", point = ["lon", "lat"] }, { name = "kind", as = "text" }]
)");
  file("feed.csv",
       "id,time,speed\na,2026-05-01T07:00:00Z,1\nb,2026-05-01T07:00:00Z,1\nnever-heard-of,2026-05-01T07:00:00Z,1\n");
  const auto out = read(m);
  EXPECT_EQ(out.counts.accepted, 1u);
  EXPECT_EQ(out.count(Reason::unknown_device), 2u) << "the one at longitude 200 is not listed either";
  EXPECT_TRUE(flow::EntityId::lookup("urn:ngsi-ld:T:never-heard-of").empty()) << "a stranger leaves no trace";
  const auto tables = load_tables(*m, {folder_, {}}).value();
  EXPECT_EQ(tables.counts.rejected[std::size_t(Reason::bad_geometry)], 1u);
  ASSERT_THAT(tables.rejects, SizeIs(1));
  EXPECT_EQ(tables.rejects[0].line, 3u);
}

TEST_F(SenseTest, NoMoreEntitiesThanAllowed) {
  std::string content = "id,time,speed\n";
  for (int i = 0; i < 30; ++i) content += fmt::format("bounded-{},2026-05-01T07:00:00Z,1\n", i % 15);
  const auto out = read_csv(content, "entities_max = 10");
  EXPECT_EQ(out.counts.accepted, 20u);
  EXPECT_EQ(out.count(Reason::too_many), 10u);
}

std::string ndjson_toml() {
  return R"(name = "feed"
kind = "file"
file = "feed.ndjson"
[[entity]]
type = "T"
id = "urn:ngsi-ld:T:{device.id}"
observed_at = { from = "at" }
attribute = [
  { name = "speed", from = "values.0.v" },
  { name = "ok", from = "flag", as = "boolean" },
  { name = "extra", as = "json" },
]
)";
}

TEST_F(SenseTest, BadJsonAmongGood) {
  file("feed.ndjson",
       gzip("{\"device\":{\"id\":7},\"at\":\"2026-05-01T07:00:00Z\",\"values\":[{\"v\":1.5}],\"flag\":true,"
            "\"extra\":{\"a\":[1]}}\n"
            "{\"device\":{\"id\":7},\n"
            "[1]\n"
            "\"text\"\n"
            "{\"device\":{\"id\":7},\"at\":\"2026-05-01T07:00:00Z\",\"values\":[{\"v\":NaN}]}\n"
            "{\"device\":{\"id\":7},\"at\":\"2026-05-01T07:00:00Z\",\"values\":[{\"v\":\"NaN\"}]}\n"
            "{\"device\":{\"id\":7},\"at\":\"2026-05-01T07:00:00Z\",\"values\":[{\"v\":{}}]}\n"
            "{\"device\":{},\"at\":\"2026-05-01T07:00:00Z\",\"values\":[{\"v\":1}]}\n"
            "[{\"device\":{\"id\":\"x\"},\"at\":\"2026-05-01T07:00:00Z\",\"values\":[{\"v\":2}]},"
            "{\"device\":{\"id\":\"y\"},\"at\":\"2026-05-01T07:00:00Z\",\"values\":[{\"v\":3}]}]\n"));
  const auto out = read(mapping(ndjson_toml()));
  EXPECT_THAT(reasons(out.rejects), ElementsAre(Reason::bad_json, Reason::bad_json, Reason::bad_json, Reason::bad_json,
                                                Reason::not_a_number, Reason::bad_number, Reason::bad_id));
  ASSERT_THAT(out.writes, SizeIs(3));
  EXPECT_EQ(out.writes[0].entity.text(), "urn:ngsi-ld:T:7");
  EXPECT_EQ(out.number(0, "speed"), 1.5);
  EXPECT_EQ(*out.value(0, "ok"), flow::Value(true));
  EXPECT_EQ(*out.value(0, "extra"), flow::Value(flow::Json{R"({"a":[1]})"}));
  EXPECT_EQ(out.writes[2].entity.text(), "urn:ngsi-ld:T:y");
}

TEST_F(SenseTest, DeepJsonIsRefused) {
  file("feed.ndjson", std::string(5000, '[') + std::string(5000, ']') + "\n");
  EXPECT_EQ(read(mapping(ndjson_toml())).count(Reason::bad_json), 1u);
}

class BrokenGzip : public SenseTest {
 protected:
  BrokenGzip() {
    base::Rng rng(3);
    content_ = "id,time,speed\n";
    for (int i = 0; i < 4000; ++i)
      content_ += fmt::format("d{},2026-05-01T07:00:00Z,{}\n", rng.below(100), rng.below(200));
    packed_ = gzip(content_);
  }
  std::string content_, packed_;
};

TEST_F(BrokenGzip, CutShortAnywhereKeepsTheGoodRowsAndSaysSo) {
  std::uint64_t before = 0;
  for (std::size_t size = 20; size < packed_.size(); size += packed_.size() / 17) {
    const auto out = read_csv(packed_.substr(0, size));
    ASSERT_FALSE(out.error.empty()) << size;
    EXPECT_THAT(out.error, HasSubstr("cut short")) << size;
    EXPECT_GE(out.counts.accepted, before) << size;
    EXPECT_LT(out.counts.accepted, 4000u);
    EXPECT_EQ(out.counts.accepted, out.counts.read) << "the row that was cut is not taken for a whole one";
    before = out.counts.accepted;
  }
  EXPECT_GT(before, 3000u);
  EXPECT_EQ(read_csv(packed_).counts.accepted, 4000u);
}

TEST_F(BrokenGzip, AFlippedBitIsNoticed) {
  base::Rng rng(5);
  for (int i = 0; i < 40; ++i) {
    std::string damaged = packed_;
    damaged[10 + rng.below(damaged.size() - 10)] ^= char(1 << rng.below(8));
    const auto out = read_csv(damaged);
    EXPECT_THAT(out.error, HasSubstr("gzip")) << i;
    EXPECT_LE(out.counts.accepted, 4100u);
  }
}

TEST_F(BrokenGzip, SeveralInARowAndPaddingAreOneFile) {
  const std::size_t half = content_.find('\n', content_.size() / 2) - 5;  // in the middle of a row
  const auto two = gzip(content_.substr(0, half)) + gzip(content_.substr(half)) + std::string(1000, '\0');
  const auto out = read_csv(two);
  EXPECT_EQ(out.error, "");
  EXPECT_EQ(out.counts.accepted, 4000u);
  EXPECT_THAT(read_csv(packed_ + "garbage").error, HasSubstr("what follows the gzip data is no gzip"));
}

TEST_F(SenseTest, TheFirstRowsOfAFeedCanBeLookedAt) {
  file("feed.csv", "id,time,speed\na,2026-05-01T07:00:00Z,42\nb,2026-05-01T07:00:00Z,fast\n");
  file("feeds/feed.toml", csv_toml());
  const auto check = check_feed(folder_ / "feeds/feed.toml", {folder_, {}}, wall_, 5);
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_EQ(check->counts.accepted, 1u);
  const std::string text = check->text();
  EXPECT_THAT(text, HasSubstr("feed: 2 rows read, 1 accepted"));
  EXPECT_THAT(text, HasSubstr("urn:ngsi-ld:T:a (T)\n    speed = 42 KMH  at 2026-05-01T07:00:00Z"));
  EXPECT_THAT(text, HasSubstr("line 3: bad_number (speed: 'fast' is not a number)"));
}

TEST_F(SenseTest, MessagesOfAnMqttFeedCanBeLookedAt) {
  file("sample.txt",
       "district/water/underpass-1/state {\"at\":\"2026-05-01T07:00:00Z\",\"waterLevel\":0.4}\n"
       "district/water/underpass-9/state {\"at\":\"2026-05-01T07:00:00Z\",\"waterLevel\":0.4}\n"
       "district/soup/bowl/state {}\n");
  const auto check =
      check_feed("demo/district/feeds/sensors.toml", {{}, "demo/district"}, wall_, 5, folder_ / "sample.txt");
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_EQ(check->counts.accepted, 1u);
  EXPECT_EQ(check->counts.rejected[std::size_t(Reason::unknown_device)], 1u);
  EXPECT_EQ(check->counts.rejected[std::size_t(Reason::bad_topic)], 1u);
  EXPECT_THAT(check->text(), HasSubstr("waterLevel = 0.4 MTR"));
}

}  // namespace
}  // namespace cityloop::sense
