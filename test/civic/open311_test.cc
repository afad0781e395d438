// Open311 GeoReport v2, word by word.
#include "civic_city.h"
#include "photos.h"

namespace cityloop::civic {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kXmlHead = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

class Open311Test : public CivicCity {
 protected:
  void SetUp() override {
    CivicCity::SetUp();
    key_ = token("open311");
  }
  std::string form(std::string more) const {
    return fmt::format("api_key={}&jurisdiction_id=testville&{}", key_, more);
  }
  Response post_form(const std::string& body, const char* format = "json") {
    return ask(Method::post, fmt::format("/open311/v2/requests.{}", format), body, {.type = kForm});
  }
  std::string key_;
};

TEST_F(Open311Test, ServicesAndTheirDefinitionsInBothForms) {
  const Response xml = ask(Method::get, "/open311/v2/services.xml?locale=en");
  EXPECT_EQ(xml.content_type, "text/xml; charset=utf-8");
  EXPECT_EQ(xml.body.substr(0, xml.body.find("<service><service_code>noise")),
            std::string(kXmlHead) +
                "<services><service><service_code>light</service_code><service_name>Street light</service_name>"
                "<description>A light that is out</description><metadata>true</metadata><type>realtime</type>"
                "<keywords>lamp, 路灯</keywords><group>Streets</group></service>");
  const JsonValue services = json(Method::get, "/open311/v2/services.json?locale=zh-CN&jurisdiction_id=testville");
  ASSERT_EQ(services.array()->size(), 4U);
  EXPECT_EQ(services.array()->front().text_or("service_name", ""), "路灯");
  EXPECT_TRUE(services.array()->front().boolean_or("metadata", false));
  EXPECT_FALSE(services.array()->at(1).boolean_or("metadata", true));
  EXPECT_EQ(ask(Method::get, "/open311/v2/services/light.xml?locale=en").body,
            std::string(kXmlHead) +
                "<service_definition><service_code>light</service_code><attributes><attribute><variable>true</variable>"
                "<code>what</code><datatype>singlevaluelist</datatype><required>false</required>"
                "<datatype_description></datatype_description><order>1</order><description>What</description>"
                "<values><value><key>out</key><name>Out</name></value></values></attribute></attributes>"
                "</service_definition>\n");
  const JsonValue definition = json(Method::get, "/open311/v2/services/light.json");
  EXPECT_EQ(definition.find("attributes")->array()->front().find("values")->array()->front().text_or("key", ""), "out");
}

TEST_F(Open311Test, DiscoveryNamesTheEndpoint) {
  const JsonValue found = json(Method::get, "/open311/v2/discovery.json");
  const JsonValue& endpoint = found.find("endpoints")->array()->front();
  EXPECT_EQ(endpoint.text_or("url", ""), "https://city.example/open311/v2");
  EXPECT_EQ(endpoint.find("formats")->array()->size(), 2U);
  EXPECT_THAT(ask(Method::get, "/open311/v2/discovery").body, HasSubstr("<discovery><changeset>"));
}

TEST_F(Open311Test, ErrorsAreInTheStandardsOwnForm) {
  EXPECT_EQ(ask(Method::get, "/open311/v2/services/none.xml").body,
            std::string(kXmlHead) +
                "<errors><error><code>404</code><description>service_code &#39;none&#39; is not known here"
                "</description></error></errors>\n");
  const Response json_error = ask(Method::get, "/open311/v2/requests/none.json");
  EXPECT_EQ(json_error.status, 404);
  EXPECT_EQ(JsonValue::parse(json_error.body)->array()->front().number_or("code", 0), 404);
  EXPECT_EQ(ask(Method::get, "/open311/v2/services.json?jurisdiction_id=elsewhere").status, 404);
  EXPECT_EQ(ask(Method::get, "/open311/v2/services.yaml").status, 404);
  EXPECT_EQ(ask(Method::get, "/open311/v2/nothing.xml").status, 404);
  EXPECT_EQ(ask(Method::post, "/open311/v2/services.xml", "", {.type = kForm}).status, 404);
}

TEST_F(Open311Test, ARequestIsPostedReadAndFoundByItsToken) {
  const Response response =
      post_form(form("service_code=light&lat=30.25&long=120.15&address_string=Main+Street+1"
                     "&description=It%20is%20out%20%26%20dark&attribute[what]=out&email=a%40example.com"
                     "&first_name=Ann&last_name=Li&phone=555&device_id=7"),
                "xml");
  EXPECT_EQ(response.status, 201) << response.body;
  const flow::Case one = cases().at(0);
  EXPECT_EQ(
      response.body.substr(0, response.body.find("<service_notice>")),
      std::string(kXmlHead) + "<service_requests><request><service_request_id>" + one.code + "</service_request_id>");
  EXPECT_THAT(response.body, HasSubstr("<service_notice>https://city.example/r/"));
  EXPECT_THAT(response.body, HasSubstr("<account_id></account_id>"));
  EXPECT_EQ(one.channel, "open311");
  EXPECT_EQ(one.address, "Main Street 1");
  EXPECT_THAT(one.description, HasSubstr("It is out & dark"));
  EXPECT_THAT(one.description, HasSubstr("Out"));
  civic_->settle();
  EXPECT_EQ(
      json(Method::get, "/api/v1/cases/" + std::string(one.id.text()) + "/contact", "", {.token = token("operator")})
          .text_or("name", ""),
      "Ann Li");

  const JsonValue list = json(Method::get, "/open311/v2/requests/" + one.code + ".json?locale=en");
  ASSERT_EQ(list.array()->size(), 1U);
  const JsonValue& shown = list.array()->front();
  EXPECT_EQ(shown.text_or("status", ""), "open");
  EXPECT_EQ(shown.text_or("status_notes", ""), "Received; waits to be looked at");
  EXPECT_EQ(shown.text_or("service_code", ""), "light");
  EXPECT_EQ(shown.text_or("requested_datetime", ""), "2026-05-01T08:00:00Z");
  EXPECT_NEAR(shown.number_or("lat", 0), 30.25, 1e-5);
  EXPECT_THAT(list.dump(), Not(HasSubstr("example.com")));
  EXPECT_THAT(list.dump(), Not(HasSubstr("Main Street")));  // an address may name a person's home
  const std::string number = one.opened_by.substr(8);
  EXPECT_EQ(ask(Method::get, "/open311/v2/tokens/" + number + ".xml").body,
            std::string(kXmlHead) + "<service_requests><request><service_request_id>" + one.code +
                "</service_request_id><token>" + number + "</token></request></service_requests>\n");
  EXPECT_EQ(ask(Method::get, "/open311/v2/tokens/0123456789abcdef.json").status, 404);
}

TEST_F(Open311Test, WhoHasNoKeyMayNotPost) {
  const std::string rest = "&service_code=light&lat=30.25&long=120.15&description=x";
  const std::string keys[] = {"", "nonsense", token("operator"), token("viewer")};
  for (const std::string& key : keys) {
    const Response response = post_form("api_key=" + key + rest);
    EXPECT_EQ(response.status, 403) << response.body;
  }
  ASSERT_TRUE(accounts_->disable("program:open311"));
  EXPECT_EQ(post_form("api_key=" + key_ + rest).status, 403);
  EXPECT_EQ(counter("civic_keys_refused"), 5);
  EXPECT_TRUE(cases().empty());
}

TEST_F(Open311Test, BadRequestsAreRefusedWithTheirReason) {
  const std::pair<std::string, int> wrong[] = {
      {"lat=30.25&long=120.15&description=x", 400},
      {"service_code=none&lat=30.25&long=120.15&description=x", 404},
      {"service_code=light&description=x", 400},
      {"service_code=light&lat=30.25&description=x", 400},
      {"service_code=light&lat=north&long=120&description=x", 400},
      {"service_code=light&lat=55.7&long=12.5&description=x", 400},
      {"service_code=light&lat=30.25&long=120.15", 400},
      {"service_code=light&lat=30.25&long=120.15&description=x&attribute[what]=none", 400},
      {"service_code=light&lat=30.25&long=120.15&description=x&email=none", 400},
      {"service_code=light&lat=30.25&long=120.15&description=%zz", 400},
      {"service_code=seen&lat=30.25&long=120.15&description=x", 400},
  };
  for (const auto& [body, status] : wrong) EXPECT_EQ(post_form(form(body)).status, status) << body;
  EXPECT_EQ(post_form("api_key=" + key_ + "&jurisdiction_id=elsewhere&service_code=light").status, 404);
  EXPECT_EQ(ask(Method::post, "/open311/v2/requests.json", "{}", {.type = "application/json"}).status, 415);
  EXPECT_TRUE(cases().empty());
}

TEST_F(Open311Test, AnAddressAloneWillDoAndAForeignPhotoIsNotFetched) {
  const Response response = post_form(form(
      "service_code=light&address_string=Main+Street+1&description=x&media_url=http%3A%2F%2F169.254.169.254%2Flatest"));
  EXPECT_EQ(response.status, 201) << response.body;
  const flow::Case one = cases().at(0);
  EXPECT_TRUE(one.media.empty());
  EXPECT_THAT(one.timeline.front().note, HasSubstr("media_url: http://169.254.169.254/latest"));
  civic_->settle();
  EXPECT_THAT(ask(Method::get, "/open311/v2/requests.json").body, Not(HasSubstr("169.254")));
  const std::string id = upload(jpeg_of(50, 50));
  EXPECT_EQ(
      post_form(
          form("service_code=seen&lat=30.25&long=120.15&description=x&media_url=https://city.example/public/v1/media/" +
               id))
          .status,
      201);
  EXPECT_EQ(cases().back().media.size(), 1U);
}

TEST_F(Open311Test, ListsByEveryFilter) {
  for (int day = 0; day < 100; ++day) {
    clock_.advance_to(base::parse_time("2026-05-01T08:00:00Z").value() + std::chrono::hours(24 * day));
    ASSERT_EQ(post_form(form(fmt::format("service_code={}&lat=30.25&long=120.15&description=day{}",
                                         day % 2 ? "light" : "other", day)))
                  .status,
              201);
  }
  civic_->settle();
  const auto count = [&](const std::string& query) {
    return json(Method::get, "/open311/v2/requests.json?" + query).array()->size();
  };
  EXPECT_EQ(count(""), 91U);  // the last 90 days, both ends
  EXPECT_EQ(count("start_date=2026-05-01T00:00:00Z&end_date=2026-05-10T23:59:59Z"), 10U);
  EXPECT_EQ(count("start_date=2026-05-01T00:00:00Z"), 90U);
  EXPECT_EQ(count("end_date=2026-05-03T00:00:00Z"), 2U);
  EXPECT_EQ(ask(Method::get, "/open311/v2/requests.json?start_date=2026-05-01T00:00:00Z&end_date=2026-08-01T00:00:00Z")
                .status,
            400);
  EXPECT_EQ(ask(Method::get, "/open311/v2/requests.json?start_date=yesterday").status, 400);
  EXPECT_EQ(ask(Method::get, "/open311/v2/requests.json?status=lost").status, 400);
  EXPECT_EQ(count("service_code=light&end_date=2026-05-10T23:59:59Z"), 5U);
  EXPECT_EQ(count("service_code=light,other&end_date=2026-05-10T23:59:59Z"), 10U);
  EXPECT_EQ(count("service_code=noise"), 0U);
  EXPECT_EQ(count("status=closed"), 0U);
  EXPECT_EQ(count("status=open,closed"), 91U);
  EXPECT_EQ(count("page_size=40"), 40U);
  EXPECT_EQ(count("page_size=40&page=3"), 11U);
  EXPECT_EQ(count("service_code=light,other&page_size=40&page=3"), 11U);
  EXPECT_EQ(ask(Method::get, "/open311/v2/requests.json?page_size=0").status, 400);
  const auto all = cases();
  const std::string two = all[0].code + "," + all[99].code;
  EXPECT_EQ(count("service_request_id=" + two + "&status=closed"), 2U);  // named ones, whatever else is said
  act(std::string(all[99].id.text()), "refuse", {"operator"}, "", "", "no");
  EXPECT_EQ(count("status=closed"), 1U);
}

TEST_F(Open311Test, APrivateServiceTakesRequestsAndShowsNone) {
  EXPECT_EQ(post_form(form("service_code=noise&lat=30.25&long=120.15&description=neighbour")).status, 201);
  civic_->settle();
  EXPECT_EQ(json(Method::get, "/open311/v2/requests.json").array()->size(), 0U);
  EXPECT_EQ(ask(Method::get, "/open311/v2/requests/" + cases()[0].code + ".json").status, 404);
}

}  // namespace
}  // namespace cityloop::civic
