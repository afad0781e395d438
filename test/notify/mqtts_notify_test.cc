// Notifications by MQTT over TLS (ETSI GS CIM 009, clause 7): to a real broker that shows a certificate and asks for a
// name and a password, which stand in the address.
#include <gmock/gmock.h>

#include "net/mqtt.h"
#include "test/net/broker.h"
#include "test/net/certificate.h"
#include "test/notify/notify_fixture.h"

namespace cityloop::notify {
namespace {

using net::Broker;
using net::Certificate;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kUser = "li wei";
constexpr const char* kPassword = "p@ss:word/1";
constexpr const char* kPlain = R"("entities":[{"type":"TrafficFlowObserved"}])";

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A file of names and passwords as mosquitto reads it.
class PasswordFile {
 public:
  static constexpr const char* kProgram = "/usr/bin/mosquitto_passwd";
  PasswordFile() : path_(std::filesystem::temp_directory_path() / fmt::format("cityloop-passwd-{}", ::getpid())) {
    const std::string path = path_.string();
    const char* arguments[] = {kProgram, "-b", "-c", path.c_str(), kUser, kPassword, nullptr};
    pid_t pid = 0;
    if (::posix_spawn(&pid, kProgram, nullptr, nullptr, const_cast<char* const*>(arguments), environ) != 0) return;
    int status = 0;
    made_ = ::waitpid(pid, &status, 0) == pid && status == 0;
  }
  ~PasswordFile() { std::filesystem::remove(path_); }
  PasswordFile(const PasswordFile&) = delete;
  bool made() const { return made_; }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
  bool made_{false};
};

class MqttsNotifyTest : public NotifyFixture {
 protected:
  void SetUp() override {
    if (!Broker::available() || !std::filesystem::exists(PasswordFile::kProgram)) {
      GTEST_SKIP() << "no mosquitto on this machine (apt install mosquitto)";
    }
    ASSERT_TRUE(passwords_.made());
    // What the machine trusts: the right one, and one that is for another name.
    trusted_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-trusted-{}.pem", ::getpid());
    std::ofstream(trusted_) << text_of(right_.certificate_file()) << text_of(misnamed_.certificate_file());
    ::setenv("SSL_CERT_FILE", trusted_.c_str(), 1);
  }
  void TearDown() override {
    stop();
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove(trusted_);
  }
  std::unique_ptr<Broker> broker(const Certificate& with) const {
    return Broker::start(fmt::format("allow_anonymous false\npassword_file {}\ncertfile {}\nkeyfile {}",
                                     passwords_.path(), with.certificate_file(), with.key_file()));
  }
  // Who hears all that is published at a broker.
  class Listener {
   public:
    Listener(const Broker& at, const Certificate& with, const char* name) {
      net::MqttOptions options;
      options.port = at.port();
      options.client_id = fmt::format("listener-{}-{}", name, ::getpid());
      options.user = kUser;
      options.password = kPassword;
      options.ca_file = with.certificate_file();
      options.subscriptions = {"city/#"};
      options.on_messages = [this](std::vector<net::MqttMessage> batch) {
        const std::lock_guard lock(mutex_);
        for (auto& message : batch) heard_.push_back(std::move(message));
        return true;
      };
      client_ = net::MqttClient::start(std::move(options)).value();
    }
    bool connected() const { return client_->connected(); }
    std::vector<net::MqttMessage> heard() const {
      const std::lock_guard lock(mutex_);
      return heard_;
    }

   private:
    mutable std::mutex mutex_;
    std::vector<net::MqttMessage> heard_;
    std::unique_ptr<net::MqttClient> client_;
  };
  static std::string url(const Broker& at, std::string_view password = "p%40ss%3Aword%2F1") {
    return fmt::format("mqtts://li%20wei:{}@127.0.0.1:{}/city/speed", password, at.port());
  }

  const Certificate right_, stranger_;
  const Certificate misnamed_{"DNS:elsewhere.example"};
  const PasswordFile passwords_;
  std::filesystem::path trusted_;
};

TEST_F(MqttsNotifyTest, ATrustedBrokerIsToldWithNameAndPasswordOfTheAddress) {
  const auto trusted = broker(right_);
  ASSERT_TRUE(trusted);
  Listener listener(*trusted, right_, "right");
  ASSERT_TRUE(soon([&] { return listener.connected(); }));
  start();
  for (const char* version : {"mqtt3.1.1", "mqtt5.0"}) {
    subscribe(definition(fmt::format("urn:s:{}", version), url(*trusted), kPlain,
                         fmt::format(R"("receiverInfo":[{{"key":"X-Key","value":"open"}}],
            "notifierInfo":[{{"key":"MQTT-Version","value":"{}"}},{{"key":"MQTT-QoS","value":"1"}}])",
                                     version)));
  }
  for (int i = 0; i < 10; ++i) speed(i);
  ASSERT_TRUE(soon([&] { return listener.heard().size() >= 20; })) << status("urn:s:mqtt5.0").last_error;
  std::map<std::string, std::vector<double>> values;
  for (const net::MqttMessage& message : listener.heard()) {
    EXPECT_EQ(message.topic, "city/speed");
    const auto payload = base::JsonValue::parse(message.payload).value();
    EXPECT_EQ(payload.find("metadata")->text_or("X-Key", ""), "open");
    const base::JsonValue& body = *payload.find("body");
    const auto& entity = body.find("data")->array()->front();
    values[body.text_or("subscriptionId", "")].push_back(entity.find("speed")->number_or("value", -1));
  }
  EXPECT_EQ(values.size(), 2u);
  for (const auto& [id, mine] : values) EXPECT_THAT(mine, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)) << id;
}

TEST_F(MqttsNotifyTest, NobodyIsToldWhoseCertificateOrPasswordIsWrong) {
  const auto trusted = broker(right_), unknown = broker(stranger_), renamed = broker(misnamed_);
  ASSERT_TRUE(trusted && unknown && renamed);
  const Listener at_stranger(*unknown, stranger_, "stranger");
  ASSERT_TRUE(soon([&] { return at_stranger.connected(); }));
  start();
  const std::map<std::string, std::string> urls{
      {"urn:s:stranger", url(*unknown)}, {"urn:s:renamed", url(*renamed)}, {"urn:s:guess", url(*trusted, "guess")}};
  for (const auto& [id, where] : urls) subscribe(definition(id, where, kPlain, R"("timeout":2000)"));
  speed(1);
  for (const auto& [id, where] : urls) {
    EXPECT_TRUE(soon([&] { return status(id).times_failed >= 2; })) << id;
    const DeliveryStatus now = status(id);
    EXPECT_EQ(now.pending, 1u) << id << ": it is kept until there is somebody to trust";
    EXPECT_EQ(now.last_success, flow::kNever) << id;
    EXPECT_THAT(now.last_error, Not(HasSubstr("guess"))) << id;
    EXPECT_THAT(now.last_error, Not(HasSubstr(kPassword))) << id;
  }
  EXPECT_THAT(status("urn:s:stranger").last_error, HasSubstr("TLS"));
  EXPECT_THAT(status("urn:s:renamed").last_error, HasSubstr("TLS"));
  EXPECT_THAT(status("urn:s:guess").last_error, testing::ContainsRegex("[Nn]ot authori[sz]ed"));
  EXPECT_TRUE(at_stranger.heard().empty());
}

}  // namespace
}  // namespace cityloop::notify
