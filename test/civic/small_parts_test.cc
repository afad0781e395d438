// Links, limits, forms, documents, settings: the small parts each by itself.
#include <gmock/gmock.h>

#include "civic/follow_links.h"
#include "civic/form_body.h"
#include "civic/open311_document.h"
#include "civic/public_board.h"
#include "civic/rate_limit.h"
#include "civic/services.h"

namespace cityloop::civic {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(FollowLinks, OnlyAWholeTokenOfOursIsTaken) {
  const FollowLinks links("a secret of at least thirty-two characters"),
      others("another secret of thirty-two characters");
  const std::string number = links.number_from("key");
  const std::string token = links.token_of(number);
  EXPECT_EQ(links.report_of(token), number);
  EXPECT_FALSE(links.report_of(others.token_of(number)));
  EXPECT_FALSE(links.report_of(""));
  EXPECT_FALSE(links.report_of(number));
  EXPECT_FALSE(links.report_of(token + "0"));
  EXPECT_FALSE(links.report_of(token.substr(0, token.size() - 1)));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == '0' ? '1' : '0';
    EXPECT_FALSE(links.report_of(forged)) << i;
  }
  EXPECT_NE(links.number_from("key"), links.number_from("kex"));
  EXPECT_NE(links.number_from("key"), others.number_from("key"));
}

TEST(RateLimit, ABurstThenSoManyAMinuteForEachKey) {
  RateLimit limit({2, 3});
  base::Instant now = base::from_us(1'000'000'000);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take("a", now));
  const auto wait = limit.take("a", now);
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, base::Duration(30s));
  EXPECT_FALSE(limit.take("b", now));
  EXPECT_TRUE(limit.take("a", now + 29s));
  EXPECT_FALSE(limit.take("a", now + 31s));
  EXPECT_TRUE(limit.take("a", now + 31s));
  EXPECT_TRUE(limit.take("a", now));  // a clock that goes back gives nothing
  EXPECT_EQ(limit.refused(), 4U);
  now += 1h;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take("a", now));
  EXPECT_TRUE(limit.take("a", now));  // never more than the burst
}

TEST(RateLimit, MemoryIsBoundedAndTheOneThatAskedLastIsRemembered) {
  RateLimit limit({1, 1}, 10);
  const base::Instant now = base::from_us(1'000'000'000);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(limit.take(fmt::format("asker {}", i), now));
  EXPECT_TRUE(limit.take("asker 999", now));
  EXPECT_FALSE(limit.take("asker 1", now));
}

TEST(RateLimit, AnIpv6NetworkIsOneAsker) {
  EXPECT_EQ(asker_of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(asker_of("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(asker_of("2001:db8:1:2:3:4:5:6"), asker_of("2001:db8:1:2::9"));
  EXPECT_NE(asker_of("2001:db8:1:2::9"), asker_of("2001:db8:1:3::9"));
}

net::Request form_request(std::string body, std::string type = "application/x-www-form-urlencoded; charset=utf-8") {
  net::Request request;
  request.body = std::move(body);
  request.headers.emplace_back("content-type", std::move(type));
  return request;
}

TEST(FormBody, ReadsWhatFormsSend) {
  const auto form = FormBody::read(form_request(
      "description=%E8%B7%AF+%26%20x&attribute[A]=1&attribute%5BB%5D=2&attribute[C][]=x&attribute[C][]=y&e&&"));
  ASSERT_TRUE(form);
  EXPECT_EQ(form->text("description"), "路 & x");
  EXPECT_EQ(form->text("e"), "");
  const auto members = form->members("attribute");
  ASSERT_EQ(members.size(), 4U);
  EXPECT_EQ(members[1], (std::pair<std::string, std::string>("B", "2")));
  EXPECT_EQ(members[3], (std::pair<std::string, std::string>("C", "y")));
  EXPECT_FALSE(FormBody::read(form_request("a=%zz")));
  EXPECT_EQ(FormBody::read(form_request("{}", "application/json")).error().code, base::Errc::unsupported);
  std::string many;
  for (int i = 0; i < 501; ++i) many += "a=1&";
  EXPECT_EQ(FormBody::read(form_request(many)).error().code, base::Errc::full);
}

TEST(Open311Document, XmlWrapsItemsAndEscapesJsonHasArrays) {
  Open311Node::List list{"service", {}};
  list.nodes.push_back({Open311Node::Object{
      {"name", {std::string("<b> & \"c\"\x01")}}, {"metadata", {true}}, {"none", {}}, {"lat", {30.25}}}});
  const Open311Node all{std::move(list)};
  EXPECT_EQ(write_open311(all, "services", Open311Format::xml),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<services><service><name>&lt;b&gt; &amp; &quot;c&quot;</name>"
            "<metadata>true</metadata><none></none><lat>30.25</lat></service></services>\n");
  EXPECT_EQ(write_open311(all, "services", Open311Format::json),
            "[{\"name\":\"<b> & \\\"c\\\"\\u0001\",\"metadata\":true,\"none\":null,\"lat\":30.25}]");
}

TEST(CivicSettings, EveryMistakeIsToldWithItsLine) {
  const auto read = CivicSettings::parse(R"([civic]
photos_max = 99
[limits]
posts = { per_minute = 0, burst = 0 }
[mail]
server = "mail.example"
from = "nobody"
tls = false
[[service]]
code = "a b"
kind = "other"
name = { zh = "甲", en = "A" }
photo = "maybe"
[[service]]
code = "list"
kind = "other"
name = { zh = "乙", en = "B" }
tpyo = 1
[[service.attribute]]
code = "x"
type = "singlevaluelist"
name = { zh = "丙", en = "C" }
)",
                                         "civic.toml", nullptr);
  ASSERT_FALSE(read);
  for (const char* told : {"civic.toml:2:", "civic.toml:4:", "civic.toml:6:", "civic.toml:7:", "civic.toml:8:",
                           "civic.toml:10:", "civic.toml:13:", "tpyo", "a list needs"})
    EXPECT_THAT(read.error().message, HasSubstr(told));
}

TEST(CivicSettings, AnAnswerIsOneOfItsChoicesAndOfItsType) {
  using Type = ServiceAttribute::Type;
  ServiceAttribute one{"what", {"怎么了", "What"},
                       {},     Type::singlevaluelist,
                       true,   {{"out", {"不亮", "Out"}}, {"pole", {"灯杆", "Pole"}}}};
  const auto json = [](const char* text) { return base::JsonValue::parse(text).value(); };
  EXPECT_EQ(one.line(json("\"out\"")).value(), "怎么了 What: 不亮 Out");
  EXPECT_FALSE(one.line(json("\"other\"")));
  EXPECT_FALSE(one.line(json("[\"out\",\"pole\"]")));
  EXPECT_FALSE(one.line({}));
  one.type = Type::multivaluelist;
  EXPECT_EQ(one.line(json("[\"out\",\"pole\"]")).value(), "怎么了 What: 不亮 Out, 灯杆 Pole");
  const ServiceAttribute number{"n", {"数", "N"}, {}, Type::number, false, {}};
  EXPECT_EQ(number.line(json("3.5")).value(), "数 N: 3.5");
  EXPECT_EQ(number.line(json("\"12\"")).value(), "数 N: 12");
  EXPECT_FALSE(number.line(json("\"many\"")));
  EXPECT_EQ(number.line({}).value(), "");
}

PublicCase public_case(int number, double lon_deg, bool open, std::string service = "other") {
  PublicCase out;
  out.id = EntityId(fmt::format("urn:ngsi-ld:Case:board:{}", number));
  out.code = fmt::format("{:04}", number);
  out.service = std::move(service);
  out.open = open;
  out.opened_at = base::from_us(std::int64_t(number) * 1'000'000);
  out.closed_at = open ? flow::kNever : out.opened_at;
  out.place = PublicPlace{lon_deg, 30, 0};
  return out;
}

TEST(PublicBoard, ListsNewestFirstByWhatIsAsked) {
  PublicBoard board;
  for (int i = 1; i <= 100; ++i) board.put(public_case(i, 120 + i * 0.001, i % 2 == 0, i % 5 == 0 ? "light" : "other"));
  std::size_t total = 0;
  auto page = board.list({}, 0, 3, &total);
  EXPECT_EQ(total, 50U);
  ASSERT_EQ(page.size(), 3U);
  EXPECT_EQ(page[0]->code, "0100");
  EXPECT_EQ(board.list({}, 48, 10, &total).size(), 2U);
  BoardQuestion wanted;
  wanted.state = BoardQuestion::State::all;
  wanted.service = "light";
  wanted.box = Box{120.0405, 29, 120.0605, 31};
  page = board.list(wanted, 0, 100, &total);
  EXPECT_EQ(total, 4U);  // 45, 50, 55, 60
  wanted = {
      .state = BoardQuestion::State::closed, .since = base::from_us(90'000'000), .until = base::from_us(95'000'000)};
  EXPECT_EQ(board.list(wanted, 0, 100, &total).size(), 3U);  // 91, 93, 95
  const auto before = board.version();
  board.put(public_case(100, 121, false));
  EXPECT_NE(board.version(), before);
  EXPECT_EQ(board.size(), 100U);
  board.erase(public_case(99, 0, true).id);
  EXPECT_FALSE(board.find("0099"));
  board.erase_closed_before(base::from_us(50'000'000));
  EXPECT_FALSE(board.find("0049"));
  EXPECT_TRUE(board.find("0051"));
  EXPECT_TRUE(board.find("0002"));  // open, however old
}

TEST(PublicBoard, NearIsByDistanceAndOfOpenOnesOnly) {
  PublicBoard board;
  board.put(public_case(1, 120.0010, true));   // 96 m
  board.put(public_case(2, 120.0005, true));   // 48 m
  board.put(public_case(3, 120.0001, false));  // ended
  board.put(public_case(4, 120.0100, true));   // 960 m
  const auto near = board.near(120, 30, 200, "", 10);
  ASSERT_EQ(near.size(), 2U);
  EXPECT_EQ(near[0].first->code, "0002");
  EXPECT_NEAR(near[0].second, 48.2, 0.5);
  EXPECT_TRUE(board.near(120, 30, 200, "light", 10).empty());
  EXPECT_EQ(board.near(120, 30, 200, "", 1).size(), 1U);
}

TEST(PublicBoard, ABoxIsFourNumbersInOrder) {
  EXPECT_TRUE(Box::parse("120.1,30,120.2,30.5"));
  for (const char* wrong : {"", "1,2,3", "1,2,3,4,5", "2,0,1,1", "a,b,c,d", "1,2,3,nan", "1,2,3,4 "})
    EXPECT_FALSE(Box::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace cityloop::civic
