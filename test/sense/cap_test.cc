#include "sense/cap.h"

#include <gmock/gmock.h>

#include "geo/shape.h"

namespace cityloop::sense {
namespace {

using base::Errc;
using flow::Alert;
using flow::AlertKind;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHead = R"(<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>ID</identifier><sender>met@example.org</sender><sent>2026-06-01T10:00:00+08:00</sent>
  <status>Actual</status><msgType>Alert</msgType><scope>Public</scope>)";
constexpr const char* kInfo = R"(
  <info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Immediate</urgency>
    <severity>Severe</severity><certainty>Observed</certainty>
    <eventCode><valueName>GB/T 35965</valueName><value>11B03</value></eventCode>
    <onset>2026-06-01T10:30:00+08:00</onset><expires>2026-06-01T13:00:00+08:00</expires>
    <senderName>气象台</senderName><headline>暴雨橙色预警</headline><description>未来三小时
雨量很大</description><instruction>勿下穿</instruction>
    <area><areaDesc>湖滨区</areaDesc><polygon>30.0,120.0 30.0,120.1 30.1,120.1 30.0,120.0</polygon></area></info>)";
constexpr const char* kEnglish = R"(
  <info><language>en-US</language><category>Met</category><event>Heavy rain</event><urgency>Immediate</urgency>
    <severity>Severe</severity><certainty>Observed</certainty><expires>2026-06-01T14:00:00+08:00</expires>
    <headline>Orange warning of heavy rain</headline><description>Heavy rain for three hours</description>
    <area><areaDesc>Lakeside</areaDesc><polygon>30.0,120.0 30.0,120.1 30.1,120.1 30.0,120.0</polygon></area></info>)";

std::string message(const std::string& infos = kInfo, const std::string& head = kHead) {
  return head + infos + "</alert>";
}
std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}
Alert read(const std::string& xml) {
  const auto out = read_cap(xml, {});
  EXPECT_TRUE(out) << out.error().message;
  return out ? out->alert : Alert{};
}
std::string refused(const std::string& xml, Errc code = Errc::invalid) {
  const auto out = read_cap(xml, {});
  EXPECT_FALSE(out) << xml.substr(0, 400);
  if (out) return {};
  EXPECT_EQ(out.error().code, code) << out.error().message;
  return out.error().message;
}

TEST(Cap, ReadsAMessageInTwoLanguages) {
  const Alert alert = read(message(std::string(kInfo) + kEnglish));
  EXPECT_EQ(alert.id.text(), "urn:ngsi-ld:Alert:met@example.org:ID");
  EXPECT_EQ(alert.kind, AlertKind::alert);
  EXPECT_EQ(alert.status, "Actual");
  EXPECT_EQ(alert.headline, (flow::Bilingual{"暴雨橙色预警", "Orange warning of heavy rain"}));
  EXPECT_EQ(alert.description.zh, "未来三小时\n雨量很大");
  EXPECT_EQ(alert.instruction, (flow::Bilingual{"勿下穿", "勿下穿"})) << "one language stands in for the other";
  EXPECT_EQ(alert.severity, "Severe");
  EXPECT_EQ(alert.event, "暴雨");
  EXPECT_THAT(alert.codes, ElementsAre("GB/T 35965=11B03"));
  EXPECT_EQ(base::format_time(alert.sent_at), "2026-06-01T02:00:00Z");
  EXPECT_EQ(base::format_time(alert.onset_at), "2026-06-01T02:30:00Z");
  EXPECT_EQ(base::format_time(alert.expires_at), "2026-06-01T06:00:00Z") << "the later one";
  EXPECT_EQ(alert.area, "湖滨区; Lakeside");
  EXPECT_EQ(alert.location, R"({"type":"Polygon","coordinates":[[[120,30],[120.1,30],[120.1,30.1],[120,30]]]})")
      << "longitude first, and the same ring once";
}

TEST(Cap, TheGravestBlockSpeaksForTheWhole) {
  std::string second = with(kEnglish, "<severity>Severe</severity>", "<severity>Extreme</severity>");
  second = with(second, "<urgency>Immediate</urgency>", "<urgency>Expected</urgency>");
  const Alert alert = read(message(std::string(kInfo) + second));
  EXPECT_EQ(alert.severity, "Extreme");
  EXPECT_EQ(alert.urgency, "Expected");
  EXPECT_EQ(alert.event, "Heavy rain");
}

TEST(Cap, CirclesAndGeocodesBecomePlaces) {
  const std::string circle =
      with(kInfo, "<polygon>30.0,120.0 30.0,120.1 30.1,120.1 30.0,120.0</polygon>", "<circle>30.0,120.0 2.5</circle>");
  const auto shape = geo::Shape::from_geojson(read(message(circle)).location).value();
  EXPECT_NEAR(geo::area_m2(shape), 3.14159 * 2500 * 2500, 0.01 * 3.14159 * 2500 * 2500);
  for (const auto& corner : shape.parts.front()) EXPECT_NEAR(geo::distance_m(corner, {120, 30}), 2500, 1);
  const std::string coded = with(kInfo, "<polygon>30.0,120.0 30.0,120.1 30.1,120.1 30.0,120.0</polygon>",
                                 "<geocode><valueName>GB/T 2260</valueName><value>330106</value></geocode>");
  EXPECT_EQ(read(message(coded)).location, "") << "unknown here";
  CapOptions options;
  options.place_of = [](std::string_view name, std::string_view value) -> std::string {
    EXPECT_EQ(name, "GB/T 2260");
    return value == "330106" ? R"({"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2],[1,1]]]})" : "";
  };
  EXPECT_EQ(read_cap(message(coded), options)->alert.location,
            R"({"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2],[1,1]]]})");
  const std::string two = with(kInfo, "</area>", "</area><area><areaDesc>b</areaDesc><circle>31,121 1</circle></area>");
  EXPECT_THAT(read(message(two)).location, HasSubstr("\"MultiPolygon\""));
}

TEST(Cap, UpdatesAndCancellationsNameWhatTheyAreAbout) {
  std::string update = with(message(), "<msgType>Alert</msgType>", "<msgType>Update</msgType>");
  update = with(update, "<scope>Public</scope>",
                "<scope>Public</scope><references>met@example.org,A,2026-06-01T09:00:00+08:00\n "
                "met@example.org,B%1,2026-06-01T09:30:00+08:00</references>");
  const Alert alert = read(update);
  EXPECT_EQ(alert.kind, AlertKind::update);
  EXPECT_THAT(alert.references,
              ElementsAre(flow::alert_id("met@example.org", "A"), flow::alert_id("met@example.org", "B%1")));
  const std::string cancel = with(with(update, "Update", "Cancel"), kInfo, "");
  EXPECT_EQ(read(cancel).kind, AlertKind::cancel) << "without a block";
  EXPECT_THAT(refused(with(message(), "<msgType>Alert</msgType>", "<msgType>Update</msgType>")),
              HasSubstr("references"));
  EXPECT_THAT(refused(with(update, "met@example.org,A,", "met@example.org ")), HasSubstr("sender,identifier,sent"));
  const auto ack = read_cap(with(with(update, "Update", "Ack"), kInfo, ""), {});
  ASSERT_TRUE(ack);
  EXPECT_TRUE(ack->receipt);
}

TEST(Cap, PrefixesAndTheOlderVersionAreRead) {
  std::string prefixed;
  for (const char c : message()) {
    prefixed += c;
    if (c == '<') prefixed += "cap:";
  }
  for (std::size_t at; (at = prefixed.find("<cap:/")) != prefixed.npos;) prefixed.replace(at, 6, "</cap:");
  prefixed = with(prefixed, "<cap:?xml", "<?xml");
  prefixed = with(prefixed, "xmlns=", "xmlns:cap=");
  EXPECT_EQ(read(prefixed).identifier, "ID");
  EXPECT_EQ(read(with(message(), "cap:1.2", "cap:1.1")).identifier, "ID");
}

TEST(Cap, WhatIsMissingOrWrongIsNamed) {
  EXPECT_THAT(refused("", Errc::malformed), HasSubstr("no XML"));
  EXPECT_THAT(refused("{\"a\":1}", Errc::malformed), HasSubstr("no XML"));
  EXPECT_THAT(refused(message().substr(0, 300), Errc::malformed), HasSubstr("no XML"));
  EXPECT_THAT(refused("<feed/>"), HasSubstr("'alert'"));
  EXPECT_THAT(refused(with(message(), "cap:1.2", "cap:9.9")), HasSubstr("namespace"));
  EXPECT_THAT(refused(with(message(), "<identifier>ID</identifier>", "")), HasSubstr("'identifier'"));
  EXPECT_THAT(refused(with(message(), "<identifier>ID<", "<identifier>I D<")), HasSubstr("'identifier'"));
  EXPECT_THAT(refused(with(message(), "Actual", "Perhaps")), HasSubstr("'status'"));
  EXPECT_THAT(refused(with(message(), "Severe", "Bad")), HasSubstr("'severity'"));
  EXPECT_THAT(refused(with(message(), "2026-06-01T10:00:00+08:00", "soon")), HasSubstr("'sent'"));
  EXPECT_THAT(refused(message("")), HasSubstr("'info'"));
  EXPECT_THAT(refused(with(message(), "Public", "Restricted"), Errc::refused), HasSubstr("Public"));
  const std::string ring = "30.0,120.0 30.0,120.1 30.1,120.1 30.0,120.0";
  for (const char* wrong : {"30,120 31,121 30,120", "30,120 30,121 31,121 31,120", "95,120 30,121 31,121 95,120", "x",
                            "30;120 30,121 31,121 30;120", "30,120 31,121 30,121 31,120 30,120"}) {
    refused(with(message(), ring, wrong));
  }
  for (const char* wrong : {"30,120", "30,120 -1", "30,120 x", "30,120 99999"}) {
    refused(with(message(), fmt::format("<polygon>{}</polygon>", ring), fmt::format("<circle>{}</circle>", wrong)));
  }
}

// What a stranger's XML can do to a reader that is too kind.
TEST(Cap, NothingIsDrawnInOrBlownUp) {
  const std::string body = message();
  const auto after_head = body.find("?>") + 2;
  const auto doctype = [&](const std::string& text) { return std::string(body).insert(after_head, text); };
  EXPECT_THAT(refused(doctype("<!DOCTYPE alert [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"), Errc::malformed),
              HasSubstr("DOCTYPE"));
  EXPECT_THAT(refused(doctype("<!DOCTYPE alert SYSTEM \"http://127.0.0.1/x.dtd\">"), Errc::malformed),
              HasSubstr("DOCTYPE"));
  EXPECT_THAT(refused(doctype("<!DOCTYPE lolz [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]>"), Errc::malformed),
              HasSubstr("DOCTYPE"));
  EXPECT_EQ(read(with(body, "未来三小时", "&xxe;")).description.zh, "&xxe;\n雨量很大") << "no entity is known";
  EXPECT_THAT(refused(with(body, "UTF-8", "GB18030"), Errc::malformed), HasSubstr("UTF-8"));
  EXPECT_THAT(refused(std::string(kCapBytesMax + 1, ' ')), HasSubstr("longer"));
  std::string deep = kHead;
  for (int i = 0; i < 40'000; ++i) deep += "<a>";
  refused(deep, Errc::malformed);
  std::string many;
  for (int i = 0; i < 60; ++i) many += kEnglish;
  EXPECT_THAT(refused(message(many)), HasSubstr("info blocks"));
  std::string areas = kInfo;
  for (int i = 0; i < 250; ++i)
    areas.insert(areas.find("</info>"), fmt::format("<area><circle>30,{}.{:03} 1</circle></area>", 100 + i / 10, i));
  EXPECT_THAT(refused(message(areas)), HasSubstr("areas"));
  const std::string script = with(body, "暴雨橙色预警", "&lt;script&gt;\x7f&#7;alert(1)&lt;/script&gt;");
  EXPECT_EQ(read(script).headline.zh, "<script>alert(1)</script>") << "text, without what acts";
}

TEST(Cap, ALongTextIsCutAndNotRefused) {
  const Alert alert = read(with(message(), "未来三小时", std::string(20'000, 'x')));
  EXPECT_LE(alert.description.zh.size(), 4000u);
}

TEST(Cap, AnAlertComesBackAsItWas) {
  Alert alert = read(message(std::string(kInfo) + kEnglish));
  alert.references = {flow::alert_id("a", "b c")};
  flow::Entity entity;
  const flow::Write write = to_write(alert);
  entity.id = write.entity;
  entity.types = write.types;
  entity.attributes = write.attributes;
  const auto back = flow::alert_from(entity);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_write(*back).attributes, write.attributes);
  EXPECT_EQ(back->references, alert.references);
  EXPECT_EQ(back->references.front().text(), "urn:ngsi-ld:Alert:a:b%20c");
}

}  // namespace
}  // namespace cityloop::sense
