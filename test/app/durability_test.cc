// What the disk does, as a client of the standard API sees it: full, failing at any step, damaged, copied, not yet
// loaded.
#include <cerrno>
#include <fstream>

#include <gmock/gmock.h>

#include "app/commands.h"
#include "app/loading_server.h"
#include "net/client.h"
#include "serve/city.h"
#include "test/app/broker_fixture.h"

namespace cityloop::app {
namespace {

using net::Method;
using testing::HasSubstr;

// A disk that can be made to fail: always, or once at its nth step.
struct Trouble {
  std::atomic<int> error{0}, countdown{-1}, steps{0};

  TenantOptions options() {
    return {.durability = store::Durability::flushed,
            .keep_log = {},
            .faults = [this](store::DiskStep, std::string_view path) {
              if (path.find("/log/") == path.npos) return 0;
              ++steps;
              if (error) return error.load();
              return countdown.fetch_sub(1) == 0 ? EIO : 0;
            }};
  }
};

net::Response send(BrokerFixture& broker, Method method, std::string path, std::string body = {}) {
  net::Request request;
  request.method = method;
  request.path = "/ngsi-ld/v1" + path;
  if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
  request.body = std::move(body);
  return broker.ask(std::move(request));
}

std::string bus(int which, double speed) {
  return fmt::format(R"({{"id":"urn:ngsi-ld:Bus:{}","type":"Bus","speed":{{"type":"Property","value":{}}}}})", which,
                     speed);
}

std::string path_of(int which) {
  return fmt::format("/entities/urn:ngsi-ld:Bus:{}", which);
}

const std::string kSubscription =
    R"({"id":"urn:s:1","type":"Subscription","entities":[{"type":"Bus"}],"notification":{"endpoint":{"uri":"http://127.0.0.1:9/n"}}})";

TEST(DurableBroker, AFullDiskRefusesEveryWriteByNameWhileReadsGoOnAndRecovers) {
  Trouble trouble;
  BrokerFixture broker("full-disk", trouble.options());
  ASSERT_EQ(send(broker, Method::post, "/entities", bus(1, 10)).status, 201);
  trouble.error = ENOSPC;
  const std::tuple<Method, std::string, std::string> writes[] = {
      {Method::post, "/entities", bus(2, 20)},
      {Method::put, path_of(1), bus(1, 20)},
      {Method::patch, path_of(1), R"({"speed":20})"},
      {Method::del, path_of(1), ""},
      {Method::post, path_of(1) + "/attrs", R"({"speed":{"type":"Property","value":20}})"},
      {Method::patch, path_of(1) + "/attrs", R"({"speed":{"type":"Property","value":20}})"},
      {Method::patch, path_of(1) + "/attrs/speed", R"({"type":"Property","value":20})"},
      {Method::del, path_of(1) + "/attrs/speed", ""},
      {Method::post, "/entityOperations/upsert", "[" + bus(1, 20) + "," + bus(2, 20) + "]"},
      {Method::post, "/entityOperations/create", "[" + bus(2, 20) + "]"},
      {Method::post, "/entityOperations/delete", R"(["urn:ngsi-ld:Bus:1"])"},
      {Method::post, "/subscriptions", kSubscription},
  };
  for (const auto& [method, path, body] : writes) {
    const net::Response refused = send(broker, method, path, body);
    EXPECT_EQ(refused.status, 507) << to_string(method) << " " << path << "\n" << refused.body;
    EXPECT_THAT(refused.body, HasSubstr("https://uri.etsi.org/ngsi-ld/errors/")) << path;
    EXPECT_THAT(refused.body, HasSubstr("the disk is full")) << path;
  }
  const net::Response read = send(broker, Method::get, path_of(1));
  EXPECT_EQ(read.status, 200);
  EXPECT_THAT(read.body, HasSubstr(R"("value":10)"));
  EXPECT_EQ(send(broker, Method::get, path_of(2)).status, 404);
  EXPECT_EQ(send(broker, Method::get, "/subscriptions/urn:s:1").status, 404);
  EXPECT_THAT(broker.city().twin.trouble(), HasSubstr("full"));
  trouble.error = 0;
  EXPECT_EQ(send(broker, Method::post, "/entities", bus(2, 20)).status, 201);
  EXPECT_EQ(send(broker, Method::post, "/subscriptions", kSubscription).status, 201);
  EXPECT_EQ(broker.city().twin.trouble(), "");
  broker.close();
  broker.open();
  EXPECT_THAT(send(broker, Method::get, path_of(1)).body, HasSubstr(R"("value":10)"));
  EXPECT_EQ(send(broker, Method::get, path_of(2)).status, 200);
  EXPECT_EQ(send(broker, Method::get, "/subscriptions/urn:s:1").status, 200);
}

// The nth write or flush fails, for every n that a few requests take: what was acknowledged is there, what was refused
// is not, before a restart and after it.
TEST(DurableBroker, WhicheverStepOfTheDiskFailsTheAnswerIsTrue) {
  Trouble trouble;
  BrokerFixture broker("nth-step", trouble.options());
  int which = 0, refused = 0;
  std::vector<int> there, not_there;
  for (int n = 0; n < 24; ++n) {
    trouble.countdown = n % 8;
    for (int i = 0; i < 4; ++i) {
      ++which;
      const net::Response answer = send(broker, Method::post, "/entities", bus(which, which));
      ASSERT_TRUE(answer.status == 201 || answer.status == 503) << answer.status << answer.body;
      (answer.status == 201 ? there : not_there).push_back(which);
      refused += answer.status == 503;
    }
    trouble.countdown = -1;
  }
  EXPECT_GT(refused, 5);
  const auto check = [&] {
    for (const int id : there) EXPECT_EQ(send(broker, Method::get, path_of(id)).status, 200) << id;
    for (const int id : not_there) EXPECT_EQ(send(broker, Method::get, path_of(id)).status, 404) << id;
  };
  check();
  broker.close();
  broker.open();
  check();
}

class CopiedBroker : public testing::Test {
 protected:
  CopiedBroker() {
    for (int i = 0; i < 50; ++i) EXPECT_EQ(send(broker_, Method::post, "/entities", bus(i, i)).status, 201);
    EXPECT_EQ(send(broker_, Method::post, "/subscriptions", kSubscription).status, 201);
    net::Request request;
    request.method = Method::post;
    request.path = "/ngsi-ld/v1/entities";
    request.headers = {{"content-type", "application/json"}, {"ngsild-tenant", "north"}};
    request.body = bus(1, 99);
    EXPECT_EQ(broker_.ask(std::move(request)).status, 201);
  }
  ~CopiedBroker() override {
    std::filesystem::remove_all(copy());
    std::filesystem::remove_all(restored());
  }
  std::string data() const { return broker_.folder().string(); }
  std::string copy() const { return data() + "-copy"; }
  std::string restored() const { return data() + "-restored"; }

  BrokerFixture broker_{"copied"};
};

TEST_F(CopiedBroker, ACopyOfARunningBrokerIsABrokerOfItsOwn) {
  ASSERT_TRUE(back_up({.data = data(), .folder = copy()}));
  ASSERT_EQ(send(broker_, Method::del, path_of(1)).status, 204);
  const base::Status again = back_up({.data = data(), .folder = copy()});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("is there already"));
  ASSERT_TRUE(restore({.data = restored(), .folder = copy()}));
  ASSERT_TRUE(check_data({.data = restored(), .folder = ""}));
  broker_.close();
  std::filesystem::remove_all(data());
  std::filesystem::rename(restored(), data());
  broker_.open();
  EXPECT_EQ(send(broker_, Method::get, path_of(1)).status, 200) << "as it was when the copy was made";
  EXPECT_EQ(send(broker_, Method::get, path_of(49)).status, 200);
  EXPECT_EQ(send(broker_, Method::get, "/subscriptions/urn:s:1").status, 200);
  net::Request request;
  request.path = "/ngsi-ld/v1" + path_of(1);
  request.headers = {{"ngsild-tenant", "north"}};
  EXPECT_THAT(broker_.ask(std::move(request)).body, HasSubstr(R"("value":99)"));
}

TEST_F(CopiedBroker, AFlippedByteIsFoundAndNamedAndNoCopyIsMadeOfIt) {
  broker_.close();
  ASSERT_TRUE(check_data({.data = data(), .folder = ""}));
  std::filesystem::path journal;
  for (const auto& entry : std::filesystem::directory_iterator(data() + "/store/log")) journal = entry.path();
  const auto middle = std::streamoff(std::filesystem::file_size(journal) / 2);
  std::fstream file(journal, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(middle);
  const char was = char(file.get());
  file.seekp(middle);
  file.put(char(was ^ 0x10));
  file.close();
  const base::Status found = check_data({.data = data(), .folder = ""});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, base::Errc::corrupt);
  const base::Status copied = back_up({.data = data(), .folder = copy()});
  ASSERT_FALSE(copied);
  EXPECT_THAT(copied.error().message, HasSubstr("store/log"));
}

TEST_F(CopiedBroker, ANewerFormatIsRefusedAndAnOlderOneSaysWhatToDo) {
  broker_.close();
  const std::string store = data() + "/store";
  std::ofstream(store + "/FORMAT") << "99\n";
  const auto newer = TenantHouse::make("", store, {});
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, base::Errc::unsupported);
  EXPECT_THAT(newer.error().message, HasSubstr("newer cityloop"));
  std::filesystem::remove_all(store);
  std::filesystem::create_directories(store);
  std::ofstream(store + "/CURRENT") << "MANIFEST-000001\n";
  const auto older = TenantHouse::make("", store, {});
  ASSERT_FALSE(older);
  EXPECT_THAT(older.error().message, testing::AllOf(HasSubstr("format 1"), HasSubstr("/ngsi-ld/v1/entities")));
}

TEST(KeepLog, IsSaidInCityTomlAndAMistakeIsNamed) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("cityloop-keep-log-{}.toml", ::getpid());
  const auto city = [&](std::string_view log) {
    std::ofstream(file) << "name = {en = \"Test\", zh = \"测试\"}\ncenter = [10.2, 56.2]\n" << log;
    return serve::City::load(file.string());
  };
  EXPECT_TRUE(city("").value().keep_log.keeps_all());
  const auto said = city("[log]\nkeep = \"90d\"\nkeep_gb = 0.5\nmax_gb = 2\n");
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->keep_log.keep_for, std::chrono::days(90));
  EXPECT_EQ(said->keep_log.keep_bytes, 512u << 20);
  EXPECT_EQ(said->keep_log.bytes_max, 2ull << 30);
  for (const std::string_view wrong : {"[log]\nkeep = \"long\"\n", "[log]\nkeep_gb = -1\n",
                                       "[log]\nkeep_gb = 5\nmax_gb = 1\n", "[log]\nforever = true\n"}) {
    const auto refused = city(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_THAT(refused.error().message, HasSubstr(".toml:")) << wrong;
  }
  std::filesystem::remove(file);
}

TEST(LoadingServer, SaysHowFarItIsToWhoeverAsksAndLeavesThePortToTheRealOne) {
  auto loading = LoadingServer::start({}).value();
  const std::uint16_t port = loading->port();
  net::HttpClient client;
  const auto ask = [&](Method method, std::string_view path, std::string body = {}) {
    net::OutgoingRequest request;
    request.method = method;
    request.url = fmt::format("http://127.0.0.1:{}{}", port, path);
    request.body = std::move(body);
    return client.send(std::move(request)).value();
  };
  const auto tell = loading->listener();
  twin::LoadProgress progress;
  progress.entities = 800'000;
  progress.entities_expected = 1'000'000;
  progress.records_expected = 35'000;
  progress.seconds = 1.2;
  tell(progress);
  for (const std::string_view path :
       {"/", "/healthz", "/ngsi-ld/v1/entities?type=Bus", "/ngsi-ld/v1/entities/urn:x:1/attrs"}) {
    const net::Response answer = ask(Method::get, path);
    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_EQ(answer.content_type, "application/problem+json") << path;
    const auto retry = std::ranges::find_if(answer.headers, [](const auto& header) {
      return header.first == "Retry-After" || header.first == "retry-after";
    });
    ASSERT_NE(retry, answer.headers.end());
    EXPECT_EQ(retry->second, "1");
    const auto body = base::JsonValue::parse(answer.body).value();
    EXPECT_THAT(body.text_or("detail", ""), HasSubstr("800000 of 1000000 entities, 0 of 35000 log records"));
    EXPECT_EQ(body.number_or("entities", 0), 800'000);
    EXPECT_EQ(body.number_or("entitiesExpected", 0), 1'000'000);
  }
  for (const Method method : {Method::post, Method::put, Method::patch, Method::del}) {
    EXPECT_EQ(ask(method, "/ngsi-ld/v1/entities", method == Method::del ? "" : bus(1, 1)).status, 503)
        << to_string(method);
  }
  progress.entities = 900'000;
  tell(progress);
  EXPECT_THAT(ask(Method::get, "/").body, HasSubstr("900000 of 1000000"));
  loading.reset();
  tell(progress);  // nobody listens any more, and nothing breaks
  net::Router router;
  router.add(Method::get, "/", [](const net::Request&, net::Reply reply) { reply(net::Response{}); });
  net::ServerOptions options;
  options.port = port;
  const auto server = net::HttpServer::start(options, std::move(router));
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(ask(Method::get, "/").status, 200);
}

}  // namespace
}  // namespace cityloop::app
